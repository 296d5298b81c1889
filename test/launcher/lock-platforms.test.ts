// package-lock.json must serve every platform, whatever the registry of the machine that wrote it could show.

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { completePlatforms, parseLock, platformOf } from '../../scripts/check/lock-platforms.ts';

test('the committed lock file names the native packages of every platform', () => {
  const lock = parseLock(readFileSync('package-lock.json', 'utf8'));
  expect(Object.keys(lock.packages).length).toBeGreaterThan(500);
  expect(completePlatforms(lock).added).toEqual([]);
  expect(lock.packages['node_modules/@nomicfoundation/edr-darwin-arm64']).toMatchObject({
    cpu: ['arm64'],
    os: ['darwin'],
  });
});

test('a missing platform is added beside the others, as optional as its owner', () => {
  const lock = parseLock(
    JSON.stringify({
      packages: {
        '': {},
        'node_modules/tool': {
          version: '1.2.3',
          dev: true,
          optionalDependencies: { 'tool-linux-x64-gnu': '1.2.3', 'tool-darwin-arm64': '1.2.3' },
        },
        'node_modules/tool/node_modules/tool-linux-x64-gnu': { version: '1.2.3' },
      },
    }),
  );
  const { lock: complete, added } = completePlatforms(lock);
  expect(added).toEqual(['tool-darwin-arm64@1.2.3']);
  expect(complete.packages['node_modules/tool-darwin-arm64']).toEqual({
    version: '1.2.3',
    cpu: ['arm64'],
    os: ['darwin'],
    dev: true,
    optional: true,
  });
});

test('a range cannot be completed', () => {
  const lock = parseLock(
    JSON.stringify({ packages: { 'node_modules/tool': { optionalDependencies: { 'tool-linux-x64': '^1.0.0' } } } }),
  );
  expect(() => completePlatforms(lock)).toThrow('cannot complete tool-linux-x64@^1.0.0 of node_modules/tool');
});

test.each([
  ['@oxlint/binding-linux-arm64-musl', { cpu: ['arm64'], os: ['linux'], libc: ['musl'] }],
  ['@swc/core-linux-arm-gnueabihf', { cpu: ['arm'], os: ['linux'], libc: ['glibc'] }],
  ['@swc/core-win32-x64-msvc', { cpu: ['x64'], os: ['win32'] }],
  ['@oxlint-tsgolint/darwin-x64', { cpu: ['x64'], os: ['darwin'] }],
  ['@parcel/watcher-wasm', null],
])('the platform of %s', (name, platform) => {
  expect(platformOf(name)).toEqual(platform);
});
