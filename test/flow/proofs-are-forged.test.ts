// Forged proofs: somebody shows an auditor a bundle in which one thing is not as it was. Each is found under its own code.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  formatBundle,
  formatTlogProof,
  noteSigner,
  parseBundle,
  parseNote,
  parseTlogProof,
  signNote,
  type Bundle,
  type BundleAnchor,
  type TlogProof,
} from '@medanchor/verifier';
import { TEST_ORIGIN } from '../support/chain.ts';
import { Auditor, failures, resultOf } from './support/auditor.ts';
import { observation } from './support/records.ts';
import type { Version } from './support/record-system.ts';
import { eventually, Site, type RunningService } from './support/site.ts';

let site: Site;
let service: RunningService;
let auditor: Auditor;
let bundle: Bundle;
let proof: TlogProof;
let anchor: BundleAnchor;
const versions = Array.from({ length: 7 }, (_, at) => observation(`o${at}`, '1', `4.${at}1`));
/** Entries 3 and 4 of the log: the order of a batch's entries need not be that of its lines. */
let version: Version;
let neighbour: Version;

beforeAll(async () => {
  site = await Site.open();
  // Rarely anchored, so that all seven are anchored together.
  service = await site.start({ ANCHOR_INTERVAL_MS: '1500' });
  const answers = await service.api.submitMany(versions);
  const at = (index: string): Version => {
    const found = versions[answers.findIndex(({ receipt }) => receipt?.index === index)];
    if (found === undefined) throw new Error(`no version at index ${index}`);
    return found;
  };
  [version, neighbour] = [at('3'), at('4')];
  await eventually(
    'confirmation',
    () => service.api.log(),
    (log) => log.sizes.confirmed === '7',
  );
  auditor = new Auditor(site.chain, [(await service.api.log()).verifierKey]);
  bundle = parseBundle(await service.api.bundle(version));
  proof = parseTlogProof(bundle.proof);
  if (bundle.anchor === null) throw new Error('not anchored');
  ({ anchor } = bundle);
}, 60_000);

afterAll(async () => {
  await site.close();
});

/** What the auditor and the service say of a forged bundle: both must say the same. */
async function judged(forged: Bundle): Promise<readonly string[]> {
  const text = formatBundle(forged);
  const report = await auditor.audit(text, version);
  expect(report.outcome).toBe('altered');
  const answer = await service.api.checkProof(text);
  expect(answer.status).toBe(200);
  expect(answer.body.outcome).toBe('altered');
  expect(failures(answer.body)).toEqual(failures(report));
  return failures(report);
}

const withProof = (changes: Partial<TlogProof>): Bundle => ({
  ...bundle,
  proof: formatTlogProof({ ...proof, ...changes }),
});
const withAnchor = (changes: Partial<BundleAnchor>): Bundle => ({ ...bundle, anchor: { ...anchor, ...changes } });
/** The checkpoint's text changed, its signature lines left. */
const withCheckpoint = (change: (text: string) => string): Bundle =>
  withProof({ checkpoint: change(proof.checkpoint) });

describe('the proof', () => {
  test('untouched, it is intact: the starting point of all that follows', async () => {
    const report = await auditor.audit(formatBundle(bundle), version);
    expect([report.verdict, report.outcome, report.status]).toEqual(['identical', 'intact', 'confirmed']);
  });

  test('another index', async () => {
    expect(await judged(withProof({ index: proof.index + 1n }))).toEqual(['inclusion: INCLUSION_MISMATCH']);
  });

  test('an index beyond the tree', async () => {
    expect(await judged(withProof({ index: 7n }))).toEqual(['inclusion: TREE_INDEX']);
  });

  test('a hash too few, a hash too many, a hash exchanged', async () => {
    const spare = new Uint8Array(32).fill(7);
    expect(await judged(withProof({ hashes: proof.hashes.slice(1) }))).toEqual(['inclusion: INCLUSION_PROOF_LENGTH']);
    expect(await judged(withProof({ hashes: [...proof.hashes, spare] }))).toEqual([
      'inclusion: INCLUSION_PROOF_LENGTH',
    ]);
    expect(await judged(withProof({ hashes: proof.hashes.with(0, spare) }))).toEqual(['inclusion: INCLUSION_MISMATCH']);
  });

  test('the proof of another entry', async () => {
    const other = parseBundle(await service.api.bundle(neighbour));
    expect(await judged({ ...bundle, proof: other.proof })).toEqual(['inclusion: INCLUSION_MISMATCH']);
  });
});

describe('the checkpoint', () => {
  test('a larger size: neither signature, nor proof, nor anchor fit', async () => {
    expect(await judged(withCheckpoint((text) => text.replace('\n7\n', '\n9\n')))).toEqual([
      'inclusion: INCLUSION_PROOF_LENGTH',
      'checkpoint-signature: NOTE_SIGNATURE_INVALID',
      'anchor: ANCHOR_NOT_OF_CHECKPOINT',
    ]);
  });

  test('signed by a wrong key', async () => {
    const stranger = noteSigner(TEST_ORIGIN, new Uint8Array(32).fill(9));
    const { text } = parseNote(proof.checkpoint);
    const forged = withProof({ checkpoint: signNote(text, [stranger]) });
    expect(await judged(forged)).toEqual(['checkpoint-signature: NOTE_UNTRUSTED']);
  });

  test('of a log with another name', async () => {
    const other = 'elsewhere.example/log/1';
    const { text } = parseNote(proof.checkpoint);
    const checkpoint = signNote(text.replace(TEST_ORIGIN, other), [noteSigner(other, site.checkpointSeed)]);
    expect(await judged(withProof({ checkpoint }))).toEqual([
      'checkpoint-signature: NOTE_UNTRUSTED',
      'anchor: ANCHOR_NOT_OF_CHECKPOINT',
    ]);
  });
});

describe('the anchor', () => {
  test('another contract, which emits what it likes', async () => {
    expect(await judged(withAnchor({ contract: `0x${'ab'.repeat(20)}` }))).toEqual(['anchor: ANCHOR_CONTRACT']);
  });

  test('another chain', async () => {
    expect(await judged(withAnchor({ chainId: anchor.chainId + 1n }))).toEqual(['anchor: ANCHOR_CHAIN']);
  });

  test('a transaction that the chain does not know', async () => {
    expect(await judged(withAnchor({ transaction: `0x${'7a'.repeat(32)}` }))).toEqual([
      'anchor: ANCHOR_TRANSACTION_UNKNOWN',
    ]);
  });

  test('a true transaction that anchored nothing: the one that registered the log', async () => {
    const block = await site.chain.provider.getBlock(Number(anchor.block) - 1);
    const transaction = block?.transactions[0] ?? '';
    expect(await judged(withAnchor({ transaction, block: anchor.block - 1n }))).toEqual([
      'anchor: ANCHOR_EVENT_MISSING',
    ]);
  });

  test('another block', async () => {
    expect(await judged(withAnchor({ block: anchor.block + 1n }))).toEqual(['anchor: ANCHOR_BLOCK']);
  });

  test('left out: nothing speaks against it, and nothing is proved', async () => {
    const report = await auditor.audit(formatBundle({ ...bundle, anchor: null }), version);
    expect([report.outcome, resultOf(report, 'anchor')]).toEqual(['unproven', 'skipped: NOT_ANCHORED']);
  });
});

describe('the opening', () => {
  test('components of other content', async () => {
    if (bundle.opening === null) throw new Error('not opened');
    const [identity, raw, ...rest] = bundle.opening.components;
    if (identity === undefined || raw === undefined) throw new Error('not opened');
    const forged = { ...raw, commitment: new Uint8Array(32).fill(5) };
    const components = [identity, forged, ...rest];
    expect(await judged({ ...bundle, opening: { ...bundle.opening, components } })).toEqual([
      'commitment: COMMITMENT_MISMATCH',
    ]);
  });

  test('another name for the same record', async () => {
    if (bundle.opening?.identity === undefined) throw new Error('not opened');
    const identity = { ...bundle.opening.identity, recordId: 'Observation/somebody-else' };
    const forged = formatBundle({ ...bundle, opening: { ...bundle.opening, identity } });
    expect(failures(await auditor.audit(forged))).toEqual(['identity: COMMITMENT_MISMATCH']);
  });
});
