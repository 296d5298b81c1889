// The keys of records, unwrapped page by page and forgotten again. A key that does not unwrap, or is not the one of the
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
  readonly key: Uint8Array | null;
  /** What the key gives as pseudonym; differs from the row's column when either was changed. */
  readonly ref: Uint8Array | null;
}

export class RecordKeys {
  readonly #source: FsckSource;
  readonly #keys: KeyProvider;
  readonly #findings: Findings;
  #sources: ReadonlyMap<string, FsckSourceRow> = new Map();

  constructor(source: FsckSource, keys: KeyProvider, findings: Findings) {
    this.#source = source;
    this.#keys = keys;
    this.#findings = findings;
  }

  async open(ids: readonly bigint[]): Promise<ReadonlyMap<bigint, OpenedRecord>> {
    if (ids.length === 0) return new Map();
    return this.openRows(await this.#source.records(ids));
  }

  async openRows(rows: readonly FsckRecordRow[]): Promise<ReadonlyMap<bigint, OpenedRecord>> {
    if (rows.some((row) => !this.#sources.has(row.sourceId)))
      this.#sources = new Map((await this.#source.sources()).map((source) => [source.id, source]));
    const known = rows.filter((row) => this.#sources.has(row.sourceId));
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
    if (source === null)
      this.#findings.add(
        finding(
          'record-changed',
          { ...where, field: 'source_id' },
          `record ${row.id} belongs to source ${row.sourceId}, which is not there`,
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

  /**
   * Key and pseudonym do not belong together. The log entry of a version says which of the two was changed.
   *
   * @param inEntry the pseudonym in an entry of this record; null when there is none to ask
   */
  judgeRef({ row, ref }: OpenedRecord, inEntry: Uint8Array | null): void {
    if (ref === null || equalBytes(ref, row.recordRef)) return;
    const where = { table: 'record', record: row.id.toString() };
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
