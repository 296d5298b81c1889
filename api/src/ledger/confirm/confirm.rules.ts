// Pure rules of the confirm stage: what a look at the chain makes of an anchor.
import { equalBytes } from '@medanchor/verifier';
import { type Receipt } from '../chain/anchor-registry.port.ts';
import { type Anchor, type AnchorState } from '../model.ts';

export interface Sighting {
  readonly receipt: Receipt | null;
  /** Number of transactions of our account: a nonce below it is used, by this transaction or by another. */
  readonly usedNonces: bigint;
  readonly latestBlock: bigint;
  /** Largest size that another anchor holds. */
  readonly heldSize: bigint;
}

export interface Judgement {
  readonly state: AnchorState;
  /** A held anchor is gone: blocks were dropped. */
  readonly lost: boolean;
}

/**
 * - no receipt: `sent` while the nonce is free, `dropped` once something else has used it, or when the nonce is beyond the next
 *   one and another anchor holds as much: it could only be mined after others, and nothing would come of it;
 * - reverted: `failed`;
 * - mined without announcing our head (the contract held it already): `dropped`, for nothing is proven by it;
 * - mined: `anchored`, and `confirmed` with enough blocks on top (its own block counts as the first).
 */
export function judgeAnchor(
  anchor: Pick<Anchor, 'state' | 'nonce' | 'size' | 'root'>,
  sighting: Sighting,
  confirmations: number,
): Judgement {
  const held = anchor.state === 'anchored' || anchor.state === 'confirmed';
  const { receipt, usedNonces, latestBlock, heldSize } = sighting;
  if (receipt === null) {
    const superseded = anchor.state === 'sent' && anchor.nonce > usedNonces && anchor.size <= heldSize;
    return { state: usedNonces > anchor.nonce || superseded ? 'dropped' : 'sent', lost: held };
  }
  if (!receipt.success) return { state: 'failed', lost: held };
  const { announced } = receipt;
  if (announced === null || announced.size !== anchor.size || !equalBytes(announced.root, anchor.root)) {
    return { state: 'dropped', lost: held };
  }
  const depth = latestBlock - receipt.blockNumber + 1n;
  return { state: depth >= BigInt(confirmations) ? 'confirmed' : 'anchored', lost: false };
}
