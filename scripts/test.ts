// `npm test`: every check and every test, and as the last line what came of it. `npm test -- ARGUMENTS` hands the
// arguments to jest and leaves the other checks out. Called by medanchor.mjs when all is prepared.

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { configSchema } from '../api/src/platform/config/config.schema.ts';
import { auditDependencies } from './check/audit.ts';
import { addCounts, countJest, countStep, formatCounts, jestReportSchema, type Counts } from './check/summary.ts';
import { JEST_ENVIRONMENT, STEPS, type Step } from './check/steps.ts';
import { launcherSchema, PROJECT_ROOT } from './launch/settings.ts';

/** The process's exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const steps = args.length === 0 ? [...STEPS.map(runStep), runAudit()] : [];
  const counts = addCounts([...steps, await runJest(args)]);
  process.stdout.write(`\n${formatCounts(counts)}\n`);
  return counts.failed === 0 ? 0 : 1;
}

function runStep({ name, tool, args, env }: Step): Counts {
  const started = performance.now();
  const program = path.join(PROJECT_ROOT, 'node_modules', '.bin', tool);
  const result = spawnSync(program, args, {
    cwd: PROJECT_ROOT,
    env: { ...testEnvironment(), ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const succeeded = result.status === 0;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${succeeded ? 'passed' : 'FAILED'}  ${name} (${seconds} s)\n`);
  if (!succeeded) process.stdout.write(`${result.error?.message ?? ''}${result.stdout}${result.stderr}\n`);
  return countStep(succeeded);
}

/** Not every registry has advisories: what could not be asked is skipped, never passed. */
function runAudit(): Counts {
  const audit = auditDependencies();
  switch (audit.result) {
    case 'clean':
      process.stdout.write(`passed  advisories of dependencies\n`);
      return countStep(true);
    case 'vulnerable':
      process.stdout.write(`FAILED  advisories of dependencies\n${audit.findings.join('\n')}\n`);
      return countStep(false);
    case 'unknown':
      process.stdout.write(`skipped advisories of dependencies: ${audit.reason}\n`);
      return { passed: 0, failed: 0, skipped: 1 };
  }
}

async function runJest(args: readonly string[]): Promise<Counts> {
  // All temporary files of the tests go below this folder, so that they are gone however the run ends. Others may pass
  // through it: PostgreSQL runs as an account of its own when we are root.
  const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-'));
  chmodSync(folder, 0o711);
  try {
    const report = path.join(folder, 'report.json');
    const jest = path.join(PROJECT_ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
    const cache = path.join(PROJECT_ROOT, '.prepare', 'jest');
    const flags = ['--json', `--outputFile=${report}`, `--cacheDirectory=${cache}`];
    const child = spawn(process.execPath, [jest, ...flags, ...args], {
      cwd: PROJECT_ROOT,
      env: {
        ...testEnvironment(),
        TMPDIR: folder,
        ...JEST_ENVIRONMENT,
      },
      // jest reports on standard error; standard output is only the JSON that goes to the file as well.
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    // Ctrl-C reaches jest by itself. We stay to clean up.
    process.on('SIGINT', () => undefined);
    for (const event of ['SIGTERM', 'SIGHUP', 'disconnect']) process.on(event, () => child.kill());
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
    const parsed = existsSync(report) ? jestReportSchema.parse(JSON.parse(readFileSync(report, 'utf8'))) : null;
    return countJest(parsed, exitCode);
  } finally {
    await removeFolder(folder);
  }
}

/** After a kill, the database and the chains of the tests need a moment to end and may still write. */
async function removeFolder(folder: string): Promise<void> {
  for (let attempt = 0; existsSync(folder) && attempt < 50; attempt += 1) {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What the user has set for a running service must not reach the tests: they bring their own database and chain. */
function testEnvironment(): NodeJS.ProcessEnv {
  const settings = new Set([...Object.keys(configSchema.shape), ...Object.keys(launcherSchema.shape)]);
  const kept = Object.entries(process.env).filter(([name]) => !settings.has(name));
  return { ...Object.fromEntries(kept), ...(process.stdout.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: undefined }) };
}
