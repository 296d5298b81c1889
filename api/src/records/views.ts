// How versions, receipts and verdicts look in JSON. Sizes and indexes are decimal strings.
import {
  equalBytes,
  formatEntry,
  leafHash,
  parseEntry,
  toHex,
  type Check,
  type VerificationReport,
} from '@medanchor/verifier';
import { type z } from 'zod';
import { type LedgerVerdict, type State, type StoredVersion } from '../ledger/index.ts';
import { attestationOf } from './attestation.rules.ts';
import {
  type proofReportSchema,
  type receiptSchema,
  type verdictSchema,
  type versionSchema,
} from './records.schema.ts';

export interface RecordName {
  readonly source: string;
  readonly recordId: string;
}

export function versionView(
  { source, recordId }: RecordName,
  version: StoredVersion,
  state: State,
): z.output<typeof versionSchema> {
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

export function versionPath({ source, recordId }: RecordName, versionId: string): string {
  return `/v1/records/${encodeURIComponent(source)}/${encodeURIComponent(recordId)}/versions/${encodeURIComponent(versionId)}`;
}

export function receiptView(
  name: RecordName,
  version: StoredVersion,
  state: State,
  origin: string,
): z.output<typeof receiptSchema> {
  return {
    ...versionView(name, version, state),
    origin,
    entry: entryView(version),
    proof: `${versionPath(name, version.versionId)}/proof`,
    attestation: attestationOf(version),
  };
}

/** Canonical JSON of strings only, so this loses nothing. Octets that do not hash to their leaf are read strictly, or not at all. */
function entryView({ entry, leafHash: expected }: StoredVersion): Record<string, unknown> {
  const octets = equalBytes(leafHash(entry), expected) ? entry : formatEntry(parseEntry(entry));
  return JSON.parse(Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('utf8')) as Record<
    string,
    unknown
  >;
}

export function verdictView(name: RecordName, result: LedgerVerdict | null): z.output<typeof verdictSchema> {
  if (result === null) return unknownVersion();
  const { version, latest, matches } = result;
  return {
    verdict: result.verdict,
    flags: [...result.flags],
    status: result.status,
    outcome: result.outcome,
    reason: result.reason,
    checks: result.checks.map(checkView),
    version: version === null ? null : versionView(name, version, result.state),
    attestation: version === null ? null : attestationOf(version),
    latest: latest === null ? null : { versionId: latest.versionId, seq: latest.seq.toString() },
    matches:
      matches === null
        ? null
        : { versionId: matches.version.versionId, seq: matches.version.seq.toString(), verdict: matches.verdict },
  };
}

function unknownVersion(): z.output<typeof verdictSchema> {
  return {
    verdict: 'unknown-version',
    flags: [],
    status: 'unknown',
    outcome: 'unproven',
    reason: 'nothing is recorded under this name: the ledger can say neither that it is authentic nor that it is not',
    checks: [],
    version: null,
    attestation: null,
    latest: null,
    matches: null,
  };
}

function checkView({ name, result, required, reason, code }: Check): z.output<typeof verdictSchema>['checks'][number] {
  return { name, result, required, reason, ...(code === undefined ? {} : { code }) };
}

export function proofReportView(report: VerificationReport): z.output<typeof proofReportSchema> {
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
