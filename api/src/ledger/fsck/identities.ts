// Version rows whose `identity` component does not open with the names that stand in the database. A version, or a whole
// source: when none of a source's versions opens any more, it is the source that was renamed, and that is said once.
import { finding } from '../store/fsck-finding.ts';
import { type FsckVersionRow } from '../store/fsck-source.port.ts';
import { type Findings } from './findings.ts';
import { placeOf } from './version-row.rules.ts';

/** Versions remembered while it is open whether the source or its versions were renamed. */
const REMEMBERED = 100;

type Row = Pick<FsckVersionRow, 'index' | 'record' | 'seq'>;

export class Identities {
  readonly #findings: Findings;
  readonly #bySource = new Map<string, { opened: boolean; records: Set<bigint>; failed: Row[] }>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  opened(source: string): void {
    const state = this.#of(source);
    if (state.opened) return;
    state.opened = true;
    for (const row of state.failed.splice(0)) this.#name(row);
  }

  failed(source: string, row: FsckVersionRow): void {
    const state = this.#of(source);
    if (state.opened) return this.#name(row);
    if (state.failed.length < REMEMBERED) state.failed.push({ index: row.index, record: row.record, seq: row.seq });
    if (state.records.size < 2) state.records.add(row.record);
  }

  /** Names what is still open. */
  close(): void {
    for (const [source, { failed, records }] of this.#bySource) {
      if (records.size > 1)
        this.#findings.add(
          finding(
            'source-renamed',
            { table: 'source', source, field: 'name' },
            `no version of source ${source} opens under the source's name: the name was changed`,
          ),
        );
      else for (const row of failed) this.#name(row);
    }
    this.#bySource.clear();
  }

  #of(source: string): { opened: boolean; records: Set<bigint>; failed: Row[] } {
    const found = this.#bySource.get(source) ?? { opened: false, records: new Set<bigint>(), failed: [] };
    this.#bySource.set(source, found);
    return found;
  }

  #name(row: Row): void {
    this.#findings.add(
      finding(
        'identity-changed',
        placeOf(row, 'version_id'),
        `the version at index ${row.index} was not recorded under the names that its rows give: version_id, or the name of the record or source, was changed`,
      ),
    );
  }
}
