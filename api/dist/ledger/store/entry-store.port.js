/** The key under which `planBatch` looks for an existing version. */
export function versionKey(record, versionId) {
    return `${record}/${versionId}`;
}
/**
 * The durable, gap-free list of log entries. Checked by test/db/entry-store.contract.ts.
 *
 * - `sequence` resolves only when the whole batch is durable; indexes are 0, 1, 2, … without a gap, also when several
 *   processes call it at once.
 * - results stand in the order of the submissions; a submission may follow another of the same record in one batch.
 * - same record, version id and content: `duplicate`, with the first entry (safe to repeat after a lost answer).
 * - same record and version id, other content: that submission alone is a `conflict`.
 * - a rejected call may still have happened; repeat it.
 */
export class EntryStore {
}
//# sourceMappingURL=entry-store.port.js.map