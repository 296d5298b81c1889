// The auditor's command as a process of its own: the verifier package, nothing of this test's memory.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../verifier/cli/main.ts', import.meta.url));

export interface Ending {
  readonly code: number | null;
  readonly output: string;
}

/** Writes both to files, as an auditor has them, and runs `medanchor-verify BUNDLE CONTENT …`. */
export function runVerifier(bundle: string, content: string, args: readonly string[]): Ending {
  const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-cli-'));
  try {
    const files = [path.join(folder, 'bundle.json'), path.join(folder, 'content')] as const;
    writeFileSync(files[0], bundle);
    writeFileSync(files[1], content);
    const { NODE_OPTIONS: _jest, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...files, ...args], {
      env,
      encoding: 'utf8',
    });
    return { code: status, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
