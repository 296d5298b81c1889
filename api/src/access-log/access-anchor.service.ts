// Commits the access log to the log, batch by batch: whoever rewrites the events afterwards must rewrite the log as well, and that is
// anchored outside.
//
// The order of the steps is the guarantee. The batch's row comes first, then the log's entry, then the entry's index in the row. A
// crash after the first step leaves a batch without an entry, and after the second an entry whose index is not known: the next
// run appends another entry for the same row. Both entries then open with it.
import { randomBytes, randomUUID } from 'node:crypto';
import { accessCommitment } from '@medanchor/verifier';
import { type LedgerService } from '../ledger/index.ts';
import { type Clock } from '../platform/clock/clock.ts';
import { type PartHealth } from '../platform/health/health.ts';
import { type Metrics } from '../platform/metrics/metrics.ts';
import { type AccessAnchor, type AccessAnchorStore } from './access-anchor-store.port.ts';

const SALT = 32;

export class AccessAnchorService {
  readonly #anchors: AccessAnchorStore;
  readonly #ledger: Pick<LedgerService, 'appendEntry'>;
  readonly #clock: Clock;
  readonly #metrics: Metrics;

  constructor(anchors: AccessAnchorStore, ledger: Pick<LedgerService, 'appendEntry'>, clock: Clock, metrics: Metrics) {
    this.#anchors = anchors;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /** Nothing happens when there is nothing new, or while another process is at it. */
  async run(): Promise<void> {
    await this.#anchors.exclusively(async () => {
      for (const anchor of await this.#anchors.pending()) await this.#append(anchor);
      for (const batch of await this.#anchors.news()) {
        const anchor = { ...batch, id: randomUUID(), salt: new Uint8Array(randomBytes(SALT)), index: null };
        await this.#anchors.add(anchor, this.#clock.now());
        await this.#append(anchor);
      }
    });
  }

  async #append(anchor: AccessAnchor): Promise<void> {
    const { index } = await this.#ledger.appendEntry({
      kind: 'evidence',
      time: this.#clock.now().toISOString(),
      id: anchor.id,
      commitment: accessCommitment(anchor.salt, anchor),
    });
    await this.#anchors.place(anchor.id, index);
  }

  async health(): Promise<PartHealth> {
    const { last, waiting } = await this.#anchors.state();
    if (last !== null) this.#metrics.accessAnchored.set(last.getTime() / 1000);
    return { status: 'up', lastAnchored: last?.toISOString() ?? null, notAnchored: waiting.toString() };
  }
}
