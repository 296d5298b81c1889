import { type ChainView } from './anchor-registry.port.ts';
export type ChainStateCode = 'ok' | 'chain-unreachable' | 'chain-mismatch' | 'cannot-anchor' | 'not-observed';
export interface ChainState {
    readonly code: ChainStateCode;
    /** For a person; empty when all is well. */
    readonly detail: string;
}
export declare const NOT_OBSERVED: ChainState;
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
    /** Largest size that we hold as anchored or confirmed in this epoch. */
    readonly heldSize: bigint;
}
/**
 * `chain-mismatch`: no contract, another contract, or a head that is not ours. Then no anchor is claimed.
 * `cannot-anchor`: the chain is ours, but it will not take anchors from us (paused, rotated out).
 *
 * A head that is ours but behind what we hold is no mismatch: blocks were dropped, and the confirm stage re-checks.
 * A head of size 0 while we hold anchors is one: this contract has never seen our log.
 */
export declare function judgeChain(view: ChainView, expected: Expectation): ChainState;
