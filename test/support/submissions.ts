// Submissions whose commitments are made of one octet each, so that a test can say which content it means by a number.

import { commitment, type Activity, type ComponentCommitment } from '@medanchor/verifier';
import type { PlainSubmission, VersionSubmission } from '../../api/src/ledger/store/entry-store.port.ts';

export const SOURCE = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';

export const octets = (value: number): Uint8Array => new Uint8Array(32).fill(value);

/** Components of scheme json/1. The identity is the record's and the version's; the rest is the content's. */
export function components(content: number, exact = content, raw = content): readonly ComponentCommitment[] {
  return [
    { name: 'identity', commitment: octets(0x1d) },
    { name: 'raw', commitment: octets(raw) },
    { name: 'content', commitment: octets(content) },
    { name: 'contentExact', commitment: octets(exact) },
  ];
}

/** @param content an octet that stands for the content */
export function submission(
  record: bigint,
  versionId: string,
  content: number,
  activity: Activity | null = null,
): VersionSubmission {
  const parts = components(content);
  return {
    kind: 'record-version',
    record,
    recordRef: octets(Number(record)),
    source: SOURCE,
    versionId,
    activity,
    scheme: 'json/1',
    mediaType: 'application/json',
    commitment: commitment('json/1', parts),
    components: parts,
  };
}

/** A delete without content. */
export function deletion(record: bigint, versionId: string): VersionSubmission {
  const parts: readonly ComponentCommitment[] = [{ name: 'identity', commitment: octets(0x1d) }];
  return {
    ...submission(record, versionId, 0, 'delete'),
    scheme: 'identity/1',
    mediaType: '',
    commitment: commitment('identity/1', parts),
    components: parts,
  };
}

export function epochEntry(epoch: bigint): PlainSubmission {
  return {
    kind: 'plain',
    entry: {
      kind: 'anchor-epoch',
      // Replaced by the time of the batch.
      time: '2000-01-01T00:00:00.000Z',
      epoch,
      chainId: 31337n,
      contract: `0x${'c0'.repeat(20)}`,
      logId: octets(0xee),
      reason: 'moved to another contract',
      previous: null,
    },
  };
}
