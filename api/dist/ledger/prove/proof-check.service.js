// Checks a proof bundle that somebody presents: no database, only the verifier, our keys and the chain.
import { verifyBundle, } from '@medanchor/verifier';
export class ProofCheckService {
    #trust;
    #chain;
    constructor(trust, chain) {
        this.#trust = trust;
        this.#chain = chain;
    }
    async check(bundle, presented) {
        return verifyBundle(bundle, { ...presented, trust: this.#trust, chain: this.#chain });
    }
}
//# sourceMappingURL=proof-check.service.js.map