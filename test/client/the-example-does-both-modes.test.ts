// client/examples/both-modes.ts as its readers run it: a process of its own, against a running service.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Site, type RunningService } from '../flow/support/site.ts';

const EXAMPLE = fileURLToPath(new URL('../../client/examples/both-modes.ts', import.meta.url));

let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
}, 60_000);

afterAll(async () => {
  await site.close();
});

async function run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const { NODE_OPTIONS: _jest, ...env } = process.env;
  const child = spawn(process.execPath, [EXAMPLE, ...args], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

test('registers a key, submits in both modes, and both bundles hold', async () => {
  const { verifierKey } = await service.api.log();
  const { code, output } = await run(['--url', service.url, '--log-key', verifierKey]);
  expect([code, output.includes('✗')]).toEqual([0, false]);
  expect(output).toContain('content mode: entry 1, checkpointed, attested by source-key');
  for (const mode of ['content mode', 'digest mode']) {
    const report = output.slice(output.indexOf(`\n${mode}: identical`));
    expect(report.startsWith(`\n${mode}: identical`)).toBe(true);
    for (const check of [
      'commitment',
      'identity',
      'content',
      'inclusion',
      'checkpoint-signature',
      'submitter-signature',
      'submitter-key',
    ])
      expect(report).toContain(`✓ ${check}: `);
  }
}, 60_000);
