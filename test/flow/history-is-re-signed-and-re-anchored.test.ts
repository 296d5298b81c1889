// The operator rewrites history as well as it can be done: one old leaf changed, the whole tree really rebuilt, the
// checkpoint signed with the true key, the database made consistent, and the new head sent to the contract with the best
// proof there is. The contract refuses it, the service sees a chain that is not its own, and no bundle of it is intact.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  consistencyProof,
  formatBundle,
  formatCheckpoint,
  formatTlogProof,
  inclusionProof,
  leafHash,
  noteSigner,
  parseBundle,
  parseTlogProof,
  rootFromLeaves,
  signNote,
  toHex,
  utf8,
} from '@medanchor/verifier';
import { Contract, Interface, keccak256, Wallet } from 'ethers';
import { anchorRegistryAbi } from '../../contracts/generated/anchor-registry.ts';
import { TEST_ORIGIN } from '../support/chain.ts';
import { Auditor, failures, resultOf } from './support/auditor.ts';
import { observation } from './support/records.ts';
import { eventually, Site, type RunningService } from './support/site.ts';

const SIZE = 12;
const CHANGED = 5;
/** The last one: only the checkpoint of all twelve covers it. */
const SHOWN = 11n;
const oldSize = BigInt(SIZE);

let site: Site;
let service: RunningService;
let logKey: string;
let honest: readonly Uint8Array[];
let rewritten: readonly Uint8Array[];
let keptProof: string;
const versions = Array.from({ length: SIZE }, (_, at) => observation(`o${at}`, '1', `4.${at}1`));
const shownVersion = versions[11] ?? observation('o11', '1', '4.111');

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  // One by one, so that the index is the position.
  for (const version of versions) await service.api.submit(version);
  await eventually(
    'confirmation',
    () => service.api.log(),
    (log) => log.sizes.confirmed === '12',
  );
  logKey = (await service.api.log()).verifierKey;
  keptProof = await service.api.bundle(shownVersion);
  const rows = await site.read<{ leaf_hash: Buffer }>('SELECT leaf_hash FROM version ORDER BY index');
  honest = rows.map(({ leaf_hash: leaf }) => Uint8Array.from(leaf));
  rewritten = honest.with(CHANGED, leafHash(utf8('another entry')));
}, 60_000);

afterAll(async () => {
  await site.close();
});

function grown(leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...leaves, ...[1, 2, 3].map((at) => leafHash(utf8(`new entry ${at}`)))];
}

function signed(leaves: readonly Uint8Array[]): string {
  const head = { origin: TEST_ORIGIN, size: BigInt(leaves.length), root: rootFromLeaves(leaves) };
  return signNote(formatCheckpoint(head), [noteSigner(TEST_ORIGIN, site.checkpointSeed)]);
}

/** Sends `anchor` as the operator's account, mined whatever comes of it; the contract's error from the same call. */
async function anchorAsOperator(size: number, root: Uint8Array, proof: readonly Uint8Array[]) {
  const wallet = new Wallet(`0x${site.chain.anchorKey}`, site.chain.provider);
  const contract = new Contract(site.chain.contract, anchorRegistryAbi, wallet);
  const { logId } = site.chain.deployment;
  const args = [logId, size, root, proof];
  const refusal = await contract
    .getFunction('anchor')
    .staticCall(...args)
    .then(
      () => null,
      (error: { data?: string }) => new Interface(anchorRegistryAbi).parseError(error.data ?? '0x'),
    );
  const call = await contract.getFunction('anchor').populateTransaction(...args);
  const raw = await wallet.signTransaction(await wallet.populateTransaction({ ...call, gasLimit: 300_000n }));
  // Hardhat mines the transaction and answers with the error all the same.
  await site.chain.provider.send('eth_sendRawTransaction', [raw]).catch(() => undefined);
  const mined = await site.chain.provider.getTransactionReceipt(keccak256(raw));
  return { refusal, status: mined?.status };
}

describe('the contract', () => {
  test('refuses the rewritten and grown tree with the rewritten tree’s own proof', async () => {
    await service.stop();
    const leaves = grown(rewritten);
    const { refusal, status } = await anchorAsOperator(
      leaves.length,
      rootFromLeaves(leaves),
      consistencyProof(oldSize, oldSize + 3n, leaves),
    );
    expect(status).toBe(0);
    expect(refusal?.name).toBe('AnchorHistoryRewritten');
    expect(refusal?.args['storedRoot']).toBe(`0x${toHex(rootFromLeaves(honest))}`);
    expect(refusal?.args['computedStoredRoot']).toBe(`0x${toHex(rootFromLeaves(rewritten))}`);
    expect(refusal?.args['computedRoot']).toBe(`0x${toHex(rootFromLeaves(leaves))}`);
  });

  test('refuses it with the honest tree’s proof', async () => {
    const { refusal, status } = await anchorAsOperator(
      SIZE + 3,
      rootFromLeaves(grown(rewritten)),
      consistencyProof(oldSize, oldSize + 3n, grown(honest)),
    );
    expect(status).toBe(0);
    expect(refusal?.name).toBe('AnchorHistoryRewritten');
    expect(refusal?.args['computedStoredRoot']).toBe(`0x${toHex(rootFromLeaves(honest))}`);
    expect(refusal?.args['computedRoot']).toBe(`0x${toHex(rootFromLeaves(grown(honest)))}`);
  });

  test('refuses the rewritten tree at the anchored size, and a shorter one', async () => {
    const same = await anchorAsOperator(SIZE, rootFromLeaves(rewritten), []);
    expect([same.status, same.refusal?.name]).toEqual([0, 'AnchorRootConflict']);
    const shorter = rewritten.slice(0, 8);
    const short = await anchorAsOperator(8, rootFromLeaves(shorter), []);
    expect([short.status, short.refusal?.name]).toEqual([0, 'AnchorSizeShrinks']);
  });
});

describe('the auditor', () => {
  test('is shown the rewritten entry with the true key’s signature and the true anchor: it is not that checkpoint’s', async () => {
    const bundle = parseBundle(keptProof);
    // Another entry than the one shown: its own proof holds in the rewritten tree.
    const leaves = honest.with(0, leafHash(utf8('another entry')));
    const proof = formatTlogProof({
      index: SHOWN,
      hashes: inclusionProof(SHOWN, oldSize, leaves),
      checkpoint: signed(leaves),
    });
    const auditor = new Auditor(site.chain, [logKey]);
    const report = await auditor.audit(formatBundle({ ...bundle, proof }), shownVersion);
    expect(failures(report)).toEqual(['anchor: ANCHOR_NOT_OF_CHECKPOINT']);
    expect(resultOf(report, 'checkpoint-signature')).toBe('passed');
    expect(report.outcome).toBe('altered');
  });

  test('is shown the same with an anchor made to match: the contract never emitted that head', async () => {
    const bundle = parseBundle(keptProof);
    // Another entry than the one shown: its own proof holds in the rewritten tree.
    const leaves = honest.with(0, leafHash(utf8('another entry')));
    const proof = formatTlogProof({
      index: SHOWN,
      hashes: inclusionProof(SHOWN, oldSize, leaves),
      checkpoint: signed(leaves),
    });
    if (bundle.anchor === null) throw new Error('the kept proof has no anchor');
    const anchor = { ...bundle.anchor, root: rootFromLeaves(leaves) };
    const report = await new Auditor(site.chain, [logKey]).audit(
      formatBundle({ ...bundle, proof, anchor }),
      shownVersion,
    );
    expect(failures(report)).toEqual(['anchor: ANCHOR_EVENT_MISSING']);
  });

  test('who kept an earlier proof holds two signatures of the true key over one size', async () => {
    const { checkpoint } = parseTlogProof(parseBundle(keptProof).proof);
    expect(checkpoint.split('\n')[1]).toBe('12');
    expect(signed(rewritten).split('\n').slice(0, 2)).toEqual(checkpoint.split('\n').slice(0, 2));
    expect(signed(rewritten).split('\n')[2]).not.toBe(checkpoint.split('\n')[2]);
  });
});

describe('the service on the rewritten database', () => {
  test('starts, for the database is consistent; says chain-mismatch, accepts versions, signs and claims nothing', async () => {
    await rewriteDatabase();
    const forged = await site.start();
    const { chain } = await eventually(
      'the mismatch',
      () => forged.api.log(),
      (log) => log.chain.state === 'chain-mismatch',
    );
    expect(chain.detail).toBe('the contract holds another root at size 12 than this log');
    expect((await forged.api.submit(observation('later', '1', '5.00'), 'integrated')).body.state).toBe('integrated');
    expect((await forged.api.log()).sizes.checkpointed).toBe('12');
    const { body } = await forged.api.verify(shownVersion);
    expect([body.outcome, resultOf(body, 'anchor')]).toEqual(['unproven', 'skipped: CHAIN_MISMATCH']);
    expect((await forged.api.anchors()).every(({ visible }) => !visible)).toBe(true);
    // The true history stays provable without the service.
    expect((await new Auditor(site.chain, [logKey]).audit(keptProof, shownVersion)).outcome).toBe('intact');
  }, 30_000);
});

/** Every row says the rewritten history, down to the signed checkpoint. */
async function rewriteDatabase(): Promise<void> {
  const leaf = rewritten[CHANGED];
  const root = rootFromLeaves(rewritten);
  await site.tamper(`UPDATE tile SET hashes = $1 WHERE level = 0 AND n = 0`, [Buffer.concat(rewritten)]);
  await site.tamper(`UPDATE version SET leaf_hash = $1 WHERE index = $2`, [leaf, CHANGED]);
  await site.tamper(`UPDATE log_tree SET root = $1`, [root]);
  await site.tamper(`UPDATE log_checkpoint SET root = $1`, [root]);
  await site.tamper(`DELETE FROM checkpoint WHERE size > $1 AND size < 12`, [CHANGED]);
  await site.tamper(`UPDATE checkpoint SET root = $1, note = $2 WHERE size = 12`, [root, signed(rewritten)]);
  await site.tamper(`UPDATE anchor SET root = $1 WHERE size = 12`, [root]);
}
