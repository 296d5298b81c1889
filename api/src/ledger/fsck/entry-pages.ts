// The stored entries as a stream of pages, in order, with whatever is missing between them named. Reads the next page
// while the current one is worked on. Never holds more than two pages.
import { finding, type FsckFinding } from '../store/fsck-finding.ts';
import { type FsckBatchRow, type FsckSource } from '../store/fsck-source.port.ts';
import { openBatch, type StoredEntry } from './batch-row.rules.ts';

/** Indexes of one page: bounds memory (an entry has at most 16 KiB, a usual one 500 octets) and the size of a query. */
export const PAGE_ENTRIES = 1024n;

export interface EntryPage {
  /** Index of the first place. */
  readonly from: bigint;
  /** Exclusive. */
  readonly to: bigint;
  /** One for each index; null for a gap between batches, which may be long. */
  readonly entries: readonly StoredEntry[] | null;
  readonly findings: readonly FsckFinding[];
}

/**
 * @param from first index wanted; entries of a batch that begins before are left out
 * @param to end of the log: what is missing before it is named, what stands behind it is not read
 */
export async function* entryPages(source: FsckSource, from: bigint, to: bigint): AsyncGenerator<EntryPage> {
  const before = from === 0n ? null : await source.batchBefore(from);
  let expected = from;
  let at = before === null ? from : before.firstIndex;
  let next = read(source, at, to);
  while (at < to) {
    const rows = await next;
    const end = at + PAGE_ENTRIES;
    // Most pages are followed by the next one; after an empty one the next row may be far away.
    const following = rows.length > 0 ? end : ((await source.nextBatch(end)) ?? to);
    next = read(source, following, to);
    for (const page of pagesOf(rows, from, expected, to)) {
      yield page;
      expected = page.to;
    }
    at = following;
  }
  await next;
  if (expected < to) yield gap(expected, to, 'are not there any more: the tail of the log was cut off');
}

function read(source: FsckSource, at: bigint, to: bigint): Promise<readonly FsckBatchRow[]> {
  const end = at + PAGE_ENTRIES;
  const rows = at >= to ? Promise.resolve([]) : source.batches(at, end < to ? end : to);
  // Whoever awaits it gets the error; until then it must not count as unhandled.
  rows.catch(() => undefined);
  return rows;
}

function* pagesOf(rows: readonly FsckBatchRow[], from: bigint, start: bigint, to: bigint): Generator<EntryPage> {
  let expected = start;
  let first = start;
  let entries: StoredEntry[] = [];
  let findings: FsckFinding[] = [];
  const flush = function* (): Generator<EntryPage> {
    if (entries.length > 0 || findings.length > 0) yield { from: first, to: expected, entries, findings };
    [entries, findings, first] = [[], [], expected];
  };
  for (const row of rows) {
    const opened = openBatch(row);
    const end = row.firstIndex + BigInt(opened.entries.length);
    if (row.firstIndex > expected) {
      yield* flush();
      yield gap(expected, row.firstIndex, 'are not there any more: batch rows were deleted or moved');
      expected = first = row.firstIndex;
    } else if (row.firstIndex < expected && row.firstIndex >= from) {
      findings.push(
        finding(
          'batch-overlaps',
          { table: 'entry_batch', batch: row.firstIndex.toString() },
          `the batch at ${row.firstIndex} begins before the one before it ends, at ${expected}`,
        ),
      );
      continue;
    }
    findings.push(...opened.findings);
    // Of a batch that began before this sweep, only what is new.
    const wanted = opened.entries.slice(Number(expected - row.firstIndex));
    entries.push(...(end > to ? wanted.slice(0, Number(to - expected)) : wanted));
    expected = end > to ? to : end;
  }
  yield* flush();
}

function gap(from: bigint, to: bigint, what: string): EntryPage {
  const where = { table: 'entry_batch', from: from.toString(), to: to.toString() };
  const which = to - from === 1n ? `entry ${from}` : `entries ${from} to ${to - 1n}`;
  return { from, to, entries: null, findings: [finding('entries-missing', where, `${which} ${what}`)] };
}
