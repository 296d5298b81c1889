// The loader against a real service: fills an empty ledger once, takes up an interrupted load, and leaves a ledger alone
// that holds anything else.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from '@jest/globals';
import { createApp } from '../../api/src/app.ts';
import { loadConfig } from '../../api/src/platform/config/config.schema.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';
import { deployRegistry } from '../../scripts/deploy/deploy-registry.ts';
import { LedgerClient } from '../../scripts/sample/ledger-client.ts';
import { describeSample, loadSample } from '../../scripts/sample/load-sample.ts';
import { readSample, SAMPLE_HISTORY, SAMPLE_SOURCE, toSubmission } from '../../scripts/sample/sample-history.ts';
import { startTestChain, type TestChain } from '../support/chain.ts';
import { bothRoles, createTestDatabase, type TestDatabase } from '../support/database.ts';

let chain: TestChain;
let keys: string;
let service: Service;

interface Service {
  readonly client: LedgerClient;
  readonly url: string;
  stop(): Promise<void>;
}

beforeAll(async () => {
  keys = mkdtempSync(path.join(tmpdir(), 'medanchor-test-sample-'));
  chain = await startTestChain();
}, 30_000);

afterAll(async () => {
  await chain.stop();
  rmSync(keys, { recursive: true, force: true });
}, 30_000);

beforeEach(async () => {
  service = await startService();
}, 30_000);

afterEach(() => service.stop(), 30_000);

/** An empty log on an empty database, with a contract of its own on the common chain. */
async function startService(): Promise<Service> {
  const database: TestDatabase = await createTestDatabase();
  const deployment = await deployRegistry({
    rpcUrl: chain.url,
    anchorKey: chain.anchorKey,
    origin: 'sample.test/log/1',
    file: path.join(keys, `deployment-${randomBytes(4).toString('hex')}`),
  });
  const config = loadConfig({
    ...bothRoles(database.url),
    CHAIN_RPC_URL: chain.url,
    CHAIN_ID: deployment.chainId,
    ANCHOR_CONTRACT: deployment.contract,
    ANCHOR_KEY_FILE: chain.anchorKeyFile,
    CHECKPOINT_KEY_FILE: newKey('checkpoint'),
    KEK_FILE: newKey('kek'),
    LOG_ORIGIN: deployment.origin,
    CHECKPOINT_INTERVAL_MS: '50',
    ANCHOR_INTERVAL_MS: '100',
    CONFIRM_INTERVAL_MS: '50',
  });
  const app = await createApp(config, createLogger('silent'));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const stop = async (): Promise<void> => {
    await app.close();
    await database.drop();
  };
  return { client: new LedgerClient(url), url, stop };
}

function newKey(name: string): string {
  const file = path.join(keys, `${name}-${randomBytes(4).toString('hex')}`);
  writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  return file;
}

const quiet = { step: () => undefined };

async function sizes(): Promise<{ sequenced: string; anchored: string }> {
  const { sequenced, anchored } = (await service.client.log()).sizes;
  return { sequenced, anchored };
}

test('fills an empty ledger, waits for the anchor, and does nothing the second time', async () => {
  const said: string[] = [];
  const first = await loadSample(service.client, { step: (text) => said.push(text) });
  expect(first).toEqual({ added: 29, complete: true });
  expect(await sizes()).toEqual({ sequenced: '29', anchored: '29' });
  expect(said).toEqual([
    "loading the sample: 29 versions of an invented patient's records",
    'waiting for their anchor',
  ]);

  expect(await loadSample(service.client, quiet)).toEqual({ added: 0, complete: true });
  expect(await sizes()).toEqual({ sequenced: '29', anchored: '29' });
  expect(await service.client.alarms()).toEqual([]);

  for (const { recordId, versionId, file, mediaType } of SAMPLE_HISTORY) {
    if (file === null) continue;
    const name = { source: SAMPLE_SOURCE, recordId, versionId };
    const { verdict, outcome } = await service.client.verify(name, readSample(file), mediaType);
    expect({ file, verdict, outcome }).toEqual({ file, verdict: 'identical', outcome: 'intact' });
  }
}, 60_000);

test('an interrupted load is completed by the next start, in the same order', async () => {
  let asked = 0;
  const interrupted = await loadSample(service.client, { ...quiet, stopped: () => ++asked > 11 });
  expect(interrupted).toEqual({ added: 11, complete: false });
  expect((await sizes()).sequenced).toBe('11');

  expect(await loadSample(service.client, quiet)).toEqual({ added: 18, complete: true });
  expect((await sizes()).sequenced).toBe('29');
  for (const [position, { recordId, versionId }] of SAMPLE_HISTORY.entries()) {
    const { index } = await service.client.version({ source: SAMPLE_SOURCE, recordId, versionId });
    expect({ recordId, versionId, index }).toEqual({ recordId, versionId, index: String(position) });
  }
}, 60_000);

test('a lost answer does not make a version twice', async () => {
  const [first] = SAMPLE_HISTORY;
  if (first === undefined) throw new Error('the sample is empty');
  const receipt = await service.client.submit(toSubmission(first));
  expect(await service.client.submit(toSubmission(first))).toMatchObject({ index: receipt.index });
  expect(await loadSample(service.client, quiet)).toEqual({ added: 28, complete: true });
  expect((await sizes()).sequenced).toBe('29');
}, 60_000);

test.each([
  ['before any sample', 0],
  ['in the middle of an interrupted load', 5],
])(
  "somebody's own record %s: nothing is ever added",
  async (_when, loaded) => {
    let asked = 0;
    if (loaded > 0) await loadSample(service.client, { ...quiet, stopped: () => ++asked > loaded });
    const own = { source: 'own-hospital', recordId: 'Patient/own', versionId: '1', activity: 'create' } as const;
    const content = Buffer.from('{"resourceType":"Patient","id":"own"}');
    await service.client.submit({ ...own, content, mediaType: 'application/fhir+json' });

    expect(await loadSample(service.client, quiet)).toEqual({ added: 0, complete: false });
    expect((await sizes()).sequenced).toBe(String(loaded + 1));
  },
  60_000,
);

test('records that came after a complete sample do not hide it', async () => {
  await loadSample(service.client, quiet);
  const own = { source: 'own-hospital', recordId: 'note', versionId: '1', activity: 'create' } as const;
  await service.client.submit({ ...own, content: Buffer.from('hello'), mediaType: 'text/plain' });
  expect(await loadSample(service.client, quiet)).toEqual({ added: 0, complete: true });
}, 60_000);

test('the command on the page does what it says, from any folder', async () => {
  await loadSample(service.client, quiet);
  const folder = path.join(keys, "somebody's folder");
  const command = describeSample(service.url, folder).split('\n').at(-1) ?? '';
  // The shell itself takes the command apart, curl or not.
  const script = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${command}`;
  const words = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
  expect(words.map((word) => (word.startsWith('@') || word.startsWith('http') ? '…' : word))).toEqual([
    '-sS',
    '--data-binary',
    '…',
    '-H',
    'Content-Type: application/fhir+json',
    '…',
  ]);
  const [file = '', url = ''] = [words[2]?.slice(1), words[5]];
  const headers = { 'content-type': 'application/fhir+json' };
  const octets = readFileSync(path.resolve(folder, file));
  const asked = await fetch(url, { method: 'POST', body: octets, headers });
  expect(await asked.json()).toMatchObject({ verdict: 'identical', outcome: 'intact' });
  const digit = octets.toString('utf8').replace('"value": 6.70', '"value": 6.71');
  const altered = await fetch(url, { method: 'POST', body: digit, headers });
  expect(await altered.json()).toMatchObject({ verdict: 'altered', outcome: 'altered' });
}, 60_000);
