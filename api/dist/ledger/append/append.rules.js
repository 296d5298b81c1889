// Pure rules of the append stage: which entry a submission becomes, and what a repeated version id means.
import { equalBytes, formatEntry, leafHash, verdictOf, } from '@medanchor/verifier';
import { versionKey, } from '../store/entry-store.port.js';
/**
 * Turns submissions into entries, in order.
 *
 * @param state what the store holds, read under the sequencer's lock
 * @param time the log's claim of when; the same for the whole batch
 */
export function planBatch({ nextIndex, heads, existing }, submissions, time) {
    const known = new Map(existing);
    const newHeads = new Map();
    const entries = [];
    const results = submissions.map((submission) => {
        const index = nextIndex + BigInt(entries.length);
        if (submission.kind === 'plain') {
            const bytes = formatEntry({ ...submission.entry, time: time.toISOString() });
            const planned = { index, bytes, leafHash: leafHash(bytes) };
            entries.push(planned);
            return { result: 'sequenced-plain', index, leafHash: planned.leafHash, entry: bytes };
        }
        const key = versionKey(submission.record, submission.versionId);
        const first = known.get(key);
        if (first !== undefined)
            return { ...compareWithFirst(first, submission), version: first };
        const head = newHeads.get(submission.record) ?? heads.get(submission.record) ?? { seq: 0n, leaf: null };
        const version = sealVersion(submission, head, index, time);
        entries.push({ index, bytes: version.entry, leafHash: version.leafHash, version });
        newHeads.set(submission.record, { seq: version.seq, leaf: version.leafHash });
        known.set(key, version);
        return { result: 'sequenced', version };
    });
    return { entries, heads: newHeads, results };
}
function sealVersion(submission, head, index, time) {
    const seq = head.seq + 1n;
    // What the submitter left open follows from the record's history.
    const activity = submission.activity ?? (seq === 1n ? 'create' : 'update');
    const entry = {
        kind: 'record-version',
        time: time.toISOString(),
        source: submission.source,
        recordRef: submission.recordRef,
        seq,
        previous: head.leaf,
        activity,
        scheme: submission.scheme,
        commitment: submission.commitment,
    };
    const bytes = formatEntry(entry);
    const { record, versionId, scheme, mediaType, components } = submission;
    return {
        record,
        seq,
        versionId,
        index,
        leafHash: leafHash(bytes),
        entry: bytes,
        activity,
        scheme,
        mediaType,
        components,
        recordedAt: time,
    };
}
/**
 * A version id that is already recorded. The salts of both are the same (same record, same version id), so equal
 * commitments mean equal octets.
 *
 * The same content written differently (`equal-exact`, narrative regenerated) is a repeated delivery: servers print one
 * version differently from read to read. Anything below that, or another confidentiality label, is other content.
 */
export function compareWithFirst(first, submission) {
    const matches = matchCommitments(first.components, submission.components);
    if (first.scheme === 'identity/1' && submission.scheme === 'identity/1')
        return { result: 'duplicate', verdict: 'deleted', flags: [] };
    const { verdict, flags } = verdictOf(matches);
    const same = (verdict === 'identical' || verdict === 'equal-exact') && !flags.includes('labels-changed');
    return same ? { result: 'duplicate', verdict, flags } : { result: 'conflict', verdict, flags };
}
function matchCommitments(committed, submitted) {
    const given = new Map(submitted.map((component) => [component.name, component.commitment]));
    const matches = new Map();
    for (const { name, commitment } of committed) {
        // `fields` depends on what was asked for at submission, not on the content.
        if (name === 'fields')
            continue;
        const other = given.get(name);
        matches.set(name, other === undefined ? 'missing' : equalBytes(other, commitment) ? 'opens' : 'differs');
    }
    for (const { name } of submitted)
        if (name !== 'fields' && !matches.has(name))
            matches.set(name, 'uncommitted');
    return matches;
}
//# sourceMappingURL=append.rules.js.map