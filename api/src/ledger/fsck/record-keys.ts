// The keys of records, unwrapped page by page and forgotten again soon. A key that does not unwrap, or is not the one of the
// record's pseudonym, is a finding; what depends on it cannot be checked then.
import { equalBytes, recordRef } from '@medanchor/verifier';
import { type KeyProvider } from '../../platform/keys/key-provider.port.ts';
import { finding } from '../store/fsck-finding.ts';
import { type FsckRecordRow, type FsckSource, type FsckSourceRow } from '../store/fsck-source.port.ts';
import { recordKeyContext } from '../store/record-key.ts';
import { type Findings } from './findings.ts';

export interface OpenedRecord {
  readonly row: FsckRecordRow;
  readonly source: FsckSourceRow | null;
  /** null: damaged, or erased (`row.erased`). */
  readonly key: Uint8Array | null;
  /** What the key gives as pseudonym; differs from the row's column when either was changed. */
  readonly ref: Uint8Array | null;
}

/** Records kept at hand, some 500 octets each. */
const RECENT_RECORDS = 16_384;

export class RecordKeys {
  readonly #source: FsckSource;
  readonly #keys: KeyProvider;
  readonly #findings: Findings;
  readonly #log: number;
  readonly #recent = new Map<bigint, OpenedRecord>();
  #sources: ReadonlyMap<string, FsckSourceRow> = new Map();

  /** @param log row id of the log that is swept */
  constructor(source: FsckSource, keys: KeyProvider, findings: Findings, log: number) {
    this.#log = log;
    this.#source = source;
    this.#keys = keys;
    this.#findings = findings;
  }

  /** The records of one page. Those of the pages before are still at hand: versions of a record often come together. */
  async open(ids: readonly bigint[]): Promise<ReadonlyMap<bigint, OpenedRecord>> {
    const wanted = new Map<bigint, OpenedRecord>();
    const missing: bigint[] = [];
    for (const id of ids) {
      const known = this.#recent.get(id);
      if (known === undefined) missing.push(id);
      else wanted.set(id, known);
    }
    const fresh = missing.length === 0 ? [] : await this.openRows(await this.#source.records(missing));
    for (const [id, record] of fresh) wanted.set(id, record);
    for (const [id, record] of wanted) {
      // Last used, last forgotten: a Map keeps the order in which its keys were set.
      this.#recent.delete(id);
      this.#recent.set(id, record);
    }
    for (const id of this.#recent.keys()) {
      if (this.#recent.size <= RECENT_RECORDS) break;
      this.#recent.delete(id);
    }
    return wanted;
  }

  /** As they stand now, whatever is at hand: a record may have been erased since. */
  async openAgain(ids: readonly bigint[]): Promise<ReadonlyMap<bigint, OpenedRecord>> {
    for (const id of ids) this.#recent.delete(id);
    return this.open(ids);
  }

  async openRows(rows: readonly FsckRecordRow[]): Promise<ReadonlyMap<bigint, OpenedRecord>> {
    if (rows.some((row) => !this.#sources.has(row.sourceId)))
      this.#sources = new Map((await this.#source.sources()).map((source) => [source.id, source]));
    const known = rows.filter(hasKey).filter((row) => this.#sources.has(row.sourceId));
    const unwrapped = await this.#keys.unwrap(
      known.map((row) => ({
        wrapped: row.wrappedKey,
        context: recordKeyContext(this.#sources.get(row.sourceId)?.tenantId ?? '', row.sourceId, row.recordId),
      })),
    );
    const keys = new Map(known.map((row, at) => [row.id, unwrapped[at]]));
    return new Map(rows.map((row) => [row.id, this.#opened(row, keys.get(row.id))]));
  }

  #opened(row: FsckRecordRow, key: Uint8Array | Error | undefined): OpenedRecord {
    const source = this.#sources.get(row.sourceId) ?? null;
    const where = { table: 'record', record: row.id.toString() };
    if (row.log !== this.#log)
      this.#findings.add(
        finding(
          'record-changed',
          { ...where, field: 'log' },
          `record ${row.id} has versions in this log, but its row names log ${row.log}`,
        ),
      );
    if (source === null)
      this.#findings.add(
        finding(
          'record-changed',
          { ...where, field: 'source_id' },
          `record ${row.id} belongs to source ${row.sourceId}, which is not there`,
        ),
      );
    else if (row.erased) this.#assertGone(row);
    // The source keeps it: only its own opening of a bundle can say whether names and content are those that were committed.
    else if (row.keyHolder === 'source') return { row, source, key: null, ref: null };
    else if (!hasKey(row))
      this.#findings.add(
        finding(
          'record-key-damaged',
          { ...where, field: 'wrapped_key' },
          `record ${row.id} has no key or no name, and was not erased`,
        ),
      );
    else if (!(key instanceof Uint8Array))
      this.#findings.add(
        finding(
          'record-key-damaged',
          { ...where, field: 'wrapped_key' },
          `the key of record ${row.id} does not unwrap in its place (${key?.message ?? 'no answer'}): wrapped_key, record_id, source_id or the source's tenant was changed`,
        ),
      );
    if (!(key instanceof Uint8Array)) return { row, source, key: null, ref: null };
    return { row, source, key, ref: recordRef(key) };
  }

  #assertGone({ id, recordId, wrappedKey }: FsckRecordRow): void {
    if (recordId === null && wrappedKey === null) return;
    const field = wrappedKey === null ? 'record_id' : 'wrapped_key';
    this.#findings.add(
      finding(
        'erasure-not-applied',
        { table: 'record', record: id.toString(), field },
        `record ${id} says that it was erased, and still has its ${field}`,
      ),
    );
  }

  /**
   * Key and pseudonym do not belong together. The log entry of a version says which of the two was changed.
   *
   * @param inEntry the pseudonym in an entry of this record; null when there is none to ask
   */
  judgeRef({ row, ref }: OpenedRecord, inEntry: Uint8Array | null): void {
    const where = { table: 'record', record: row.id.toString() };
    // Without the key nobody can say whether the record's column was changed or a version was given to another record.
    if (row.keyHolder === 'source' && inEntry !== null && !equalBytes(row.recordRef, inEntry))
      this.#findings.add(
        finding(
          'record-changed',
          { ...where, field: 'record_ref' },
          `record_ref of record ${row.id} is not the pseudonym that a log entry of one of its versions names`,
        ),
      );
    if (ref === null || equalBytes(ref, row.recordRef)) return;
    if (inEntry !== null && equalBytes(ref, inEntry))
      this.#findings.add(
        finding(
          'record-changed',
          { ...where, field: 'record_ref' },
          `record_ref of record ${row.id} is not the pseudonym that its log entries name`,
        ),
      );
    else
      this.#findings.add(
        finding(
          'record-key-damaged',
          { ...where, field: 'wrapped_key' },
          `the key of record ${row.id} unwraps, but is not the key of this record's pseudonym`,
        ),
      );
  }
}

function hasKey(row: FsckRecordRow): row is FsckRecordRow & { recordId: string; wrappedKey: Buffer } {
  return row.recordId !== null && row.wrappedKey !== null;
}
