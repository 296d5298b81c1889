// What the chain makes of a restored log. Pure: the roots that were recomputed from the restored entries against the heads
// that the contract holds and once announced.
import { type AnchoredHead, type ChainHistory } from './chain-history.ts';

/**
 * - `complete`: the contract's head is in the restored tree with the same root. Nothing that was anchored is missing.
 * - `behind`: what could be compared agrees, but the contract holds a larger head: the backup is older than the chain.
 * - `forked`: the contract holds, or announced, another root at a size that the restored tree has.
 * - `unproven`: nothing could be compared.
 */
export type ChainVerdict = 'complete' | 'behind' | 'forked' | 'unproven';

export interface ChainProof {
  readonly verdict: ChainVerdict;
  /** For a person: what was compared with what. */
  readonly detail: string;
  /** Largest anchored size at which both roots agree. */
  readonly proven: AnchoredHead | null;
  /** Anchors beyond the restored tree, oldest first. */
  readonly newer: readonly AnchoredHead[];
}

export interface RestoredTree {
  readonly size: bigint;
  /** As recomputed, hexadecimal; for every anchored size of the history that the tree has. */
  readonly roots: ReadonlyMap<bigint, string>;
  /** The largest anchor that the backup itself knows, or null. */
  readonly anchored: bigint | null;
}

/** Anchored sizes of the history that the restored tree must have a root for. */
export function sizesToCompare({ head, anchors }: ChainHistory, treeSize: bigint): readonly bigint[] {
  return [head.size, ...anchors.map(({ size }) => size)].filter((size) => size > 0n && size <= treeSize);
}

export function judgeHistory({ head, anchors, gap }: ChainHistory, tree: RestoredTree): ChainProof {
  const newer = anchors.filter(({ size }) => size > tree.size).reverse();
  const nothing = { proven: null, newer };
  if (head.size === 0n) {
    return unproven(
      tree.anchored === null
        ? 'it holds no anchor of this log yet'
        : `it holds no anchor of this log, but size ${tree.anchored} was anchored somewhere: is this the right chain?`,
    );
  }
  const covered = anchors.filter(({ size }) => size <= tree.size);
  const other = covered.find(({ size, root }) => tree.roots.get(size) !== root);
  if (other !== undefined || (head.size <= tree.size && tree.roots.get(head.size) !== head.root)) {
    return {
      ...nothing,
      verdict: 'forked',
      detail: `it holds another root at size ${other?.size ?? head.size} than the restored entries have`,
    };
  }
  if (head.size <= tree.size) {
    const transaction = covered.find(({ size }) => size === head.size)?.transaction ?? '';
    return {
      verdict: 'complete',
      detail: `it holds size ${head.size} with the root recomputed from the restored entries`,
      proven: { size: head.size, root: head.root, block: head.block, transaction },
      newer,
    };
  }
  const proven = covered[0] ?? null;
  const unread = gap === '' ? '' : ` (its earlier anchors could not be read: ${gap})`;
  return {
    verdict: 'behind',
    detail:
      `it holds size ${head.size}, ${head.size - tree.size} more than this backup's tree; ` +
      (proven === null
        ? `no anchor of what was restored was found${unread}`
        : `what was restored is proven up to the anchor of size ${proven.size}`),
    proven,
    newer,
  };
}

/** Nothing was learned, and why. */
export function unproven(detail: string): ChainProof {
  return { verdict: 'unproven', detail, proven: null, newer: [] };
}

/** What the worst of the answers is counts; an answer that proves something counts more than none. */
const WEIGHT: Readonly<Record<ChainVerdict, number>> = { unproven: 0, complete: 1, behind: 2, forked: 3 };

/** One proof out of those of several contracts: a log that has moved is anchored in more than one. */
export function combine(proofs: readonly { readonly place: string; readonly proof: ChainProof }[]): ChainProof {
  if (proofs.length === 0) return unproven('this log was never anchored');
  const byWeight = [...proofs].sort((one, other) => WEIGHT[other.proof.verdict] - WEIGHT[one.proof.verdict]);
  const proven = proofs
    .flatMap(({ proof }) => (proof.proven === null ? [] : [proof.proven]))
    .reduce<AnchoredHead | null>((best, one) => (best === null || one.size > best.size ? one : best), null);
  return {
    verdict: byWeight[0]?.proof.verdict ?? 'unproven',
    detail: byWeight.map(({ place, proof }) => `${place}: ${proof.detail}`).join('; '),
    proven,
    newer: proofs.flatMap(({ proof }) => proof.newer),
  };
}
