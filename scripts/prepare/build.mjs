// Compiles verifier and api. `tsc -b` knows by itself what is stale; with nothing to do it takes a fraction of a second.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { PrepareError } from './say.mjs';

/** @param {string} root */
export function build(root) {
  const tsc = path.join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
  const result = spawnSync(process.execPath, [tsc, '-b', 'verifier', 'api'], { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) throw new PrepareError(`the build failed:\n\n${result.stdout}${result.stderr}`);
}
