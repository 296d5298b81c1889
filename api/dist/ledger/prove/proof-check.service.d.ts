import { type Bundle, type Eip1193Provider, type RecordIdentity, type Trust, type VerificationReport } from '@medanchor/verifier';
export interface PresentedContent {
    readonly content?: Uint8Array;
    readonly mediaType?: string;
    readonly identity?: Partial<RecordIdentity>;
}
export declare class ProofCheckService {
    #private;
    constructor(trust: Trust, chain: Eip1193Provider);
    check(bundle: Bundle, presented: PresentedContent): Promise<VerificationReport>;
}
