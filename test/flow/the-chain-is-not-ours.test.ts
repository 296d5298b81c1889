// The chain at the other end is not the one that the log was anchored to. The service goes on accepting versions, says
// chain-mismatch, and claims no anchor that it cannot see, until the operator begins a new anchoring epoch, which the log
// itself records.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { logIdOf, parseEntry, parseEntryBundle, toHex } from '@medanchor/verifier';
import { byOperator } from '../../api/src/platform/auth/unattended.ts';
import { EpochRefusedError, EpochService } from '../../api/src/ledger/index.ts';
import { startLocalChain, type LocalChain } from '../../scripts/chain/local-chain.ts';
import { deployRegistry } from '../../scripts/deploy/deploy-registry.ts';
import { fundFromWellKnownAccount } from '../../scripts/deploy/local-funds.ts';
import { TEST_ORIGIN } from '../support/chain.ts';
import { Auditor, resultOf } from './support/auditor.ts';
import { observation } from './support/records.ts';
import { eventually, Site, type RunningService } from './support/site.ts';

const OPERATOR = byOperator('epoch', 'epoch.begin');

let site: Site;
let service: RunningService | undefined;
let folder: string;
let keptProof: string;
let logKey: string;
let accepted = 0;
const anchored = observation('anchored', '1', '4.10');

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-other-chain-'));
  site = await Site.open();
  const first = await site.start();
  await first.api.submit(anchored, 'confirmed');
  keptProof = await first.api.bundle(anchored);
  logKey = (await first.api.log()).verifierKey;
  await first.stop();
}, 60_000);

afterEach(async () => {
  await service?.stop();
});

afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What is true of every wrong chain. */
async function expectNothingClaimed(running: RunningService, detail: string): Promise<void> {
  const { chain } = await eventually(
    'the mismatch',
    () => running.api.log(),
    (log) => log.chain.state === 'chain-mismatch',
  );
  expect(chain.detail).toBe(detail);
  const health = await running.api.health();
  expect([health.status, health.body.status]).toEqual([200, 'degraded']);
  expect(health.body.parts['chain']).toMatchObject({ status: 'degraded', code: 'chain-mismatch' });
  accepted += 1;
  const receipt = await running.api.submit(observation(`accepted${accepted}`, '1', '5.00'), 'checkpointed');
  expect([receipt.status, receipt.body.state]).toEqual([201, 'checkpointed']);
  const { body } = await running.api.verify(anchored);
  expect([body.verdict, body.outcome, body.status]).toEqual(['identical', 'unproven', 'checkpointed']);
  expect(resultOf(body, 'anchor')).toBe('skipped: CHAIN_MISMATCH');
  expect(JSON.parse(await running.api.bundle(anchored))).toMatchObject({ anchor: null });
  expect((await running.api.anchors()).map(({ visible }) => visible)).toEqual([false]);
  expect((await running.api.log()).sizes).toMatchObject({ anchored: '0', confirmed: '0' });
}

/** Another AnchorRegistry on the same chain, with the same log registered by the same account. */
async function deployAnother(): Promise<string> {
  const { contract } = await deployRegistry({
    rpcUrl: site.chain.url,
    anchorKey: site.chain.anchorKey,
    origin: TEST_ORIGIN,
    file: path.join(folder, 'another.json'),
  });
  return contract;
}

describe('the configuration points elsewhere', () => {
  test('another chain id', async () => {
    service = await site.start({ CHAIN_ID: '1' });
    await expectNothingClaimed(
      service,
      `configured for contract ${site.chain.contract} on chain 1, but this log is anchored in ${site.chain.contract} on chain 31337`,
    );
  });

  test('back on the true chain, all is well again', async () => {
    service = await site.start();
    await eventually(
      'anchoring',
      () => service?.api.log() ?? Promise.reject(new Error('no service')),
      (log) => log.chain.state === 'ok' && log.sizes.confirmed === log.sizes.sequenced,
    );
    expect(await service.api.bundle(anchored)).toBe(keptProof);
    await expect(service.app.get(EpochService).start('for no reason', OPERATOR)).rejects.toThrow(EpochRefusedError);
  });

  test('another contract; the operator’s epoch command makes it the one, in the log itself', async () => {
    const contract = await deployAnother();
    service = await site.start({ ANCHOR_CONTRACT: contract, ENTRY_BUNDLES: 'public' });
    const { api, app } = service;
    const detail = `configured for contract ${contract} on chain 31337, but this log is anchored in ${site.chain.contract} on chain 31337`;
    await eventually(
      'the mismatch',
      () => api.log(),
      (log) => log.chain.state === 'chain-mismatch',
    );
    expect((await api.log()).chain.detail).toBe(detail);
    const before = await api.log();

    const { index } = await app.get(EpochService).start('the contract was replaced', OPERATOR);
    expect(index.toString()).toBe(before.sizes.sequenced);
    const { epochs } = await eventually(
      'anchoring in the new epoch',
      () => api.log(),
      (log) => log.chain.state === 'ok' && log.sizes.confirmed === log.sizes.sequenced,
    );
    expect(epochs.map(({ epoch, reason }) => [epoch, reason])).toEqual([
      [1, 'first anchoring epoch'],
      [2, 'the contract was replaced'],
    ]);

    const width = Number(index) + 1;
    const entries = parseEntryBundle((await api.octets(`/tile/entries/000.p/${width}`)).bytes);
    const entry = parseEntry(entries.at(-1) ?? new Uint8Array());
    if (entry.kind !== 'anchor-epoch') throw new Error(`the entry is of kind ${entry.kind}`);
    expect({ ...entry, logId: toHex(entry.logId), time: '', previous: entry.previous?.contract }).toEqual({
      kind: 'anchor-epoch',
      time: '',
      epoch: 2n,
      chainId: 31337n,
      contract,
      logId: toHex(logIdOf(TEST_ORIGIN)),
      reason: 'the contract was replaced',
      previous: site.chain.contract,
    });

    const later = observation('later', '1', '6.00');
    await api.submit(later, 'confirmed');
    const auditor = new Auditor({ ...site.chain, contract }, [logKey]);
    for (const version of [anchored, later]) {
      const report = await auditor.audit(await api.bundle(version), version);
      expect([report.verdict, report.outcome, report.status]).toEqual(['identical', 'intact', 'confirmed']);
    }
    // What was proved in the first epoch stays proved, on the contract that it names.
    expect((await new Auditor(site.chain, [logKey]).audit(keptProof, anchored)).outcome).toBe('intact');
  }, 30_000);
});

describe('the chain is exchanged behind the same address', () => {
  let fresh: LocalChain | undefined;

  afterAll(async () => {
    await fresh?.stop();
  });

  test('a fresh chain: no contract, then a fresh contract at the very same address', async () => {
    const other = await Site.open();
    try {
      service = await other.start();
      const { api } = service;
      await api.submit(anchored, 'confirmed');
      const { contract, anchorKey, url } = other.chain;
      await other.chain.stop();
      await eventually(
        'the loss of the chain',
        () => api.log(),
        (log) => log.chain.state === 'chain-unreachable',
      );
      // Unreachable is not a mismatch: what was last seen may still be said, as last seen.
      expect(resultOf((await api.verify(anchored)).body, 'anchor')).toBe('skipped: CHAIN_UNREACHABLE');

      const dataDir = path.join(folder, 'fresh');
      fresh = await startLocalChain({ dataDir, port: Number(new URL(url).port), allowAdmin: true });
      await expectNothingClaimed(service, `there is no AnchorRegistry at ${contract} on chain 31337`);

      const file = path.join(folder, 'fresh.json');
      const fund = fundFromWellKnownAccount;
      const again = await deployRegistry({ rpcUrl: url, anchorKey, origin: TEST_ORIGIN, file, fund });
      expect(again.contract).toBe(contract);
      await eventually(
        'the empty contract',
        () => api.log(),
        (log) => log.chain.detail.includes('holds no anchor'),
      );
      await expectNothingClaimed(service, 'the contract holds no anchor of this log, but size 1 was confirmed');
      // A new epoch is possible there, too.
      await service.app.get(EpochService).start('the old chain is lost', OPERATOR);
      await eventually(
        'anchoring',
        () => api.log(),
        (log) => log.sizes.confirmed === log.sizes.sequenced,
      );
      const report = await new Auditor(other.chain).audit(await api.bundle(anchored), anchored);
      expect([report.verdict, report.outcome]).toEqual(['identical', 'intact']);
    } finally {
      await service?.stop();
      await other.close();
    }
  }, 60_000);
});
