// What a contract test needs of an implementation of the ledger's stores: an empty log, as several processes see it.

import { randomBytes, randomUUID } from 'node:crypto';
import { commitRecord, digestRecord, extendTiles, recordRef, utf8, type Scheme } from '@medanchor/verifier';
import { planBatch } from '../../api/src/ledger/append/append.rules.ts';
import type { TreeHead } from '../../api/src/ledger/model.ts';
import type { AnchorStore } from '../../api/src/ledger/store/anchor-store.port.ts';
import type {
  EntryStore,
  PlainSubmission,
  Planner,
  SequenceResult,
  VersionSubmission,
} from '../../api/src/ledger/store/entry-store.port.ts';
import type { RecordStore } from '../../api/src/ledger/store/record-store.port.ts';
import type { SourceKeyStore } from '../../api/src/ledger/store/source-key-store.port.ts';
import type { IntegrationInput, IntegrationOutput, TreeStore } from '../../api/src/ledger/store/tree-store.port.ts';

export interface LedgerStores {
  readonly entries: EntryStore;
  readonly records: RecordStore;
  readonly trees: TreeStore;
  readonly anchors: AnchorStore;
  readonly keys: SourceKeyStore;
}

export interface StoreBackend {
  /** The same empty log, each time with connections of its own: what one process does, the others see. */
  readonly processes: readonly [LedgerStores, LedgerStores, LedgerStores];
  /** Two sources to which records may belong. */
  readonly sources: readonly [string, string];
  /** Of the first of them. */
  readonly tenantId: string;
}

/** A fresh log each time. */
export type OpenBackend = () => Promise<StoreBackend>;

export const BATCH_TIME = new Date('2026-01-02T03:04:05.678Z');

/** The service's own rules, with a clock that stands still. */
export const plan: Planner = (state, submissions) => planBatch(state, submissions, BATCH_TIME);

export interface TestRecord {
  readonly id: bigint;
  readonly sourceId: string;
  readonly recordId: string;
  readonly key: Uint8Array;
  readonly recordRef: Uint8Array;
}

/** A record that comes into being with its first version. */
export async function createRecord(
  { records }: LedgerStores,
  sourceId: string,
  recordId: string = randomUUID(),
): Promise<TestRecord> {
  const key = new Uint8Array(randomBytes(32));
  const [id] = await records.reserve(1);
  if (id === undefined) throw new Error('no id was reserved');
  return { id, sourceId, recordId, key, recordRef: recordRef(key) };
}

/** A version with `content` as JSON text; null is a deletion. */
export function versionOf(record: TestRecord, versionId: string, content: string | null): VersionSubmission {
  const identity = { source: 'ehr', recordId: record.recordId, versionId };
  const digest = digestRecord(content === null ? null : utf8(content), 'application/json', identity);
  const scheme: Scheme = digest.scheme;
  return {
    kind: 'record-version',
    record: record.id,
    recordRef: record.recordRef,
    create: {
      sourceId: record.sourceId,
      recordId: record.recordId,
      wrappedKey: utf8(`wrapped key of ${record.recordId}`),
    },
    source: record.sourceId,
    versionId,
    activity: content === null ? 'delete' : null,
    scheme,
    mediaType: digest.mediaType,
    ...commitRecord(digest, record.key, versionId),
  };
}

export function plainEntry(): PlainSubmission {
  return {
    kind: 'plain',
    entry: { kind: 'evidence', time: BATCH_TIME.toISOString(), id: randomUUID(), commitment: randomBytes(32) },
  };
}

/** Appends `count` entries that concern no record, as one batch. */
export async function appendPlain({ entries }: LedgerStores, count: number): Promise<readonly SequenceResult[]> {
  return entries.sequence(
    Array.from({ length: count }, () => plainEntry()),
    plan,
  );
}

/** The work of the integrate stage, without its checks. */
export const extend = ({ head, edge, leafHashes }: IntegrationInput): IntegrationOutput =>
  extendTiles(head.size, edge, leafHashes);

/** Brings everything that is sequenced into the tree. */
export async function integrateAll({ trees }: LedgerStores): Promise<TreeHead> {
  for (;;) {
    const head = await trees.integrate(100_000, extend);
    if (head === null) return trees.head();
  }
}

/** Appends, integrates and signs; the note is only a text here. @returns the size signed */
export async function growTo(stores: LedgerStores, size: number): Promise<bigint> {
  const head = await stores.trees.head();
  await appendPlain(stores, size - Number(head.size));
  await integrateAll(stores);
  const signed = await stores.trees.sign((tree) => `note of size ${tree.size}`);
  if (signed === null) throw new Error('nothing was signed');
  return signed.size;
}

export function indexesOf(results: readonly SequenceResult[]): readonly bigint[] {
  return results.map((result) => {
    if (result.result === 'refused') throw new Error(`refused: ${result.code}`);
    return result.result === 'sequenced-plain' ? result.index : result.version.index;
  });
}
