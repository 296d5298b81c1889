// Runs npm's own JavaScript under the Node that runs *us*. That matters: npm under an older Node silently leaves out
// optional packages that ask for a newer one, Hardhat's native part among them.

import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { PrepareError } from './say.mjs';

/** @returns {string} the path of npm-cli.js */
export function findNpm() {
  const beside = path.join(
    path.dirname(realpathSync(process.execPath)),
    '..',
    'lib',
    'node_modules',
    'npm',
    'bin',
    'npm-cli.js',
  );
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, 'npm'));
  for (const candidate of [process.env['npm_execpath'], ...onPath, beside]) {
    const script = candidate === undefined ? null : scriptOf(candidate);
    if (script !== null) return script;
  }
  throw new PrepareError('npm was not found. Install Node.js with npm (https://nodejs.org) and try again');
}

/** `npm` on the PATH is a link to npm-cli.js, or a shell script beside it. @param {string} candidate */
function scriptOf(candidate) {
  if (!existsSync(candidate)) return null;
  const real = realpathSync(candidate);
  const guesses = [
    real,
    path.join(path.dirname(real), 'npm-cli.js'),
    path.join(path.dirname(real), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    path.join(path.dirname(real), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  return guesses.find((guess) => path.basename(guess) === 'npm-cli.js' && existsSync(guess)) ?? null;
}

/**
 * @param {readonly string[]} args
 * @param {{ cwd: string, onLine: (line: string) => void }} options
 * @returns {Promise<{ code: number | null, output: string }>} output without the lines about single requests
 */
export function runNpm(args, { cwd, onLine }) {
  const child = spawn(process.execPath, [findNpm(), ...args, ...QUIET], {
    cwd,
    env: npmEnvironment(process.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  /** @type {string[]} */
  const kept = [];
  let rest = '';
  /** @param {Buffer} chunk */
  const take = (chunk) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      onLine(line);
      if (!/^npm http /.test(line) && kept.push(line) > 200) kept.shift();
    }
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: [...kept, rest].join('\n') }));
  });
}

// `http` makes npm print a line for each request, from which the progress is counted.
const QUIET = ['--loglevel=http', '--no-audit', '--no-fund', '--no-update-notifier', '--no-progress', '--color=false'];

/**
 * `npm start` hands its own settings down as variables; those about *where* to work must not reach the inner npm.
 * @param {NodeJS.ProcessEnv} environment
 */
export function npmEnvironment(environment) {
  const misleading =
    /^npm_config_(global|location|prefix|local_prefix|workspaces?|include_workspace_root|package_lock_only|dry_run|omit|only|production|dev|include)$/i;
  /** @type {NodeJS.ProcessEnv} */
  const clean = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!misleading.test(name) && name !== 'NODE_ENV' && name !== 'NODE_OPTIONS') clean[name] = value;
  }
  return clean;
}
