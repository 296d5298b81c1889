/**
 * The Merkle tree as tiles, its size and root, and the checkpoints signed over it. Checked by test/db/tree-store.test.ts.
 *
 * - one process at a time integrates, and one signs; a call that finds the other at work does nothing and returns null.
 * - tiles only grow at their end; a crash before the commit leaves the previous tree.
 * - one checkpoint per size, sizes grow; a checkpoint is durable before `sign` returns it.
 */
export class TreeStore {
}
//# sourceMappingURL=tree-store.port.js.map