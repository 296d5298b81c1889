import { type Entry } from '@medanchor/verifier';
export interface ChainLink {
    readonly seq: bigint;
    /** As stored. */
    readonly leafHash: Uint8Array;
    /** Computed from the stored entry. */
    readonly computed: Uint8Array;
    readonly entry: Entry;
}
/**
 * @param links versions 1, 2, 3, … of one record, in order
 * @returns null when unbroken, else what is wrong with the first bad link
 */
export declare function chainOfVersions(links: readonly ChainLink[]): string | null;
