// Takes a stored batch apart without believing any of its columns. Pure.
import { HASH_LENGTH } from '@medanchor/verifier';
import { finding, type FsckFinding } from '../store/fsck-finding.ts';
import { type FsckBatchRow } from '../store/fsck-source.port.ts';

const PREFIX = 2;

/** One place in the log, as its batch's row has it. What is missing is undefined. */
export interface StoredEntry {
  readonly octets: Uint8Array | undefined;
  readonly leaf: Uint8Array | undefined;
  /** Where it stands: what its version's row must say. */
  readonly batch: bigint;
  readonly offset: number;
}

export interface OpenedBatch {
  readonly entries: readonly StoredEntry[];
  readonly findings: readonly FsckFinding[];
}

/**
 * Three columns say how many entries a batch has. When they disagree, the number that two of them give is taken, so that
 * one changed column does not move the entries of all batches behind it.
 */
export function openBatch(row: FsckBatchRow): OpenedBatch {
  const batch = row.firstIndex;
  const where = { table: 'entry_batch', batch: batch.toString() };
  const findings: FsckFinding[] = [];
  const { parts, complete } = cut(row.entries);
  const leafCount = Math.floor(row.leafHashes.length / HASH_LENGTH);
  const count = agreed(parts.length, row.entryCount, leafCount);
  if (!complete || parts.length < count)
    findings.push(
      finding(
        'batch-unreadable',
        { ...where, field: 'entries' },
        `the entries of the batch at ${batch} cannot be told apart any more: ${parts.length} of ${count} can be read`,
      ),
    );
  else if (parts.length > count)
    findings.push(
      finding(
        'batch-count-wrong',
        { ...where, field: 'entries' },
        `the batch at ${batch} holds ${parts.length} entries instead of ${count}`,
      ),
    );
  for (const [field, got] of [
    ['entry_count', row.entryCount],
    ['leaf_hashes', leafCount],
  ] as const)
    if (got !== count)
      findings.push(
        finding(
          'batch-count-wrong',
          { ...where, field },
          `${field} of the batch at ${batch} says ${got}, not ${count}`,
        ),
      );
  const entries = Array.from({ length: count }, (_, at): StoredEntry => {
    const part = parts[at];
    return {
      octets: part?.octets,
      leaf: at < leafCount ? row.leafHashes.subarray(at * HASH_LENGTH, (at + 1) * HASH_LENGTH) : undefined,
      batch,
      offset: part?.offset ?? 0,
    };
  });
  return { entries, findings };
}

/** What two of the three say; when all differ, what the column says. */
function agreed(parts: number, column: number, leaves: number): number {
  return parts === leaves ? parts : column;
}

interface Part {
  readonly octets: Uint8Array;
  readonly offset: number;
}

/** Length-prefixed octets as far as they can be read. */
function cut(octets: Buffer): { parts: Part[]; complete: boolean } {
  const parts: Part[] = [];
  let at = 0;
  while (at < octets.length) {
    if (at + PREFIX > octets.length) return { parts, complete: false };
    const end = at + PREFIX + octets.readUInt16BE(at);
    if (end > octets.length) return { parts, complete: false };
    parts.push({ octets: octets.subarray(at + PREFIX, end), offset: at + PREFIX });
    at = end;
  }
  return { parts, complete: true };
}
