// Checks a proof bundle that somebody presents: the verifier, our keys and the chain; and of our own database only whether the
// record has been erased since (docs/spec/formats.md section 10).
import {
  verifyBundle,
  withErasure,
  type Bundle,
  type Eip1193Provider,
  type RecordIdentity,
  type Trust,
  type VerificationReport,
} from '@medanchor/verifier';
import { isConnectionLoss } from '../../platform/database/connection-loss.ts';
import { type StoredErasure } from '../store/erasure-store.port.ts';

export interface PresentedContent {
  readonly content?: Uint8Array;
  readonly mediaType?: string;
  readonly identity?: Partial<RecordIdentity>;
}

/** What this log knows of erasures. */
export interface Erasures {
  /** Of the log that knows them: proofs of other logs are checked too, and it has nothing to say about those. */
  readonly origin: string;
  ofRef(recordRef: Uint8Array): Promise<Pick<StoredErasure, 'index' | 'basis' | 'erasedAt'> | null>;
}

export class ProofCheckService {
  readonly #trust: Trust;
  readonly #chain: Eip1193Provider;
  readonly #erasures: Erasures;

  constructor(trust: Trust, chain: Eip1193Provider, erasures: Erasures) {
    this.#trust = trust;
    this.#chain = chain;
    this.#erasures = erasures;
  }

  async check(bundle: Bundle, presented: PresentedContent): Promise<VerificationReport> {
    const report = await verifyBundle(bundle, { ...presented, trust: this.#trust, chain: this.#chain });
    const included = report.checks.some(({ name, result }) => name === 'inclusion' && result === 'passed');
    if (bundle.entry.kind !== 'record-version' || !included || report.subject.origin !== this.#erasures.origin)
      return report;
    const erasure = await this.#erasures.ofRef(bundle.entry.recordRef).catch((error: unknown) => {
      // The proof stands without us; whether the record was erased stays a check that was not made.
      if (isConnectionLoss(error)) return null;
      throw error;
    });
    if (erasure === null) return report;
    return withErasure(report, { index: erasure.index, time: erasure.erasedAt.toISOString(), basis: erasure.basis });
  }
}
