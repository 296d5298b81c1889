// Pure rule: the entries of one record form a chain inside the log, each naming the leaf hash of the one before.
import { equalBytes, parseEntry, VerifyError, type Entry } from '@medanchor/verifier';

export interface ChainLink {
  readonly seq: bigint;
  /** As stored. */
  readonly leafHash: Uint8Array;
  /** Computed from the stored entry. */
  readonly computed: Uint8Array;
  /** As stored. */
  readonly entry: Uint8Array;
}

/**
 * @param links versions 1, 2, 3, … of one record, in order
 * @returns null when unbroken, else what is wrong with the first bad link
 */
export function chainOfVersions(links: readonly ChainLink[]): string | null {
  let previous: ChainLink | null = null;
  for (const [position, link] of links.entries()) {
    const expected = BigInt(position) + 1n;
    if (link.seq !== expected) return `version number ${expected} is missing`;
    if (!equalBytes(link.leafHash, link.computed))
      return `the entry of version number ${expected} was changed: its hash is not the recorded one`;
    const entry = entryOf(link);
    if (entry === null) return `the entry of version number ${expected} cannot be read`;
    if (entry.kind !== 'record-version' && entry.kind !== 'record-erasure')
      return `entry of version number ${expected} is of kind ${entry.kind}`;
    if (entry.seq !== expected) return `the entry of version number ${expected} says ${entry.seq}`;
    const named: Uint8Array | null = entry.previous;
    const linked: boolean = previous === null ? named === null : named !== null && equalBytes(named, previous.leafHash);
    if (!linked) return `version number ${expected} does not name the one before it`;
    previous = link;
  }
  return null;
}

function entryOf({ entry }: ChainLink): Entry | null {
  try {
    return parseEntry(entry);
  } catch (error) {
    if (error instanceof VerifyError) return null;
    throw error;
  }
}
