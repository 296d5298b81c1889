// Pure rules of the confirm stage: what a look at the chain makes of an anchor.
import { equalBytes } from '@medanchor/verifier';
/**
 * - no receipt: `sent` while the nonce is free, `dropped` once something else has used it;
 * - reverted: `failed`;
 * - mined without announcing our head (the contract held it already): `dropped`, for nothing is proven by it;
 * - mined: `anchored`, and `confirmed` with enough blocks on top (its own block counts as the first).
 */
export function judgeAnchor(anchor, sighting, confirmations) {
    const held = anchor.state === 'anchored' || anchor.state === 'confirmed';
    const { receipt, usedNonces, latestBlock } = sighting;
    if (receipt === null)
        return { state: usedNonces > anchor.nonce ? 'dropped' : 'sent', lost: held };
    if (!receipt.success)
        return { state: 'failed', lost: held };
    const { announced } = receipt;
    if (announced === null || announced.size !== anchor.size || !equalBytes(announced.root, anchor.root)) {
        return { state: 'dropped', lost: held };
    }
    const depth = latestBlock - receipt.blockNumber + 1n;
    return { state: depth >= BigInt(confirmations) ? 'confirmed' : 'anchored', lost: false };
}
//# sourceMappingURL=confirm.rules.js.map