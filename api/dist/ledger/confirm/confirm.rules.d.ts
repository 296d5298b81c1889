import { type Receipt } from '../chain/anchor-registry.port.ts';
import { type Anchor, type AnchorState } from '../model.ts';
export interface Sighting {
    readonly receipt: Receipt | null;
    /** Number of transactions of our account: a nonce below it is used, by this transaction or by another. */
    readonly usedNonces: bigint;
    readonly latestBlock: bigint;
}
export interface Judgement {
    readonly state: AnchorState;
    /** A held anchor is gone: blocks were dropped. */
    readonly lost: boolean;
}
/**
 * - no receipt: `sent` while the nonce is free, `dropped` once something else has used it;
 * - reverted: `failed`;
 * - mined without announcing our head (the contract held it already): `dropped`, for nothing is proven by it;
 * - mined: `anchored`, and `confirmed` with enough blocks on top (its own block counts as the first).
 */
export declare function judgeAnchor(anchor: Pick<Anchor, 'state' | 'nonce' | 'size' | 'root'>, sighting: Sighting, confirmations: number): Judgement;
