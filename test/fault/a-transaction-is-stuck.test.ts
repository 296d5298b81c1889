// The chain takes our transaction and does not mine it: fees have risen, the account's key is used elsewhere, or the account
// is empty. The chain's node mines only when the story says so.

import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Transaction, Wallet } from 'ethers';
import { observation } from '../flow/support/records.ts';
import { eventually, Site } from '../flow/support/site.ts';
import { assertClean } from './support/audit.ts';
import { Fragile } from './support/fragile.ts';
import { Witness } from './support/witness.ts';

const SETTINGS = { ANCHOR_FEE_BUMP_AFTER_MS: '500', CHAIN_TIMEOUT_MS: '2000' };

// Each story starts a service or two; on a busy machine that takes its time.
jest.setTimeout(90_000);

let site: Site;
let witness: Witness;
let fragile: Fragile;
let story = 0;

beforeAll(async () => {
  site = await Site.open();
  witness = new Witness();
  fragile = await Fragile.start(site, SETTINGS);
}, 60_000);

afterAll(async () => {
  await fragile.discard();
  await site.close();
});

const node = (method: string, ...params: unknown[]): Promise<unknown> => site.chain.provider.send(method, params);
const mine = (): Promise<unknown> => node('evm_mine');

interface Row {
  readonly id: string;
  readonly size: string;
  readonly state: string;
  readonly nonce: string;
  readonly transaction: string;
  readonly raw: string;
}

/** The anchors of this story, oldest first. */
async function anchors(): Promise<readonly Row[]> {
  return site.read<Row & Record<string, unknown>>(
    'SELECT id, size, state, nonce, transaction, raw_transaction AS raw FROM anchor WHERE id > $1 ORDER BY id',
    [firstId],
  );
}
let firstId = '0';

/** Mined in the block that the last look took for the latest, an anchor is confirmed by the next look. */
const isSettled = (all: readonly Row[]): boolean =>
  all.every(({ state }) => state === 'confirmed' || state === 'dropped');

async function anchorsWhen(what: string, wanted: (rows: readonly Row[]) => boolean): Promise<readonly Row[]> {
  return eventually(what, anchors, wanted, 15_000);
}

async function chainState(state: string, detail?: RegExp): Promise<string> {
  const { chain } = await eventually(
    `${state} ${detail?.source ?? ''}`,
    () => fragile.api.log(),
    ({ chain: seen }) => seen.state === state && (detail === undefined || detail.test(seen.detail)),
    15_000,
  );
  return chain.detail;
}

async function submit(): Promise<void> {
  const version = observation(`story-${story}`, '1', '4.20');
  expect(await witness.submit(fragile.api, version, 'checkpointed')).toBe(201);
}

async function expectConfirmed(): Promise<void> {
  const version = observation(`story-${story}`, '1', '4.20');
  expect(await witness.submit(fragile.api, version, 'confirmed')).toBe(200);
  await eventually(
    'confirmation',
    () => fragile.api.log(),
    ({ sizes, chain }) => sizes.confirmed === sizes.sequenced && chain.state === 'ok',
  );
  expect((await fragile.api.verify(version)).body.outcome).toBe('intact');
  await assertClean(site, witness);
}

/** A story begins with everything confirmed, and with a chain that mines nothing by itself. */
beforeEach(async () => {
  story += 1;
  await node('evm_setAutomine', true);
  expect(await witness.submit(fragile.api, observation(`before-${story}`, '1', '4.10'), 'confirmed')).toBe(201);
  const [last] = await site.read<{ id: string }>('SELECT coalesce(max(id), 0) AS id FROM anchor');
  firstId = last?.id ?? '0';
  await node('evm_setAutomine', false);
});

describe('it waits too long', () => {
  test('another one with the same nonce and more pay takes its place, and is mined', async () => {
    await submit();
    const rows = await anchorsWhen('a replacement', (all) => all.length >= 2);
    expect(new Set(rows.map(({ nonce }) => nonce)).size).toBe(1);
    expect(new Set(rows.map(({ size }) => size)).size).toBe(1);
    expect(rows.map(({ state }) => state)).toEqual(rows.map(() => 'sent'));
    const fees = rows.map(({ raw }) => Transaction.from(raw));
    for (const [place, later] of fees.entries()) {
      const earlier = fees[place - 1];
      if (earlier === undefined) continue;
      expect((later.maxFeePerGas ?? 0n) * 8n).toBeGreaterThanOrEqual((earlier.maxFeePerGas ?? 0n) * 9n);
      expect((later.maxPriorityFeePerGas ?? 0n) * 8n).toBeGreaterThanOrEqual((earlier.maxPriorityFeePerGas ?? 0n) * 9n);
    }
    await mine();
    const settled = await anchorsWhen('the end', isSettled);
    expect(settled.map(({ state }) => state)).toEqual([...settled.slice(1).map(() => 'dropped'), 'confirmed']);
    await expectConfirmed();
    const { text } = await fragile.api.text('/metrics');
    expect(
      Number(/^medanchor_anchor_replacements_total\{reason="not-mined"\} ([0-9]+)$/m.exec(text)?.[1]),
    ).toBeGreaterThan(0);
  });

  test('the first one is mined after all: it counts, and the replacement is dropped', async () => {
    await submit();
    const [first] = await anchorsWhen('the first attempt', (all) => all.length >= 1);
    const rows = await anchorsWhen('a replacement', (all) => all.length >= 2);
    // Another node had the first one, and mines it.
    for (const { transaction } of rows) await node('hardhat_dropTransaction', transaction).catch(() => undefined);
    await node('eth_sendRawTransaction', first?.raw);
    await mine();
    const settled = await anchorsWhen('the end', isSettled);
    expect(settled.map(({ state }) => state)).toEqual(['confirmed', ...settled.slice(1).map(() => 'dropped')]);
    await expectConfirmed();
  });

  test('a re-org prefers the rival: the one is lost, the other counts', async () => {
    const snapshot = await node('evm_snapshot');
    await submit();
    const [, second] = await anchorsWhen('a replacement', (all) => all.length >= 2);
    await mine();
    const before = await anchorsWhen('the end', isSettled);
    const winner = before.at(-1);
    const loser = before.at(-2) ?? second;
    expect([winner?.state, loser?.state]).toEqual(['confirmed', 'dropped']);
    await node('evm_revert', snapshot);
    await node('evm_setAutomine', false);
    await node('eth_sendRawTransaction', loser?.raw);
    await mine();
    const after = await anchorsWhen(
      'the other one',
      (all) => all.find(({ id }) => id === loser?.id)?.state === 'confirmed',
    );
    expect(after.find(({ id }) => id === winner?.id)?.state).toBe('dropped');
    await expectConfirmed();
    const [alarm] = await fragile.api.alarms();
    expect(alarm?.kind).toBe('anchor-lost');
    expect(alarm?.detail).toContain(winner?.transaction);
  });

  test.each(['before it', 'after it took effect'] as const)(
    'the process dies at storing the replacement, %s: the next one goes on from what is stored',
    async (moment) => {
      await submit();
      await anchorsWhen('the first attempt', (all) => all.length === 1);
      fragile.dieAt({ point: 'INSERT INTO anchor', moment });
      await fragile.dead;
      await fragile.discard();
      expect((await anchors()).length).toBe(moment === 'before it' ? 1 : 2);
      fragile = await Fragile.start(site, SETTINGS);
      await anchorsWhen('a replacement', (all) => all.length >= 2);
      await node('evm_setAutomine', true);
      await mine();
      await expectConfirmed();
    },
  );
});

test('fees are above what the operator allows: health says so, and when they fall it is mined', async () => {
  await fragile.discard();
  fragile = await Fragile.start(site, { ...SETTINGS, ANCHOR_MAX_FEE_GWEI: '1' });
  await node('hardhat_setNextBlockBaseFeePerGas', '0x174876e800');
  await mine();
  await submit();
  const detail = await chainState('cannot-anchor', /ANCHOR_MAX_FEE_GWEI/);
  expect(detail).toMatch(
    /^the anchor of size [0-9]+ is not mined, and a replacement would cost more than ANCHOR_MAX_FEE_GWEI allows$/,
  );
  expect((await fragile.api.health()).body.parts['chain']?.code).toBe('cannot-anchor');
  for (const { raw } of await anchors()) expect(Transaction.from(raw).maxFeePerGas).toBeLessThanOrEqual(1_000_000_000n);
  await node('hardhat_setNextBlockBaseFeePerGas', '0x1');
  await mine();
  await node('evm_setAutomine', true);
  await expectConfirmed();
  await fragile.discard();
  fragile = await Fragile.start(site, SETTINGS);
});

test('the nonce is used by somebody else with the same key: the anchor is dropped, and sent anew with the next nonce', async () => {
  await submit();
  const [ours] = await anchorsWhen('the first attempt', (all) => all.length >= 1);
  const elsewhere = new Wallet(`0x${site.chain.anchorKey}`);
  const raw = await elsewhere.signTransaction({
    to: elsewhere.address,
    chainId: BigInt(site.chain.chainId),
    nonce: Number(ours?.nonce),
    gasLimit: 21_000n,
    type: 2,
    maxFeePerGas: 400_000_000_000n,
    maxPriorityFeePerGas: 300_000_000_000n,
  });
  await node('eth_sendRawTransaction', raw);
  await mine();
  const rows = await anchorsWhen(
    'a fresh nonce',
    (all) => all[0]?.state === 'dropped' && all.some(({ nonce }) => BigInt(nonce) === BigInt(ours?.nonce ?? 0) + 1n),
  );
  expect(rows[0]?.transaction).toBe(ours?.transaction);
  await node('evm_setAutomine', true);
  await mine();
  await expectConfirmed();
});

test('the account is empty: health names it, and when it is funded everything goes on', async () => {
  await node('evm_setAutomine', true);
  const { address } = new Wallet(`0x${site.chain.anchorKey}`);
  await node('hardhat_setBalance', address, '0x1');
  await submit();
  const detail = await chainState('cannot-anchor', /cannot pay/);
  expect(detail).toBe(
    `the account ${address.toLowerCase()} cannot pay for an anchor: it holds 0.000000000000000001 of the chain's coin`,
  );
  expect((await fragile.api.health()).body.parts['chain']?.code).toBe('cannot-anchor');
  // Versions go on, and what was anchored before stays claimed.
  expect(Number((await fragile.api.log()).sizes.confirmed)).toBeGreaterThan(0);
  await node('hardhat_setBalance', address, '0xde0b6b3a7640000');
  await expectConfirmed();
});
