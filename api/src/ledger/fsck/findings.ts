// Gathers the findings of one run: each once, at most so many stored, all counted. Memory stays bounded however much is
// damaged, since a thousand findings and the number of the rest say as much as a million.
import {
  fingerprintOf,
  FSCK_CODES,
  type FsckCheckName,
  type FsckCode,
  type FsckFinding,
} from '../store/fsck-finding.ts';
import { type FsckRunStore } from '../store/fsck-run-store.port.ts';
import { REPORTED_FINDINGS } from './report.ts';

/** New findings that one run stores. What earlier runs left open is recognised beyond that. */
const STORED_LIMIT = 1000;
/** Alarms that one run raises one by one; the rest is one more alarm. */
const ALARM_LIMIT = 20;

export class Findings {
  readonly #runs: FsckRunStore;
  readonly #run: bigint;
  readonly #now: () => Date;
  readonly #open: ReadonlySet<string>;
  readonly #seen = new Set<string>();
  readonly #reported: FsckFinding[] = [];
  readonly #checks = new Set<FsckCheckName>();
  readonly #codes = new Set<FsckCode>();
  #waiting: FsckFinding[] = [];
  #stored = 0;
  #alarms = 0;
  #count: bigint;
  /** Smallest entry index with a finding of its own: heads beyond it cannot match what is rebuilt. */
  #firstBadEntry: bigint | null = null;

  /**
   * @param open fingerprints of what earlier runs found and no run has cleared
   * @param before what an interrupted part of this very run has found already
   */
  constructor(
    runs: FsckRunStore,
    run: bigint,
    open: ReadonlySet<string>,
    before: { readonly findings: readonly FsckFinding[]; readonly count: bigint },
    now: () => Date,
  ) {
    this.#runs = runs;
    this.#run = run;
    this.#open = open;
    this.#now = now;
    this.#count = before.count;
    for (const found of before.findings) {
      this.#seen.add(fingerprintOf(found));
      this.#note(found);
    }
  }

  get count(): bigint {
    return this.#count;
  }

  get reported(): readonly FsckFinding[] {
    return this.#reported;
  }

  get firstBadEntry(): bigint | null {
    return this.#firstBadEntry;
  }

  /** How many alarms were raised one by one. */
  get raised(): number {
    return Math.min(this.#alarms, ALARM_LIMIT);
  }

  has(code: FsckCode): boolean {
    return this.#codes.has(code);
  }

  failed(check: FsckCheckName): boolean {
    return this.#checks.has(check);
  }

  add(found: FsckFinding): void {
    const fingerprint = fingerprintOf(found);
    if (this.#seen.has(fingerprint)) return;
    this.#count += 1n;
    this.#note(found);
    const known = this.#open.has(fingerprint);
    if (!known && this.#stored >= STORED_LIMIT) return;
    this.#seen.add(fingerprint);
    if (!known) this.#stored += 1;
    this.#waiting.push(found);
  }

  #note(found: FsckFinding): void {
    this.#codes.add(found.code);
    this.#checks.add(FSCK_CODES[found.code][0]);
    if (this.#reported.length < REPORTED_FINDINGS) this.#reported.push(found);
    const at = found.where.index ?? found.where.from ?? found.where.batch;
    if (FSCK_CODES[found.code][0] !== 'entries' || at === undefined) return;
    if (this.#firstBadEntry === null || BigInt(at) < this.#firstBadEntry) this.#firstBadEntry = BigInt(at);
  }

  /** Makes what was found durable, with an alarm for what is new. Returns how many are new. */
  async flush(): Promise<readonly FsckFinding[]> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const { fresh } = await this.#runs.record(this.#run, waiting, Math.max(0, ALARM_LIMIT - this.#alarms), this.#now());
    const before = this.#alarms;
    this.#alarms += fresh.length;
    if (before <= ALARM_LIMIT && this.#alarms > ALARM_LIMIT)
      await this.#runs.raiseAlarm(
        `the tamper sweep (run ${this.#run}) has more findings than alarms are raised for: see GET /v1/fsck`,
        this.#now(),
      );
    return fresh;
  }
}
