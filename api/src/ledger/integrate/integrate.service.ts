// The integrate stage: extends the Merkle tree by everything that is sequenced.
//
// Idempotent: size, root and tiles change in one transaction, so a run that dies leaves the previous tree, and the next
// run, in this process or another, does the same work again.
import { equalBytes, extendTiles, InvariantError, leafHash, rootFromEdge } from '@medanchor/verifier';
import { type Metrics } from '../../platform/metrics/metrics.ts';
import { type IntegrationInput, type IntegrationOutput, type TreeStore } from '../store/tree-store.port.ts';

/** Leaves per run: bounds memory, the length of the transaction, and how long requests wait for the hashing (some 5 ms). */
const RUN_LIMIT = 2048;

export class IntegrateService {
  readonly #trees: TreeStore;
  readonly #metrics: Metrics;

  constructor(trees: TreeStore, metrics: Metrics) {
    this.#trees = trees;
    this.#metrics = metrics;
  }

  /** Runs until nothing is left; returns whether the tree grew. */
  async run(): Promise<boolean> {
    let grew = false;
    for (;;) {
      const head = await this.#trees.integrate(RUN_LIMIT, extend);
      if (head === null) return grew;
      grew = true;
      this.#metrics.stageSize.set({ stage: 'integrated' }, Number(head.size));
    }
  }
}

/**
 * What was changed behind our back must not be built upon: a stored entry that no longer hashes to its stored leaf, or
 * tiles that no longer hash to the root that was signed. Growing such a tree would sign a fork.
 */
function extend({ head, edge, entries, leafHashes }: IntegrationInput): IntegrationOutput {
  if (!equalBytes(rootFromEdge(head.size, edge), head.root)) {
    throw new InvariantError(`the tiles at the right edge do not hash to the tree's root at size ${head.size}`);
  }
  entries.forEach((entry, position) => {
    const expected = leafHashes[position];
    if (expected === undefined || !equalBytes(leafHash(entry), expected)) {
      throw new InvariantError(
        `entry ${head.size + BigInt(position)} was changed after it was sequenced: its hash is not the stored one`,
      );
    }
  });
  return extendTiles(head.size, edge, leafHashes);
}
