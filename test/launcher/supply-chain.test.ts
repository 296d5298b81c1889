// What the project says of the packages that it is made of.

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readAudit } from '../../scripts/check/audit.ts';
import { PROJECT_ROOT } from '../../scripts/launch/settings.ts';
import { main as sbom } from '../../scripts/sbom.ts';

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string;
        readonly resolved?: string;
        readonly integrity?: string;
        readonly dev?: boolean;
        readonly optional?: boolean;
        readonly os?: readonly string[];
        readonly cpu?: readonly string[];
        readonly link?: boolean;
        readonly license?: string;
        readonly hasInstallScript?: boolean;
      }
    >
  >;
}

const lockText = readFileSync(path.join(PROJECT_ROOT, 'package-lock.json'));
const lock = JSON.parse(lockText.toString('utf8')) as Lock;
const packages = Object.entries(lock.packages).filter(
  ([place, { link }]) => place.includes('node_modules/') && link !== true,
);

/** Say it in a form that npm does not copy into the lock file: `licenses: [{ type: 'MIT' }]`. */
const OLD_FORM: Readonly<Record<string, string>> = { 'node_modules/memorystream': 'MIT' };

describe('the lock file', () => {
  test('names each package by its hash, but for those that only other machines need', () => {
    expect(packages.length).toBeGreaterThan(500);
    const bare = packages.filter(([, { integrity }]) => !(integrity ?? '').startsWith('sha512-'));
    const forThis = bare.filter(
      ([, { optional, os, cpu }]) => optional !== true || (os === undefined && cpu === undefined),
    );
    expect(forThis.map(([place]) => place)).toEqual([]);
    expect(bare.filter(([place]) => existsSync(path.join(PROJECT_ROOT, place))).map(([place]) => place)).toEqual([]);
  });

  test('takes nothing from anywhere but the registry', () => {
    const elsewhere = packages.filter(
      ([, { resolved }]) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'),
    );
    expect(elsewhere.map(([place]) => place)).toEqual([]);
  });

  test('every package of production has a licence that goes with Apache-2.0', () => {
    const allowed = /^\(?(MIT|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|Python-2\.0)\b/;
    const odd = packages
      .filter(([place, { dev }]) => dev !== true && existsSync(path.join(PROJECT_ROOT, place)))
      .map(([place, { license }]): [string, string] => [place, license ?? OLD_FORM[place] ?? 'none'])
      .filter(([, license]) => !allowed.test(license));
    expect(odd).toEqual([]);
  });
});

test('the bill of materials is CycloneDX and names every package of production and the lock file', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-sbom-'));
  try {
    const file = path.join(folder, 'bom.json');
    expect(await sbom(['--to', file])).toBe(0);
    const bom = JSON.parse(readFileSync(file, 'utf8')) as {
      bomFormat: string;
      metadata: { component: { name: string }; properties: { name: string; value: string }[] };
      components: { name: string; version: string; hashes?: unknown[] }[];
    };
    expect([bom.bomFormat, bom.metadata.component.name]).toEqual(['CycloneDX', 'medanchor']);
    expect(bom.metadata.properties).toContainEqual({
      name: 'medanchor:package-lock:sha256',
      value: createHash('sha256').update(lockText).digest('hex'),
    });
    const named = new Set(bom.components.map(({ name, version }) => `${name}@${version}`));
    const { dependencies } = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.entries(dependencies).filter(([name, version]) => !named.has(`${name}@${version}`))).toEqual([]);
    // What only tests and builds need is not in it.
    expect([...named].filter((name) => /^(jest|knip|oxlint)@/.test(name))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

describe('advisories', () => {
  const metadata = { dependencies: { prod: 151 } };
  const finding = { name: 'left-pad', severity: 'high', range: '<1.0.0', via: ['GHSA'] };

  test('none is clean, a serious one is not, and a mild one does not stop a release', () => {
    const read = (vulnerabilities: unknown) =>
      readAudit({ stdout: JSON.stringify({ vulnerabilities, metadata }), stderr: '' });
    expect(read({})).toEqual({ result: 'clean', packages: 151 });
    expect(read({ 'left-pad': finding })).toEqual({ result: 'vulnerable', findings: ['high: left-pad <1.0.0'] });
    expect(read({ 'left-pad': { ...finding, severity: 'moderate' } })).toEqual({ result: 'clean', packages: 151 });
  });

  test('a registry that does not tell leaves the question open', () => {
    const refused = JSON.stringify({ message: '405 Method Not Allowed - POST …', error: { summary: '', detail: '' } });
    expect(readAudit({ stdout: refused, stderr: '' })).toEqual({
      result: 'unknown',
      reason: '405 Method Not Allowed - POST …',
    });
    expect(readAudit({ stdout: '', stderr: 'npm error network\nmore' })).toEqual({
      result: 'unknown',
      reason: 'npm error network',
    });
  });
});
