// Compares the version rows of one page with the entries of that page, and with their records. Names the row and column
// that is wrong; what follows from damage that is named elsewhere (a changed entry, a deleted predecessor) is not repeated.
import { equalBytes, leafHash, type Entry } from '@medanchor/verifier';
import { finding } from '../store/fsck-finding.ts';
import { type FsckErasureRow, type FsckSource, type FsckVersionRow } from '../store/fsck-source.port.ts';
import { openBatch, type StoredEntry } from './batch-row.rules.ts';
import { type ErasureSweep } from './erasure-sweep.ts';
import { type Findings } from './findings.ts';
import { type Identities } from './identities.ts';
import { type OpenedRecord, type RecordKeys } from './record-keys.ts';
import { type SourceKeySweep } from './source-key-sweep.ts';
import {
  faultsOfRow,
  isCleared,
  isEntryOf,
  mediaTypeFault,
  opensIdentity,
  placeOf,
  readEntry,
} from './version-row.rules.ts';

/** Looks at a record and its version that disagree because of an erasure between two statements. */
const ATTEMPTS = 3;

/** What looks at entries that are no versions. */
export interface OtherSweeps {
  readonly erasures: ErasureSweep;
  readonly sourceKeys: SourceKeySweep;
}

export class VersionSweep {
  readonly #source: FsckSource;
  readonly #findings: Findings;
  readonly #keys: RecordKeys;
  readonly #identities: Identities;
  readonly #others: OtherSweeps;

  constructor(source: FsckSource, findings: Findings, keys: RecordKeys, identities: Identities, others: OtherSweeps) {
    this.#source = source;
    this.#findings = findings;
    this.#keys = keys;
    this.#identities = identities;
    this.#others = others;
  }

  /**
   * One place of the log: quick when all is well.
   *
   * @param rows the version rows with this index
   * @returns false when it must be looked at closely (`closely`)
   */
  matches(stored: StoredEntry, rows: readonly FsckVersionRow[], records: ReadonlyMap<bigint, OpenedRecord>): boolean {
    const [row] = rows;
    const record = row === undefined ? undefined : records.get(row.record);
    if (row === undefined || record === undefined || rows.length > 1 || stored.octets === undefined) return false;
    if (record.row.erased || row.versionId === null || !this.#standsThere(row, stored)) return false;
    if (row.previousLeaf === null && row.seq !== 1n) return false;
    if (!isEntryOf(stored.octets, row, record.row, row.previousLeaf)) return false;
    if (record.ref !== null && !equalBytes(record.ref, record.row.recordRef)) return false;
    if (mediaTypeFault(row) !== null) return false;
    this.#checkIdentity(row, record);
    return true;
  }

  /** @param entryIsRight the entry's octets are those that were recorded: only then do they say anything about the row */
  async closely(
    index: bigint,
    stored: StoredEntry,
    given: readonly FsckVersionRow[],
    opened: ReadonlyMap<bigint, OpenedRecord>,
    erasure: FsckErasureRow | undefined,
    entryIsRight: boolean,
  ): Promise<void> {
    if (stored.octets === undefined || !entryIsRight) return;
    const { rows, records } = await this.#settled(index, given, opened);
    const read = readEntry(stored.octets);
    if ('unreadable' in read) {
      this.#findings.add(
        finding(
          'entry-unreadable',
          { table: 'entry_batch', index: index.toString(), batch: stored.batch.toString(), field: 'entries' },
          `entry ${index} hashes to its recorded leaf but is no log entry: ${read.unreadable}`,
        ),
      );
      return;
    }
    this.#others.erasures.compare(index, read.entry, leafHash(stored.octets), erasure);
    if (read.entry.kind === 'key') await this.#others.sourceKeys.entry(index, read.entry);
    const [row, ...others] = await this.#order(rows, read.entry, records);
    for (const other of others)
      this.#unexpected(other, `a second version row stands at index ${index}, where the log has one entry`);
    if (row === undefined) {
      if (read.entry.kind === 'record-version')
        this.#findings.add(
          finding(
            'version-missing',
            { table: 'version', index: index.toString(), seq: read.entry.seq.toString() },
            `entry ${index} is version number ${read.entry.seq} of a record, but has no version row`,
          ),
        );
    } else if (read.entry.kind === 'record-version') {
      await this.#compare(row, read.entry, stored, records.get(row.record));
    } else {
      this.#unexpected(
        row,
        `a version row stands at index ${index}, where the log has an entry of kind ${read.entry.kind}`,
      );
    }
  }

  /**
   * An erasure between the reading of a record and that of its versions makes them disagree for a moment. Damage stays; so
   * they are read until they agree, a few times.
   */
  async #settled(
    index: bigint,
    given: readonly FsckVersionRow[],
    opened: ReadonlyMap<bigint, OpenedRecord>,
  ): Promise<{ rows: readonly FsckVersionRow[]; records: ReadonlyMap<bigint, OpenedRecord> }> {
    let rows = given;
    let records = opened;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const seen = records;
      const agree = rows.every((row) => (seen.get(row.record)?.row.erased ?? isCleared(row)) === isCleared(row));
      if (agree) break;
      records = await this.#keys.openAgain(rows.map((row) => row.record));
      rows = await this.#source.versions(index, index + 1n);
    }
    return { rows, records };
  }

  /** Of several rows at one index, the one whose record and number are the entry's first. */
  async #order(
    rows: readonly FsckVersionRow[],
    entry: Entry,
    records: ReadonlyMap<bigint, OpenedRecord>,
  ): Promise<readonly FsckVersionRow[]> {
    if (rows.length < 2 || entry.kind !== 'record-version') return rows;
    const fits = (row: FsckVersionRow): number => {
      const record = records.get(row.record)?.row ?? null;
      return faultsOfRow(entry, row, record).length + (record === null ? 1 : 0);
    };
    return [...rows].sort((a, b) => fits(a) - fits(b));
  }

  async #compare(
    row: FsckVersionRow,
    entry: Extract<Entry, { kind: 'record-version' }>,
    stored: StoredEntry,
    record: OpenedRecord | undefined,
  ): Promise<void> {
    if (record === undefined)
      this.#findings.add(
        finding(
          'record-missing',
          { table: 'record', record: row.record.toString() },
          `the version at index ${row.index} belongs to record ${row.record}, which is not there`,
        ),
      );
    const faults = [...faultsOfRow(entry, row, record?.row ?? null)].filter(
      ({ field }) =>
        field !== 'record' || record?.row.erased === true || this.#pointsElsewhere(record, entry.recordRef),
    );
    if (!this.#standsThere(row, stored)) faults.push(...this.#placeFaults(row, stored));
    const erased = record?.row.erased === true;
    if (erased && !isCleared(row)) {
      this.#findings.add(
        finding(
          'erasure-not-applied',
          placeOf(row),
          `the record of the version at index ${row.index} was erased, and the version's row still has what names or opens it`,
        ),
      );
      return;
    }
    const media = erased || faults.some(({ field }) => field === 'scheme') ? null : mediaTypeFault(row);
    if (media !== null) faults.push(media);
    for (const { field, detail } of faults)
      this.#findings.add(
        finding('version-changed', placeOf(row, field), `the version row at index ${row.index} was changed: ${detail}`),
      );
    if (record !== undefined && !faults.some(({ field }) => field === 'record')) this.#compareRecord(entry, record);
    if (!faults.some(({ field }) => field === 'seq' || field === 'record'))
      await this.#followChain(row, entry.previous);
    if (faults.length === 0 && record !== undefined) this.#checkIdentity(row, record);
  }

  /** The entry names another pseudonym than the row's record: is it the row that points elsewhere, or the record's column? */
  #pointsElsewhere(record: OpenedRecord | undefined, inEntry: Uint8Array): boolean {
    return record?.ref !== undefined && record.ref !== null && !equalBytes(record.ref, inEntry);
  }

  #compareRecord(entry: Extract<Entry, { kind: 'record-version' }>, record: OpenedRecord): void {
    this.#keys.judgeRef(record, entry.recordRef);
    if (entry.source !== record.row.sourceId)
      this.#findings.add(
        finding(
          'record-changed',
          { table: 'record', record: record.row.id.toString(), field: 'source_id' },
          `record ${record.row.id} belongs to source ${record.row.sourceId}, its log entries name ${entry.source}`,
        ),
      );
  }

  #standsThere(row: FsckVersionRow, stored: StoredEntry): boolean {
    return (
      row.batchFirst === stored.batch && row.entryOffset === stored.offset && row.entryLength === stored.octets?.length
    );
  }

  #placeFaults(row: FsckVersionRow, stored: StoredEntry): readonly { field: string; detail: string }[] {
    const wrong = (field: string, got: unknown, wanted: unknown) =>
      got === wanted ? [] : [{ field, detail: `${field} is ${String(got)}, the entry stands at ${String(wanted)}` }];
    return [
      ...wrong('batch_first', row.batchFirst, stored.batch),
      ...wrong('entry_offset', row.entryOffset, stored.offset),
      ...wrong('entry_length', row.entryLength, stored.octets?.length),
    ];
  }

  /** The entry must name the leaf of the version before it, as its row, its batch or its own octets have it. */
  async #followChain(row: FsckVersionRow, previous: Uint8Array | null): Promise<void> {
    // That a predecessor's row is gone is said where its entry stands.
    if (previous === null || row.previousIndex === null || row.previousLeaf === null) return;
    if (equalBytes(previous, row.previousLeaf)) return;
    const before = await this.#source.batchBefore(row.previousIndex);
    const stored =
      before === null ? undefined : openBatch(before).entries[Number(row.previousIndex - before.firstIndex)];
    if (stored?.leaf !== undefined && equalBytes(previous, stored.leaf)) return;
    if (stored?.octets !== undefined && equalBytes(previous, leafHash(stored.octets))) return;
    this.#findings.add(
      finding(
        'version-chain-broken',
        placeOf(row),
        `the entry at index ${row.index} does not name the record's version before it, which stands at index ${row.previousIndex}`,
      ),
    );
  }

  #checkIdentity(row: FsckVersionRow, { row: record, source, key, ref }: OpenedRecord): void {
    if (
      key === null ||
      source === null ||
      ref === null ||
      record.recordId === null ||
      !equalBytes(ref, record.recordRef)
    )
      return;
    if (opensIdentity(row, key, record.recordId, source.name)) this.#identities.opened(source.id);
    else this.#identities.failed(source.id, row);
  }

  #unexpected(row: FsckVersionRow, detail: string): void {
    this.#findings.add(finding('version-unexpected', placeOf(row), detail));
  }
}
