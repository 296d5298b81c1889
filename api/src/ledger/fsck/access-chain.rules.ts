// One chain of the access log, event by event, as it is stored; nothing of a row is believed. Each damage is named once, by the
// number of its event. Pure.
import { accessEventHash, accessGenesis, equalBytes, toHex } from '@medanchor/verifier';
import { type AccessEventRow } from '../store/access-source.port.ts';
import { finding, type FsckFinding } from '../store/fsck-finding.ts';

/** An event that does not hash to its own hash. What follows says which of the two was changed. */
interface Suspect {
  readonly seq: bigint;
  readonly computed: Uint8Array;
}

export class AccessChainCheck {
  readonly #chain: string;
  readonly #add: (found: FsckFinding) => void;
  /** Of the last event that was looked at. */
  #seq: bigint;
  #hash: Uint8Array;
  #suspect: Suspect | null = null;

  /** @param start null: from the first event */
  constructor(
    chain: string,
    start: { readonly seq: bigint; readonly hash: Uint8Array } | null,
    add: (found: FsckFinding) => void,
  ) {
    this.#chain = chain;
    this.#seq = start?.seq ?? 0n;
    this.#hash = start?.hash ?? accessGenesis(chain);
    this.#add = add;
  }

  get seq(): bigint {
    return this.#seq;
  }

  /** The hash that the last event has by its own row, or by what follows from it. */
  get hash(): Uint8Array {
    return this.#hash;
  }

  /** Events in the order of their numbers. */
  event(row: AccessEventRow): void {
    if (row.seq !== this.#seq + 1n) {
      this.#settle(null);
      this.missing(row.seq);
      // Nobody knows what the missing ones hashed to but the row itself.
      this.#hash = row.previousHash;
    }
    this.#settle(row.previousHash);
    this.#seq = row.seq;
    const linked = equalBytes(row.previousHash, this.#hash);
    const computed = accessEventHash(row.previousHash, row.event);
    const sound = equalBytes(computed, row.hash);
    if (sound && !linked)
      this.#add(
        finding(
          'access-chain-broken',
          this.#at(row.seq),
          `event ${row.seq} of the access log does not follow from the one before: its row names ${toHex(row.previousHash)}, that one has ${toHex(this.#hash)}`,
        ),
      );
    else if (!sound && !linked && equalBytes(accessEventHash(this.#hash, row.event), row.hash))
      this.#changed(row.seq, 'previous_hash', 'is not the hash of the event before');
    else if (!sound) this.#suspect = { seq: row.seq, computed };
    this.#hash = row.hash;
    this.#compareColumns(row);
  }

  /** Everything from the next event up to `end` (exclusive) is gone. */
  missing(end: bigint): void {
    const first = this.#seq + 1n;
    if (end <= first) return;
    const which = end - first === 1n ? `event ${first}` : `events ${first} to ${end - 1n}`;
    this.#add(
      finding(
        'access-events-missing',
        { table: 'access_event', chain: this.#chain, from: first.toString(), to: end.toString() },
        `${which} of the access log are not there any more`,
      ),
    );
  }

  /** @param head what the log commits to as the hash of the event before: it, too, says which of the two was changed */
  committed(head: Uint8Array): void {
    if (this.#suspect !== null && equalBytes(head, this.#suspect.computed)) this.#settle(head);
  }

  /** There is nothing more. @param head what the row of the chain's head says, when it is of this event */
  end(head: Uint8Array | null): void {
    this.#settle(head);
  }

  /** Whoever comes next names the hash of the suspect's event: that of the stored row, or the one that the text has. */
  #settle(named: Uint8Array | null): void {
    const suspect = this.#suspect;
    if (suspect === null) return;
    this.#suspect = null;
    if (named !== null && equalBytes(named, suspect.computed)) {
      this.#changed(suspect.seq, 'hash', 'is not the hash of its event');
      this.#hash = suspect.computed;
    } else this.#changed(suspect.seq, 'event', 'does not hash to its hash');
  }

  /** The columns that repeat what the hashed text says. */
  #compareColumns({ seq, event, time }: AccessEventRow): void {
    // A text inside the event cannot look like this: its quotation marks are escaped. `time` is the last of the members.
    if (!event.endsWith(`,"time":"${time}"}`)) this.#changed(seq, 'time', 'is not the time that its event names');
    if (!event.includes(`,"chain":"${this.#chain}",`))
      this.#changed(seq, 'chain', 'is not the chain that its event names');
  }

  #changed(seq: bigint, field: string, what: string): void {
    this.#add(
      finding(
        'access-event-changed',
        { ...this.#at(seq), field },
        `${field} of event ${seq} of the access log ${what}`,
      ),
    );
  }

  #at(seq: bigint): { table: string; chain: string; seq: string } {
    return { table: 'access_event', chain: this.#chain, seq: seq.toString() };
  }
}
