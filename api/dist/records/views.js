// How versions, receipts and verdicts look in JSON. Sizes and indexes are decimal strings.
import { formatEntry, parseEntry, toHex } from '@medanchor/verifier';
export function versionView({ source, recordId }, version, state) {
    return {
        source,
        recordId,
        versionId: version.versionId,
        seq: version.seq.toString(),
        index: version.index.toString(),
        leafHash: toHex(version.leafHash),
        state,
        activity: version.activity,
        scheme: version.scheme,
        mediaType: version.mediaType,
        recordedAt: version.recordedAt.toISOString(),
    };
}
export function versionPath({ source, recordId }, versionId) {
    return `/v1/records/${encodeURIComponent(source)}/${encodeURIComponent(recordId)}/versions/${encodeURIComponent(versionId)}`;
}
export function receiptView(name, version, state, origin) {
    return {
        ...versionView(name, version, state),
        origin,
        // The stored octets are canonical JSON of strings only, so this loses nothing.
        entry: JSON.parse(Buffer.from(formatEntry(parseEntry(version.entry))).toString('utf8')),
        proof: `${versionPath(name, version.versionId)}/proof`,
    };
}
export function verdictView(name, result, stateFor) {
    if (result === null)
        return unknownVersion();
    const { version, latest, matches } = result;
    return {
        verdict: result.verdict,
        flags: [...result.flags],
        status: result.status,
        outcome: result.outcome,
        reason: result.reason,
        checks: result.checks.map(checkView),
        version: version === null ? null : versionView(name, version, stateFor(version)),
        latest: latest === null ? null : { versionId: latest.versionId, seq: latest.seq.toString() },
        matches: matches === null
            ? null
            : { versionId: matches.version.versionId, seq: matches.version.seq.toString(), verdict: matches.verdict },
    };
}
function unknownVersion() {
    return {
        verdict: 'unknown-version',
        flags: [],
        status: 'unknown',
        outcome: 'unproven',
        reason: 'nothing is recorded under this name: the ledger can say neither that it is authentic nor that it is not',
        checks: [],
        version: null,
        latest: null,
        matches: null,
    };
}
function checkView({ name, result, required, reason, code }) {
    return { name, result, required, reason, ...(code === undefined ? {} : { code }) };
}
export function proofReportView(report) {
    const { subject } = report;
    return {
        verdict: report.verdict,
        flags: [...report.flags],
        status: report.status,
        outcome: report.outcome,
        reason: report.reason,
        checks: report.checks.map(checkView),
        subject: {
            kind: subject.kind,
            index: subject.index.toString(),
            leafHash: toHex(subject.leafHash),
            origin: subject.origin,
            size: subject.size.toString(),
            root: toHex(subject.root),
            identity: subject.identity === undefined ? null : { ...subject.identity },
            confirmations: subject.confirmations?.toString() ?? null,
        },
    };
}
//# sourceMappingURL=views.js.map