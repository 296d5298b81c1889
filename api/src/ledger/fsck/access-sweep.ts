// The access log against itself and against the log: every chain is hashed again from the stored texts, and at the end of every
// batch its hash is compared with what an entry of the log commits to. Only that comparison can tell a chain that was rewritten
// with everything that belongs to it.
//
// An incremental sweep begins where the newest batch ends that was in the log when the last clean sweep ran: the hash there is
// taken from the batch's row, after that row has opened its entry. Pages of events and batches; memory does not grow.
import { accessCommitment, equalBytes, parseEntry, type EvidenceEntry } from '@medanchor/verifier';
import {
  type AccessAnchorRow,
  type AccessChainRow,
  type AccessSource,
  type PlacedAccessAnchor,
} from '../store/access-source.port.ts';
import { parseEntries } from '../store/entry-octets.ts';
import { finding } from '../store/fsck-finding.ts';
import { AccessChainCheck } from './access-chain.rules.ts';
import { type Findings } from './findings.ts';
import { type Pace } from './pace.ts';

const PAGE = 1000;
const ANCHOR_PAGE = 100;

export class AccessSweep {
  readonly #source: AccessSource;
  readonly #findings: Pick<Findings, 'add' | 'flush'>;
  readonly #pace: Pace;

  constructor(source: AccessSource, findings: Pick<Findings, 'add' | 'flush'>, pace: Pace) {
    this.#source = source;
    this.#findings = findings;
    this.#pace = pace;
  }

  /** @param fromSize of the log: what was in it is known to be in order, 0 in a full sweep */
  async run(fromSize: bigint): Promise<void> {
    for (const row of await this.#source.chains()) {
      await this.#chain(row, fromSize === 0n ? null : await this.#known(row.chain, fromSize));
      await this.#findings.flush();
      this.#pace.check();
    }
  }

  /** Entries of the log that commit to a batch: each must have its opening, or a chain could be rewritten after that is deleted. */
  async evidence(entries: readonly { readonly index: bigint; readonly entry: EvidenceEntry }[]): Promise<void> {
    if (entries.length === 0) return;
    const rows = new Map(
      (await this.#source.anchorsById(entries.map(({ entry }) => entry.id))).map((row) => [row.id, row]),
    );
    for (const { index, entry } of entries) {
      const row = rows.get(entry.id);
      const where = { table: 'access_anchor', index: index.toString() };
      if (row === undefined)
        this.#findings.add(
          finding(
            'access-anchor-missing',
            where,
            `the log commits to something at index ${index} that nothing here opens`,
          ),
        );
      else if (!equalBytes(entry.commitment, accessCommitment(row.salt, row))) this.#anchorChanged(row);
    }
  }

  async #known(chain: string, fromSize: bigint): Promise<PlacedAccessAnchor | null> {
    const anchor = await this.#source.anchorBelow(chain, fromSize);
    // Nothing is built on one that was changed, nor on one whose last event is not there any more: then all of the chain is read.
    if (anchor === null || !opens(anchor)) return null;
    const [last] = await this.#source.events(chain, anchor.last - 1n, 1);
    return last?.seq === anchor.last && equalBytes(last.hash, anchor.head) ? anchor : null;
  }

  async #chain({ chain, headSeq, headHash, lastSeq }: AccessChainRow, known: PlacedAccessAnchor | null): Promise<void> {
    const start = known === null ? null : { seq: known.last, hash: known.head };
    const check = new AccessChainCheck(chain, start, (found) => this.#findings.add(found));
    const batches = new Batches(this.#source, chain, known?.last ?? 0n);
    // What is added meanwhile is the next sweep's.
    const end = lastSeq ?? 0n;
    while (check.seq < end) {
      const rows = await this.#source.events(chain, check.seq, PAGE);
      for (const row of rows) {
        if (row.seq > end) break;
        await this.#batchesBefore(row.seq, batches, check, chain);
        check.event(row);
        if (headSeq !== null && row.seq > headSeq) this.#unexpected(chain, row.seq);
      }
      if (rows.length === 0) break;
      await this.#findings.flush();
      this.#pace.check();
      if (this.#pace.due) await this.#pace.breathe();
    }
    check.end(headSeq === check.seq ? headHash : null);
    await this.#batchesBefore(check.seq + 1n, batches, check, chain);
    await this.#ends(chain, { headSeq, headHash }, check, batches);
  }

  /** Batches that end before event `next`: the check stands at the last event before it. */
  async #batchesBefore(next: bigint, batches: Batches, check: AccessChainCheck, chain: string): Promise<void> {
    for (let batch = await batches.peek(); batch !== null && batch.last < next; batch = await batches.peek()) {
      batches.take();
      if (batch.first !== batches.expected)
        this.#findings.add(
          finding(
            'access-anchor-missing',
            { table: 'access_anchor', chain, from: batches.expected.toString(), to: batch.first.toString() },
            `the batch that begins with event ${batches.expected} of the access log is not there: the next one begins with ${batch.first}`,
          ),
        );
      batches.expected = batch.last + 1n;
      if (batch.index !== null && !opens(batch)) {
        this.#anchorChanged(batch);
        continue;
      }
      // Its last event is gone, and that is named already.
      if (batch.last !== check.seq) continue;
      check.committed(batch.head);
      if (!equalBytes(batch.head, check.hash))
        this.#findings.add(
          finding(
            'access-chain-rewritten',
            { table: 'access_event', chain, seq: batch.last.toString() },
            `the log commits to another hash of event ${batch.last} of the access log than is stored: events up to it were rewritten with their hashes`,
          ),
        );
    }
  }

  async #ends(
    chain: string,
    { headSeq, headHash }: Pick<AccessChainRow, 'headSeq' | 'headHash'>,
    check: AccessChainCheck,
    batches: Batches,
  ): Promise<void> {
    // Whoever says most: the head's row, or a batch that the log commits to.
    let wanted = headSeq ?? 0n;
    for (let batch = await batches.peek(); batch !== null; batch = await batches.peek()) {
      batches.take();
      if (batch.index !== null && !opens(batch)) this.#anchorChanged(batch);
      // One that was made after the chains were looked at is of events that were not looked at either.
      else if (batch.last > wanted && (await this.#source.events(chain, batch.last - 1n, 1)).length === 0)
        wanted = batch.last;
    }
    check.missing(wanted + 1n);
    const where = { table: 'access_head', chain };
    if (headSeq === null || headHash === null) {
      this.#findings.add(finding('access-head-wrong', where, `the head's row of the chain ${chain} is not there`));
      return;
    }
    if (headSeq === check.seq && !equalBytes(headHash, check.hash))
      this.#findings.add(
        finding(
          'access-head-wrong',
          { ...where, field: 'hash' },
          `the hash of the chain's head is not that of its last event, ${check.seq}`,
        ),
      );
    else if (headSeq < check.seq)
      this.#findings.add(
        finding(
          'access-head-wrong',
          { ...where, field: 'seq' },
          `the chain's head says that event ${headSeq} is the last, but event ${check.seq} is stored`,
        ),
      );
  }

  #unexpected(chain: string, seq: bigint): void {
    this.#findings.add(
      finding(
        'access-event-unexpected',
        { table: 'access_event', chain, seq: seq.toString() },
        `event ${seq} of the access log stands beyond the chain's head: nothing of ours has written it, or the head was set back`,
      ),
    );
  }

  #anchorChanged({ id, chain, first, last, index }: AccessAnchorRow): void {
    this.#findings.add(
      finding(
        'access-anchor-changed',
        { table: 'access_anchor', chain, anchor: id },
        `the batch of events ${first} to ${last} of the access log is not what the log commits to at index ${index ?? 'unknown'}`,
      ),
    );
  }
}

/** The batches of one chain, in order, a page at a time. */
class Batches {
  readonly #source: AccessSource;
  readonly #chain: string;
  #page: readonly PlacedAccessAnchor[] = [];
  #at = 0;
  #after: bigint;
  #done = false;
  /** First event of the next batch. */
  expected: bigint;

  constructor(source: AccessSource, chain: string, after: bigint) {
    this.#source = source;
    this.#chain = chain;
    this.#after = after;
    this.expected = after + 1n;
  }

  async peek(): Promise<PlacedAccessAnchor | null> {
    if (this.#at === this.#page.length && !this.#done) {
      this.#page = await this.#source.anchors(this.#chain, this.#after, ANCHOR_PAGE);
      this.#at = 0;
      this.#done = this.#page.length < ANCHOR_PAGE;
      this.#after = this.#page.at(-1)?.last ?? this.#after;
    }
    return this.#page[this.#at] ?? null;
  }

  take(): void {
    this.#at += 1;
  }
}

/** The row is what the log's entry at its index commits to. */
function opens({ id, index, batchFirst, entries, ...batch }: PlacedAccessAnchor): boolean {
  if (index === null || batchFirst === null || entries === null) return false;
  try {
    const octets = parseEntries(entries)[Number(index - batchFirst)];
    const entry = octets === undefined ? null : parseEntry(octets);
    if (entry?.kind !== 'evidence' || entry.id !== id) return false;
    return equalBytes(entry.commitment, accessCommitment(batch.salt, batch));
  } catch {
    // What cannot be read as an entry is named where the log's entries are checked.
    return false;
  }
}
