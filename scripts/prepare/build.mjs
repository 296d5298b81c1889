// Compiles verifier, client and api. `tsc -b` knows by itself what is stale; with nothing to do it takes a fraction of a second.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { PrepareError } from './say.mjs';

const OUTPUTS = [
  'verifier/dist/src/index.js',
  'verifier/dist/cli/main.js',
  'client/dist/src/index.js',
  'api/dist/main.js',
  'api/dist/epoch.js',
  'api/dist/fsck.js',
  'api/dist/migrate.js',
  'api/dist/backup.js',
  'api/dist/restore.js',
];

/** @param {string} root */
export function build(root) {
  const tsc = path.join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
  // tsc trusts its own record and does not notice that somebody deleted what it made.
  const flags = isBuilt(root) ? [] : ['--force'];
  const result = spawnSync(process.execPath, [tsc, '-b', ...flags, 'verifier', 'client', 'api'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new PrepareError(`the build failed:\n\n${result.stdout}${result.stderr}`);
}

/** Whether there is a build at all, fresh or stale. @param {string} root */
export function isBuilt(root) {
  return OUTPUTS.every((output) => existsSync(path.join(root, output)));
}
