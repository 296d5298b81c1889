// node_modules exactly as the lock file says. No install script of any dependency is run: none is needed (native parts
// come as packages of their own, and PostgreSQL's links are made when it starts), and so nothing foreign runs unasked.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runNpm } from './npm.mjs';
import { linkAllPostgres } from './postgres-links.mjs';
import { explainNpm, heartbeat, say } from './say.mjs';

/** @param {string} root */
export function dependenciesAreCurrent(root) {
  const stamp = stampFile(root);
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === fingerprint(root);
  // Installed by hand: as good as ours when npm's own record of it says the same as the lock file.
  if (!matchesLockFile(root)) return false;
  try {
    writeFileSync(stamp, fingerprint(root));
  } catch {
    // Not ours to write: then this is found out anew each time.
  }
  return true;
}

/** @param {string} root */
export async function installDependencies(root) {
  let answers = 0;
  const locked = Object.values(readPackages(path.join(root, 'package-lock.json')));
  const total = locked.filter((wanted) => wanted.optional !== true || isForThisMachine(wanted)).length;
  const beat = heartbeat(
    'installing dependencies (the first time takes a minute)',
    () => `${answers} of about ${total} packages`,
  );
  try {
    const result = await runNpm(['ci', '--ignore-scripts', '--include=dev', '--include=optional'], {
      cwd: root,
      onLine: (line) => {
        if (/^npm http (fetch|cache) .*\.tgz/.test(line)) answers += 1;
      },
    });
    if (result.code !== 0) throw explainNpm('installing the dependencies', result.output);
    linkAllPostgres(root);
    writeFileSync(stampFile(root), fingerprint(root));
    say(`dependencies installed in ${beat.seconds()} s`);
  } finally {
    beat.stop();
  }
}

/** @param {string} root */
function stampFile(root) {
  return path.join(root, 'node_modules', '.medanchor-stamp');
}

/** Lock file and platform: a folder that was copied from another kind of machine has the wrong native parts. @param {string} root */
function fingerprint(root) {
  const hash = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  return `${hash} ${process.platform}-${process.arch} node-${process.versions.modules}\n`;
}

/** @param {string} root */
function matchesLockFile(root) {
  const record = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = readPackages(record);
  return Object.entries(readPackages(path.join(root, 'package-lock.json'))).every(([place, wanted]) => {
    if (!place.startsWith('node_modules/') || wanted.link === true) return true;
    const found = installed[place];
    if (found === undefined) return wanted.optional === true && !isForThisMachine(wanted);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockedPackage
 * @param {LockedPackage} wanted
 */
function isForThisMachine(wanted) {
  const suits = (/** @type {string[] | undefined} */ list, /** @type {string} */ own) =>
    list === undefined || list.includes(own);
  // An optional package without any restriction may be absent for reasons of its own.
  const restricted = wanted.os !== undefined || wanted.cpu !== undefined;
  return (
    restricted && suits(wanted.os, process.platform) && suits(wanted.cpu, process.arch) && suits(wanted.libc, 'glibc')
  );
}

/** @param {string} file @returns {Record<string, LockedPackage>} */
function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}
