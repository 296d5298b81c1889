// The dependency rules of .dependency-cruiser.mjs hold, and they can fail: a planted break of each kind is caught.
import { mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PROJECT_ROOT } from '../../scripts/launch/settings.ts';

interface Cruise {
  readonly modules: number;
  readonly violations: readonly string[];
}

const TOOL = path.join(PROJECT_ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
const FOLDERS = ['verifier', 'client', 'api/src', 'scripts', 'test', 'hardhat.config.ts'];

function cruise(root: string): Cruise {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [TOOL, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...FOLDERS],
    { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, env: { ...process.env, NODE_OPTIONS: '' } },
  );
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser failed: ${stderr}${stdout.slice(0, 500)}`);
  const result = JSON.parse(stdout) as {
    summary: { totalCruised: number; violations: { rule: { name: string }; from: string; to: string }[] };
  };
  return {
    modules: result.summary.totalCruised,
    violations: result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
  };
}

describe('the tree as it is', () => {
  test('has no forbidden import, and was really read', () => {
    const { modules, violations } = cruise(PROJECT_ROOT);
    expect(violations).toEqual([]);
    expect(modules).toBeGreaterThan(150);
  });
});

describe('a planted break', () => {
  let copy: string;

  beforeAll(() => {
    copy = mkdtempSync(path.join(tmpdir(), 'medanchor-rules-'));
    for (const file of [
      '.dependency-cruiser.mjs',
      'package.json',
      'tsconfig.base.json',
      'hardhat.config.ts',
      'verifier',
      'client',
      'api',
      'scripts',
      'contracts',
    ]) {
      cpSync(path.join(PROJECT_ROOT, file), path.join(copy, file), {
        recursive: true,
        filter: (from) => !/(^|\/)(dist|node_modules)$/.test(from),
      });
    }
    symlinkSync(path.join(PROJECT_ROOT, 'node_modules'), path.join(copy, 'node_modules'));
    // The copy borrows node_modules through a link, which must not lead out of the copy.
    const config = path.join(copy, '.dependency-cruiser.mjs');
    writeFileSync(config, readFileSync(config, 'utf8').replace('options: {', 'options: { preserveSymlinks: true,'));
    mkdirSync(path.join(copy, 'test'));
    writeFileSync(path.join(copy, 'test', 'anything.ts'), 'export const anything = 1;\n');
    const plant = (file: string, text: string): void => {
      mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
      writeFileSync(path.join(copy, file), text);
    };
    plant('verifier/src/planted.ts', "import { readFileSync } from 'node:fs';\nexport const planted = readFileSync;\n");
    plant(
      'verifier/src/planted-up.ts',
      "export type { Config } from '../../api/src/platform/config/config.schema.ts';\n",
    );
    plant('client/src/planted.ts', "import { readFileSync } from 'node:fs';\nexport const planted = readFileSync;\n");
    plant(
      'client/src/planted-up.ts',
      "export type { Config } from '../../api/src/platform/config/config.schema.ts';\n",
    );
    plant(
      'api/src/platform/planted.ts',
      "import type { State } from '../ledger/model.ts';\nexport type Planted = State;\n",
    );
    plant(
      'api/src/ledger/planted.ts',
      "import type { RecordsService } from '../records/records.service.ts';\nexport type Planted = RecordsService;\n",
    );
    plant('api/src/ledger/checkpoint/planted.ts', "export { AnchorService } from '../anchor/anchor.service.ts';\n");
    plant('api/src/ledger/store/planted.ts', "export { planBatch } from '../append/append.rules.ts';\n");
    plant('api/src/records/planted.ts', "export { PgEntryStore } from '../ledger/store/entry-store.pg.ts';\n");
    plant('api/src/records/planted-area.ts', "export { Source } from '../identity/source.entity.ts';\n");
    plant(
      'api/src/ledger/confirm/planted.rules.ts',
      "import { Injectable } from '@nestjs/common';\nexport const planted = Injectable;\n",
    );
    plant('api/src/ledger/planted-a.ts', "import { b } from './planted-b.ts';\nexport const a = (): unknown => b;\n");
    plant('api/src/ledger/planted-b.ts', "import { a } from './planted-a.ts';\nexport const b = (): unknown => a;\n");
    plant('scripts/planted.ts', "export { anything } from '../test/anything.ts';\n");
  });

  afterAll(() => {
    rmSync(copy, { recursive: true, force: true });
  });

  test('of each rule is caught, `import type` included', () => {
    const { violations } = cruise(copy);
    const planted = violations.filter((line) => line.includes('planted')).map((line) => line.split(' → ')[0]);
    expect(planted).toEqual(
      expect.arrayContaining([
        'verifier-is-pure: verifier/src/planted.ts',
        'verifier-knows-nobody: verifier/src/planted-up.ts',
        'client-is-portable: client/src/planted.ts',
        'client-knows-the-verifier-only: client/src/planted-up.ts',
        'platform-is-lowest: api/src/platform/planted.ts',
        'ledger-not-upwards: api/src/ledger/planted.ts',
        'stages-do-not-see-each-other: api/src/ledger/checkpoint/planted.ts',
        'store-and-chain-know-no-stage: api/src/ledger/store/planted.ts',
        'ledger-through-its-front-door: api/src/records/planted.ts',
        'only-the-module-sees-adapters: api/src/records/planted.ts',
        'areas-through-front-doors: api/src/records/planted-area.ts',
        'rules-and-ports-are-framework-free: api/src/ledger/confirm/planted.rules.ts',
        'no-cycles: api/src/ledger/planted-a.ts',
        'production-never-imports-test: scripts/planted.ts',
      ]),
    );
  });
});
