// Compiles contracts/ with the settings of hardhat.config.ts into a folder named after its inputs, so that every process of
// this work tree compiles each state of the sources at most once, and none ever sees half an answer of another.
//
// `hardhat build` has one artifacts folder per project and no lock around it, so jest workers must not share it. Here the
// build goes into a private folder, which is then renamed to its final name: a rename happens or not, and when two
// processes race, both have built the same thing and the loser drops its copy. Compiling is left to a child process (this
// file, run as a program): Hardhat finds the npm packages that Solidity imports through Node's own module resolution, and a
// jest test has another.

import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre';
import hardhatConfig from '../hardhat.config.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What code needs of a compiled contract; `abi` is JSON as the compiler printed it. */
export interface CompiledContract {
  readonly abi: readonly Record<string, unknown>[];
  readonly bytecode: string;
  readonly deployedBytecode: string;
}

/** The folder that holds the build of the sources as they are now. Compiles them if nobody did yet. */
export async function buildContracts(): Promise<string> {
  const parent = join(ROOT, 'cache', 'contract-builds');
  const directory = join(parent, await computeBuildKey());
  if (await exists(directory)) return directory;

  const scratch = join(parent, `scratch-${randomUUID()}`);
  await mkdir(scratch, { recursive: true });
  try {
    await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), scratch]);
    await rename(scratch, directory);
  } catch (error) {
    // ENOTEMPTY or EEXIST: another process was first, with the same inputs. Anything else is a real failure.
    if (!(await exists(directory))) throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return directory;
}

/** Hardhat with the project's configuration, except that it reads and writes its artifacts in `directory`. */
export async function environmentFor(directory: string): Promise<HardhatRuntimeEnvironment> {
  const paths = { artifacts: join(directory, 'artifacts'), cache: join(directory, 'cache') };
  return await createHardhatRuntimeEnvironment({ ...hardhatConfig, paths }, {}, ROOT);
}

/** Reads one contract of a build. `source` is relative to contracts/, without extension: `test/Rfc6962Harness`. */
export async function readContract(directory: string, source: string): Promise<CompiledContract> {
  const name = source.slice(source.lastIndexOf('/') + 1);
  const file = join(directory, 'artifacts', 'contracts', `${source}.sol`, `${name}.json`);
  return JSON.parse(await readFile(file, 'utf8')) as CompiledContract;
}

/** Hash over everything that can change the result: the sources, the settings, and the locked compiler and libraries. */
async function computeBuildKey(): Promise<string> {
  const contracts = join(ROOT, 'contracts');
  const sources = (await readdir(contracts, { recursive: true })).filter((file) => file.endsWith('.sol')).sort();
  const inputs = ['hardhat.config.ts', 'package-lock.json', ...sources.map((file) => join('contracts', file))];
  const hash = createHash('sha256');
  for (const input of inputs) {
    const content = await readFile(join(ROOT, input));
    hash.update(`${input}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

if (import.meta.main) {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) throw new Error('usage: node scripts/contract-build.ts FOLDER');
  const hre = await environmentFor(directory);
  await hre.tasks.getTask('build').run({ quiet: true });
}
