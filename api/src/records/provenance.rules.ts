// What a receipt says about where a version came from, apart from any way of writing it down. Pure.
import { toHex, type Activity } from '@medanchor/verifier';
import { type LocatedVersion } from '../ledger/index.ts';
import { attestationOf, submitterOf, type Attestation } from './attestation.rules.ts';
import { versionPath } from './views.ts';

export interface ProvenanceFacts {
  readonly source: { readonly id: string; readonly name: string };
  readonly recordId: string;
  readonly versionId: string;
  readonly activity: Activity;
  /** The log's claim; the anchor's block time is the evidence. */
  readonly recordedAt: string;
  readonly origin: string;
  readonly index: string;
  readonly leafHash: string;
  /** Leaf hash of the record's version before; null for the first. */
  readonly previous: string | null;
  readonly attestation: Attestation;
  /** The client that sent it; null when nobody was signed in. */
  readonly client: string | null;
  readonly jws: string | null;
  /** Where the proof bundle is. */
  readonly proof: string;
}

/** @param previous leaf hash of the version before; null for the first */
export function factsOf(
  { source, record, version }: LocatedVersion,
  previous: Uint8Array | null,
  origin: string,
): ProvenanceFacts {
  return {
    source: { id: source.id, name: source.name },
    recordId: record.recordId,
    versionId: version.versionId,
    activity: version.activity,
    recordedAt: version.recordedAt.toISOString(),
    origin,
    index: version.index.toString(),
    leafHash: toHex(version.leafHash),
    previous: previous === null ? null : toHex(previous),
    attestation: attestationOf(version),
    client: version.submittedBy,
    jws: submitterOf(version.entry)?.jws ?? null,
    proof: `${versionPath({ source: source.name, recordId: record.recordId }, version.versionId)}/proof`,
  };
}
