// Every record's row against its versions: the number and leaf of the newest one, and how many there are. Row and versions
// are seen by one statement, so a version that is appended meanwhile raises no false alarm.
import { equalBytes } from '@medanchor/verifier';
import { finding } from '../store/fsck-finding.ts';
import { type FsckRecordHead, type FsckSource } from '../store/fsck-source.port.ts';
import { type Findings } from './findings.ts';
import { type Pace } from './pace.ts';
import { type RecordKeys } from './record-keys.ts';

const PAGE = 2000;

export class RecordSweep {
  readonly #source: FsckSource;
  readonly #findings: Findings;
  readonly #keys: RecordKeys;
  readonly #pace: Pace;

  constructor(source: FsckSource, findings: Findings, keys: RecordKeys, pace: Pace) {
    this.#source = source;
    this.#findings = findings;
    this.#keys = keys;
    this.#pace = pace;
  }

  /** All records after row id `after`. @param pageDone called with the last row id and the number of records so far */
  async run(after: bigint, pageDone: (last: bigint, done: bigint) => Promise<void>): Promise<void> {
    let done = 0n;
    for (let last = after; ;) {
      const rows = await this.#source.recordHeadsAfter(last, PAGE);
      const end = rows.at(-1);
      if (end === undefined) return;
      for (const row of rows) this.#check(row);
      // Keys of records with versions were opened where their entries were read.
      const opened = await this.#keys.openRows(rows.filter((row) => row.versions === 0n));
      for (const record of opened.values()) this.#keys.judgeRef(record, null);
      last = end.id;
      done += BigInt(rows.length);
      await pageDone(last, done);
      if (this.#pace.due) await this.#pace.breathe();
    }
  }

  /** Some records only: those that got versions since the last sweep. */
  async runFor(ids: readonly bigint[]): Promise<void> {
    for (const row of await this.#source.recordHeads(ids)) this.#check(row);
  }

  #check(row: FsckRecordHead): void {
    const { id, headSeq, headLeaf, versions, newestSeq, newestLeaf } = row;
    if (row.erased && !row.hasErasure)
      this.#findings.add(
        finding(
          'erasure-unrecorded',
          { table: 'record', record: id.toString(), field: 'erased_at' },
          `the key and the names of record ${id} were taken away, and no entry of the log says that it was erased`,
        ),
      );
    const wrong = (field: string, detail: string): void =>
      this.#findings.add(finding('record-head-wrong', { table: 'record', record: id.toString(), field }, detail));
    const newest = newestSeq ?? 0n;
    if (headSeq !== newest)
      wrong(
        'head_seq',
        `record ${id} says that its newest version has number ${headSeq}, but the newest row has ${newest === 0n ? 'none' : newest}`,
      );
    else if (versions !== newest)
      wrong('head_seq', `record ${id} has ${newest} versions by its own count, but ${versions} version rows`);
    else if (newestLeaf === null ? headLeaf !== null : headLeaf === null || !equalBytes(headLeaf, newestLeaf))
      wrong('head_leaf', `head_leaf of record ${id} is not the leaf hash of its newest version`);
  }
}
