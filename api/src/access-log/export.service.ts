// The access log as a file that proves itself: NDJSON of FHIR resources (docs/spec/formats.md section 11.4). Page by page, so
// memory does not grow with what is asked for.
import { accessAnchorResource, accessEventResource, canonicalFhir, formatBundle } from '@medanchor/verifier';
import { type LedgerService } from '../ledger/index.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { type AccessAnchor, type AccessAnchorStore } from './access-anchor-store.port.ts';
import { type AccessEventStore } from './access-event-store.port.ts';

const PAGE = 500;
/** Batches at the end of the export that are tried for a bundle: the newest may not be in a checkpoint yet. */
const TRIED = 16;

export class ExportService {
  readonly #events: AccessEventStore;
  readonly #anchors: AccessAnchorStore;
  readonly #ledger: Pick<LedgerService, 'entryBundle'>;
  readonly #origin: string;

  constructor(
    events: AccessEventStore,
    anchors: AccessAnchorStore,
    ledger: Pick<LedgerService, 'entryBundle'>,
    origin: string,
  ) {
    this.#events = events;
    this.#anchors = anchors;
    this.#ledger = ledger;
    this.#origin = origin;
  }

  /**
   * Lines of events `after` + 1 to `to`, each ended by a line feed. After the last event of each anchored batch comes its
   * opening; with the last of them that a checkpoint covers, the proof bundle of the log's entry: it proves all events before.
   *
   * @param to null: the newest when the export begins
   */
  async *lines(chain: string, after: bigint, to: bigint | null): AsyncGenerator<string> {
    const head = await this.#events.head(chain);
    const end = to === null || to > head ? head : to;
    const proof = await this.#lastProof(chain, after, end);
    for (let at = after; at < end;) {
      const found = await this.#events.find({
        chain,
        after: at,
        from: null,
        to: null,
        recordRef: null,
        subject: null,
        limit: end - at < BigInt(PAGE) ? Number(end - at) : PAGE,
      });
      const last = found.at(-1)?.seq;
      if (last === undefined) return;
      const anchors = new Map(
        (await this.#anchors.between(chain, at, last, PAGE)).map((anchor) => [anchor.last, anchor]),
      );
      for (const event of found) {
        yield `${canonicalFhir(accessEventResource(event, this.#origin))}\n`;
        const anchor = anchors.get(event.seq);
        if (anchor !== undefined)
          yield `${accessAnchorResource(anchor, anchor.id === proof?.id ? proof.bundle : null)}\n`;
      }
      at = last;
    }
  }

  async #lastProof(chain: string, after: bigint, end: bigint): Promise<{ id: string; bundle: string } | null> {
    const newest = await this.#anchors.newest(chain, after, end, TRIED);
    for (const anchor of newest) {
      const bundle = await this.#bundle(anchor);
      if (bundle !== null) return { id: anchor.id, bundle };
    }
    return null;
  }

  async #bundle({ index }: AccessAnchor): Promise<string | null> {
    if (index === null) return null;
    try {
      return formatBundle(await this.#ledger.entryBundle(index));
    } catch (error) {
      if (error instanceof DomainError && error.code === 'not-yet-integrated') return null;
      throw error;
    }
  }
}
