#!/usr/bin/env node
// The one entry point: `node scripts/medanchor.mjs COMMAND`. Runs on any Node from 18 on with nothing installed. It sees
// to the right Node, to node_modules and to the build, each only when it is missing or stale, and then runs the command.
// Only plain JavaScript and only built-in modules may be imported at the top of this file and in prepare/.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, isBuilt } from './prepare/build.mjs';
import { dependenciesAreCurrent, installDependencies } from './prepare/dependencies.mjs';
import { codeOf, messageOf } from './prepare/error-facts.mjs';
import { waitForLock } from './prepare/lock.mjs';
import { ensureNode, judgeNode, OLDEST_TO_LAUNCH } from './prepare/node-runtime.mjs';
import { watchNpm } from './prepare/npm-watch.mjs';
import { PrepareError, say } from './prepare/say.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
// Set for the second run, under the fetched Node, so that a wrong binary cannot make it go round for ever.
const SECOND_RUN = 'MEDANCHOR_RUNTIME';

/** @type {Readonly<Record<string, { script?: string, built: boolean }>>} */
const COMMANDS = {
  start: { script: 'scripts/start.ts', built: true },
  demo: { script: 'scripts/demo.ts', built: true },
  epoch: { script: 'scripts/epoch.ts', built: true },
  backup: { script: 'scripts/backup.ts', built: true },
  restore: { script: 'scripts/restore.ts', built: true },
  fsck: { script: 'scripts/fsck.ts', built: true },
  'rotate-kek': { script: 'scripts/rotate-kek.ts', built: true },
  deploy: { script: 'scripts/deploy.ts', built: false },
  test: { script: 'scripts/test.ts', built: true },
  bench: { script: 'scripts/bench.ts', built: true },
  soak: { script: 'scripts/soak.ts', built: true },
  sbom: { script: 'scripts/sbom.ts', built: false },
  audit: { script: 'scripts/audit.ts', built: false },
  build: { built: true },
};

/** The tests and the demo bring their own database and chain. */
const READS_DOT_ENV = new Set(['start', 'epoch', 'backup', 'restore', 'fsck', 'rotate-kek', 'deploy']);

const USAGE = `usage: node scripts/medanchor.mjs COMMAND [ARGUMENTS]
  ${Object.keys(COMMANDS).join(', ')}: as in package.json
  run SCRIPT.ts …   a script of this repository, after the same preparation
  exec TOOL …       a tool from node_modules/.bin, after the same preparation`;

async function main() {
  const [command = '', ...args] = process.argv.slice(2);
  const known = Object.hasOwn(COMMANDS, command) || ((command === 'run' || command === 'exec') && args.length > 0);
  if (!known) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  if (judgeNode(process.versions.node) === 'too-old') {
    throw new PrepareError(
      `Node ${process.versions.node} is too old to start with; any Node from ${OLDEST_TO_LAUNCH} on will do`,
    );
  }
  const node = process.env[SECOND_RUN] === process.execPath ? process.execPath : await ensureNode();
  // Under a fetched Node, its parent watches for it.
  if (process.env[SECOND_RUN] === undefined) watchNpm(() => process.kill(process.pid, 'SIGTERM'));
  if (node !== process.execPath) return await runAgainUnder(node);
  putNodeFirst(node);
  await prepare(command === 'run' || command === 'exec' || COMMANDS[command]?.built === true);

  if (command === 'run') return await runNode([path.resolve(ROOT, args[0] ?? ''), ...args.slice(1)]);
  if (command === 'exec') return await runTool(args[0] ?? '', args.slice(1));
  const script = COMMANDS[command]?.script;
  if (script === undefined) return 0;
  const file = path.join(ROOT, script);
  if (!existsSync(file)) throw new PrepareError(`${script} is not there`);
  if (READS_DOT_ENV.has(command)) loadDotEnv();
  const module = await import(pathToFileURL(file).href);
  return await module.main(args);
}

/** One at a time: two starts on a fresh clone must not both replace node_modules. @param {boolean} built */
async function prepare(built) {
  const lock = await takePrepareLock(built);
  if (lock === null) return;
  try {
    if (!dependenciesAreCurrent(ROOT)) await installDependencies(ROOT);
    if (built) build(ROOT);
  } finally {
    lock.release();
  }
}

/** Null when there is nothing to prepare in a copy that is not ours to write. @param {boolean} built */
async function takePrepareLock(built) {
  const folder = path.join(ROOT, '.prepare');
  try {
    mkdirSync(folder, { recursive: true });
    return await waitForLock(path.join(folder, 'lock'), (pid) =>
      say(`waiting for process ${pid}, which is preparing the same folder`),
    );
  } catch (cause) {
    const readOnly = ['EACCES', 'EPERM', 'EROFS'].includes(String(codeOf(cause)));
    if (readOnly && dependenciesAreCurrent(ROOT) && (!built || isBuilt(ROOT))) return null;
    const why = readOnly ? 'cannot be written, and its dependencies or its build are missing' : messageOf(cause);
    throw new PrepareError(`${ROOT}: ${why}`, { cause });
  }
}

/** The user's settings from .env; what the environment already says wins. */
function loadDotEnv() {
  const file = path.join(ROOT, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
}

/** Tools that look for `node` on the PATH must find this one. @param {string} node */
function putNodeFirst(node) {
  process.env['PATH'] = `${path.dirname(node)}${path.delimiter}${process.env['PATH'] ?? ''}`;
}

/** @param {string} node */
async function runAgainUnder(node) {
  return await runChild(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    ...process.env,
    [SECOND_RUN]: node,
  });
}

/** @param {readonly string[]} args */
async function runNode(args) {
  return await runChild(process.execPath, args, process.env);
}

/** @param {string} tool @param {readonly string[]} args */
async function runTool(tool, args) {
  const file = path.join(ROOT, 'node_modules', '.bin', tool);
  if (!/^[a-z0-9-]+$/.test(tool) || !existsSync(file))
    throw new PrepareError(`there is no tool ${tool} in node_modules/.bin`);
  return await runChild(file, args, process.env);
}

/**
 * Runs a program in our place: its signals, its streams, its exit code. The channel tells it when we are gone.
 * @param {string} program @param {readonly string[]} args @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
function runChild(program, args, env) {
  const child = spawn(program, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  // Ctrl-C reaches the child by itself, since it is in the same process group; SIGTERM is for us alone.
  process.on('SIGINT', () => undefined);
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

main().then(
  (code) => process.exit(code),
  (/** @type {unknown} */ error) => {
    const expected = error instanceof PrepareError || process.env['MEDANCHOR_DEBUG'] === undefined;
    const text = !expected && error instanceof Error ? error.stack : messageOf(error);
    process.stderr.write(`\nmedanchor: ${text}\n`);
    process.exit(1);
  },
);
