// Is the chain at the other end the one that we anchored to? Pure: what was seen on chain against what we hold.
import { equalBytes } from '@medanchor/verifier';
import { type ChainView } from './anchor-registry.port.ts';

/** Blocks below the head in which a confirmed anchor is looked at again. Two epochs of a proof-of-stake chain. */
export const REORG_DEPTH = 64n;

export type ChainStateCode = 'ok' | 'chain-unreachable' | 'chain-mismatch' | 'cannot-anchor' | 'not-observed';

export interface ChainState {
  readonly code: ChainStateCode;
  /** For a person; empty when all is well. */
  readonly detail: string;
  /** The contract holds a head of this log that is not in our tree: whatever we sign now may be a fork. */
  readonly forked: boolean;
}

export const NOT_OBSERVED: ChainState = {
  code: 'not-observed',
  detail: 'the chain has not been looked at yet',
  forked: false,
};

export interface Expectation {
  /** What the current epoch was started with. */
  readonly chainId: bigint;
  readonly contract: string;
  /** What the configuration says now. */
  readonly configuredChainId: bigint;
  readonly configuredContract: string;
  /** Our tree's size, and our own root at the size that the chain holds (null when our tree is smaller). */
  readonly treeSize: bigint;
  readonly rootAtChainSize: Uint8Array | null;
  /** Largest size that was confirmed in this epoch. */
  readonly confirmedSize: bigint;
}

/**
 * `chain-mismatch`: no contract, another contract, or a head that is not ours. Then no anchor is claimed.
 * `cannot-anchor`: the chain is ours, but it will not take anchors from us (paused, rotated out).
 *
 * A head that is ours but behind what we hold is no mismatch: blocks were dropped, and the confirm stage re-checks.
 * A head of size 0 is one only after a confirmed anchor: this contract has never seen our log. Before that, a re-org may
 * have dropped the very first anchor.
 */
export function judgeChain(view: ChainView, expected: Expectation): ChainState {
  const mismatch = (detail: string, forked = false): ChainState => ({ code: 'chain-mismatch', detail, forked });
  if (expected.configuredContract !== expected.contract || expected.configuredChainId !== expected.chainId) {
    return mismatch(
      `configured for contract ${expected.configuredContract} on chain ${expected.configuredChainId}, but this log is anchored in ` +
        `${expected.contract} on chain ${expected.chainId}`,
    );
  }
  if (view.chainId !== expected.chainId)
    return mismatch(`the endpoint serves chain ${view.chainId}, expected ${expected.chainId}`);
  if (view.head === null)
    return mismatch(`there is no AnchorRegistry at ${expected.contract} on chain ${view.chainId}`);
  if (!view.registered) return mismatch(`this log is not registered in the contract at ${expected.contract}`);
  if (view.head.size === 0n && expected.confirmedSize > 0n) {
    return mismatch(`the contract holds no anchor of this log, but size ${expected.confirmedSize} was confirmed`);
  }
  if (view.head.size > expected.treeSize) {
    return mismatch(
      `the contract holds size ${view.head.size}, this log has only ${expected.treeSize} entries (an old backup?)`,
      true,
    );
  }
  if (
    view.head.size > 0n &&
    (expected.rootAtChainSize === null || !equalBytes(view.head.root, expected.rootAtChainSize))
  ) {
    return mismatch(`the contract holds another root at size ${view.head.size} than this log`, true);
  }
  if (view.paused) return { code: 'cannot-anchor', detail: 'the contract is paused for this log', forked: false };
  if (!view.submitter)
    return { code: 'cannot-anchor', detail: 'our account is not a submitter of this log', forked: false };
  return { code: 'ok', detail: '', forked: false };
}
