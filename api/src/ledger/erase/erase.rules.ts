// Pure rules of the erase stage: the legal bases that exist, and the entry that an erasure becomes.
import { formatEntry, leafHash, type RecordErasureEntry } from '@medanchor/verifier';
import { type ErasableRecord, type ErasurePlan, type StoredErasure } from '../store/erasure-store.port.ts';

/**
 * Why a record may be erased, as a closed list: the text stands in the log for ever, so nobody can write a name into it.
 * GDPR article 17(1) (a) to (f), and the two cases that are not a request of the person. HIPAA knows no right to erasure.
 */
export const ERASURE_BASES = {
  'gdpr-17-1-a': 'no longer needed for its purpose',
  'gdpr-17-1-b': 'consent was withdrawn',
  'gdpr-17-1-c': 'the person objected to the processing',
  'gdpr-17-1-d': 'it was processed unlawfully',
  'gdpr-17-1-e': 'a law demands the erasure',
  'gdpr-17-1-f': 'collected from a child for an online service',
  'court-order': 'ordered by a court or an authority',
  'retention-expired': 'the retention period is over',
} as const;
export type ErasureBasis = keyof typeof ERASURE_BASES;

export function isErasureBasis(text: string): text is ErasureBasis {
  return Object.hasOwn(ERASURE_BASES, text);
}

/** As it stands in the entry. */
export function basisText(basis: ErasureBasis): string {
  return `${basis}: ${ERASURE_BASES[basis]}`;
}

/**
 * One entry for each record, in order; each continues the chain of its record's versions and is its last link.
 *
 * @param time the log's claim of when; the same for the whole batch
 */
export function planErasures(
  nextIndex: bigint,
  records: readonly ErasableRecord[],
  basis: ErasureBasis,
  time: Date,
): ErasurePlan {
  const sealed = records.map((record, position) => {
    const entry: RecordErasureEntry = {
      kind: 'record-erasure',
      time: time.toISOString(),
      source: record.sourceId,
      recordRef: record.recordRef,
      seq: record.headSeq + 1n,
      previous: record.headLeaf,
      basis: basisText(basis),
    };
    const bytes = formatEntry(entry);
    return { index: nextIndex + BigInt(position), bytes, leafHash: leafHash(bytes), record, seq: entry.seq };
  });
  const erasures = sealed.map(({ index, leafHash: leaf, record, seq }): StoredErasure => ({
    record: record.id,
    sourceId: record.sourceId,
    recordRef: record.recordRef,
    index,
    seq,
    leafHash: leaf,
    basis,
    versions: record.headSeq,
    erasedAt: time,
    keyHolder: record.keyHolder,
  }));
  return { entries: sealed, heads: new Map(), results: [], keys: [], erasures };
}
