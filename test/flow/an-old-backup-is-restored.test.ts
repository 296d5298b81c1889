// The operator restores yesterday's backup. The contract holds more than the restored log: the service says so, goes on
// accepting versions, and claims no anchor, also when it has grown past the contract's size with another history.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Auditor, resultOf } from './support/auditor.ts';
import { observation } from './support/records.ts';
import { eventually, Site, type RunningService } from './support/site.ts';

let site: Site;
let restored: RunningService;
let backupUrl: string;
let keptProof: string;
const backup = `test_backup_${randomBytes(6).toString('hex')}`;
const yesterday = observation('yesterday', '1', '4.10');
const today = [0, 1, 2].map((at) => observation(`today${at}`, '1', `4.2${at}`));

beforeAll(async () => {
  site = await Site.open();
  const before = await site.start();
  await before.api.submit(yesterday, 'confirmed');
  await before.stop();
  const name = new URL(site.database.url).pathname.slice(1);
  const admin = new URL(site.database.url);
  admin.pathname = '/postgres';
  await site.tamper(`CREATE DATABASE ${backup} TEMPLATE ${name}`, [], admin.href);
  admin.pathname = `/${backup}`;
  backupUrl = admin.href;
  const after = await site.start();
  for (const version of today) await after.api.submit(version, 'confirmed');
  keptProof = await after.api.bundle(today[0] ?? yesterday);
  await after.stop();
  restored = await site.start({ DATABASE_URL: backupUrl });
}, 60_000);

afterAll(async () => {
  await restored.stop();
  const admin = new URL(site.database.url);
  admin.pathname = '/postgres';
  await site.tamper(`DROP DATABASE IF EXISTS ${backup} WITH (FORCE)`, [], admin.href);
  await site.close();
});

describe('an old backup is restored', () => {
  test('health and log say chain-mismatch, and why', async () => {
    const { chain } = await eventually(
      'the mismatch',
      () => restored.api.log(),
      (log) => log.chain.state === 'chain-mismatch',
    );
    expect(chain.detail).toBe('the contract holds size 4, this log has only 1 entries (an old backup?)');
    const health = await restored.api.health();
    expect([health.status, health.body.status, health.body.parts['chain']?.code]).toEqual([
      200,
      'degraded',
      'chain-mismatch',
    ]);
  });

  test('versions are still accepted, and no anchor is claimed, not even of what was anchored', async () => {
    expect((await restored.api.submit(observation('new', '1', '5.00'), 'integrated')).body.state).toBe('integrated');
    const { body } = await restored.api.verify(yesterday);
    expect([body.verdict, body.outcome, body.status]).toEqual(['identical', 'unproven', 'checkpointed']);
    expect(resultOf(body, 'anchor')).toBe('skipped: CHAIN_MISMATCH');
    expect((JSON.parse(await restored.api.bundle(yesterday)) as { anchor: unknown }).anchor).toBeNull();
    expect((await restored.api.anchors()).map(({ visible }) => visible)).toEqual([false]);
    expect((await restored.api.log()).sizes).toMatchObject({ anchored: '0', confirmed: '0' });
  });

  test('what was lost is unknown to it, and proved by whoever kept the proof', async () => {
    const lost = today[0] ?? yesterday;
    expect((await restored.api.verify(lost)).body.verdict).toBe('unknown-version');
    expect((await new Auditor(site.chain).audit(keptProof, lost)).outcome).toBe('intact');
  });

  test('grown past the contract’s size, its history is still another one, and nothing of it is signed', async () => {
    const { sizes } = await restored.api.log();
    await restored.api.submitMany(Array.from({ length: 8 }, (_, at) => observation(`more${at}`, '1', '5.00')));
    const { chain } = await eventually(
      'the other root',
      () => restored.api.log(),
      (log) => log.chain.detail !== '' && BigInt(log.sizes.integrated) === 10n && log.chain.detail.includes('root'),
    );
    expect(chain).toMatchObject({
      state: 'chain-mismatch',
      detail: 'the contract holds another root at size 4 than this log',
    });
    expect(sizes.checkpointed).toBe('1');
    expect((await restored.api.log()).sizes.checkpointed).toBe('1');
    expect(await restored.api.anchors()).toHaveLength(1);
  });
});
