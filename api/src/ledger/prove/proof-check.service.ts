// Checks a proof bundle that somebody presents: no database, only the verifier, our keys and the chain.
import {
  verifyBundle,
  type Bundle,
  type Eip1193Provider,
  type RecordIdentity,
  type Trust,
  type VerificationReport,
} from '@medanchor/verifier';

export interface PresentedContent {
  readonly content?: Uint8Array;
  readonly mediaType?: string;
  readonly identity?: Partial<RecordIdentity>;
}

export class ProofCheckService {
  readonly #trust: Trust;
  readonly #chain: Eip1193Provider;

  constructor(trust: Trust, chain: Eip1193Provider) {
    this.#trust = trust;
    this.#chain = chain;
  }

  async check(bundle: Bundle, presented: PresentedContent): Promise<VerificationReport> {
    return verifyBundle(bundle, { ...presented, trust: this.#trust, chain: this.#chain });
  }
}
