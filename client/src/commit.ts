// Digest mode: everything that the ledger would compute from the content, computed here with a key that the ledger never sees. Pure.

import {
  commitRecord,
  commitWithSalt,
  digestRecord,
  fromHex,
  recordRef,
  statementBytes,
  toHex,
  VerifyError,
  type Activity,
  type RecordIdentity,
  type Scheme,
} from '@medanchor/verifier';

export const COMMITMENT_MEDIA_TYPE = 'application/vnd.medanchor.commitment+json';

export interface VersionToCommit {
  readonly identity: RecordIdentity;
  /** null for a delete. */
  readonly content: Uint8Array | null;
  readonly mediaType: string;
  /** Whether single fields can be disclosed later. */
  readonly fields?: boolean;
}

export interface Committed {
  readonly recordRef: Uint8Array;
  readonly scheme: Scheme;
  readonly commitment: Uint8Array;
  /** The body of the submission: no names, no content, no salts. */
  readonly body: string;
}

export function commitVersion(version: VersionToCommit, recordKey: Uint8Array): Committed {
  const { identity, content, mediaType, fields } = version;
  const digest = digestRecord(content, mediaType, identity, { fields: fields ?? true });
  const { commitment, components } = commitRecord(digest, recordKey, identity.versionId);
  const ref = recordRef(recordKey);
  const body = {
    format: 'medanchor-commitment/1',
    recordRef: toHex(ref),
    scheme: digest.scheme,
    mediaType: digest.mediaType,
    commitment: toHex(commitment),
    components: components.map((component) => ({ name: component.name, commitment: toHex(component.commitment) })),
  };
  return { recordRef: ref, scheme: digest.scheme, commitment, body: JSON.stringify(body) };
}

/** What the ledger answers when content is prepared to be signed. */
export interface PreparedVersion {
  readonly commitment: string;
  readonly versionSalt: string;
  readonly sourceId: string;
}

/**
 * The octets to sign for content that the ledger digests: made here, from the content. A ledger that asks for a signature over
 * another content than the one that it was given does not get it.
 *
 * @throws {VerifyError} `COMMITMENT_MISMATCH`
 */
export function preparedStatement(version: VersionToCommit, activity: Activity, prepared: PreparedVersion): Uint8Array {
  const { identity, content, mediaType } = version;
  const salt = fromHex(prepared.versionSalt, 32);
  const made = [true, false].map((fields) => {
    const digest = digestRecord(content, mediaType, identity, { fields });
    return { scheme: digest.scheme, ...commitWithSalt(digest, salt) };
  });
  // Whether fields are committed is the ledger's default where the version says nothing.
  const same = made.find(({ commitment }) => toHex(commitment) === prepared.commitment);
  if (same === undefined)
    throw new VerifyError('COMMITMENT_MISMATCH', 'what the ledger wants to have signed is not this content');
  const { scheme, commitment } = same;
  return statementBytes({ activity, commitment, scheme, source: prepared.sourceId });
}

/** What the source signs for it. @param sourceId the opaque id of the source */
export function statementFor({ scheme, commitment }: Committed, activity: Activity, sourceId: string): Uint8Array {
  return statementBytes({ activity, commitment, scheme, source: sourceId });
}
