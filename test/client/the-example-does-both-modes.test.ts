// client/examples/both-modes.ts as its readers run it: a process of its own, against a running service, with the file of a
// machine that was registered there.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exportJWK } from 'jose';
import { newKeyPair, openIssuerSite, type IssuerSite } from '../identity/support/issuer-site.ts';

const EXAMPLE = fileURLToPath(new URL('../../client/examples/both-modes.ts', import.meta.url));

const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-example-'));
let issuer: IssuerSite;

beforeAll(async () => {
  issuer = await openIssuerSite();
}, 60_000);

afterAll(async () => {
  await issuer.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What `npm run client` writes (test/identity/a-machine-is-registered-in-the-shell.test.ts runs that). */
async function registered(sources: readonly string[]): Promise<{ file: string; clientId: string }> {
  const key = await newKeyPair('ES384');
  const clientId = await issuer.register({
    name: 'example',
    roles: ['record-system'],
    sources,
    jwks: { keys: [key.publicJwk] },
  });
  const file = path.join(folder, `${clientId}.client.json`);
  const content = {
    client_id: clientId,
    token_endpoint: `${issuer.url}/oidc/token`,
    scope: 'ledger/version.write ledger/verify',
    private_key: { ...(await exportJWK(key.privateKey)), kid: key.publicJwk.kid, alg: 'ES384' },
  };
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  return { file, clientId };
}

async function run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const { NODE_OPTIONS: _jest, ...env } = process.env;
  const child = spawn(process.execPath, [EXAMPLE, '--url', issuer.url, ...args], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

test('signs in, registers a key, submits in both modes, and both bundles hold', async () => {
  const { file, clientId } = await registered(['example']);
  const { verifierKey } = await issuer.service.api.log();
  const { code, output } = await run(['--client', file, '--log-key', verifierKey]);
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
  expect(await issuer.site.read('SELECT DISTINCT submitted_by FROM version')).toEqual([{ submitted_by: clientId }]);
}, 60_000);

test('a machine of another source is told what it may not, and nothing is written', async () => {
  const { file } = await registered(['elsewhere']);
  const before = (await issuer.service.api.log()).sizes.sequenced;
  const { code, output } = await run(['--client', file]);
  expect(code).toBe(1);
  expect(output).toContain('access-denied');
  expect((await issuer.service.api.log()).sizes.sequenced).toBe(before);
}, 60_000);

test('without any sign-in it says how', async () => {
  const { code, output } = await run([]);
  expect([code, output]).toEqual([2, expect.stringContaining('--client FILE')]);
});
