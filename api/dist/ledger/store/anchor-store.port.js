/**
 * Anchors and epochs. Checked by test/db/anchor-store.test.ts.
 *
 * - an anchor's row is durable before its transaction leaves the process (crash in between: it is sent again from the row).
 * - at most one anchor per epoch and size is held (`anchored` or `confirmed`).
 * - `exclusively` runs for one process at a time per log; another one's call returns false at once. Its lock dies with
 *   the connection, so a killed process never blocks the others.
 */
export class AnchorStore {
}
//# sourceMappingURL=anchor-store.port.js.map