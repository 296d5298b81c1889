// Salted commitments: docs/spec/formats.md section 4. Everything is derived from one random key per record, so that erasing
// that key erases the link between the log and the record, and opening one component of one version opens nothing else.

import { lpAll, utf8 } from '../bytes.ts';
import { VerifyError } from '../errors.ts';
import { HASH_LENGTH, hmacSha256 } from '../hash.ts';
import { hashInput } from '../hash-input.ts';
import { rootFromLeaves } from '../tree/proofs.ts';
import { componentDigest, type RecordDigest } from './digest.ts';
import { fieldLeafHashes, fieldsOctets } from './fields.ts';
import { assertComponentNames, COMPONENT_NAMES, type ComponentName, type Scheme } from './scheme.ts';

export interface ComponentCommitment {
  readonly name: ComponentName;
  readonly commitment: Uint8Array;
}

export interface RecordCommitment {
  readonly commitment: Uint8Array;
  readonly components: readonly ComponentCommitment[];
  readonly fieldsCount?: bigint;
  readonly fieldsRoot?: Uint8Array;
}

/** The record's pseudonym in the log. */
export function recordRef(recordKey: Uint8Array): Uint8Array {
  return hmacSha256(assertRecordKey(recordKey), REF);
}

/** Differs for each version, so equal content in two versions gives two unrelated commitments. */
export function versionSalt(recordKey: Uint8Array, versionId: string): Uint8Array {
  return hmacSha256(assertRecordKey(recordKey), hashInput().octets(SALT).lp(versionId).copy());
}

export function componentSalt(versionSalt: Uint8Array, name: ComponentName): Uint8Array {
  return hmacSha256(versionSalt, COMPONENT_SALT[name]);
}

export function componentCommitment(salt: Uint8Array, digest: Uint8Array): Uint8Array {
  return hmacSha256(salt, digest);
}

/** The commitment in the log entry. Throws when these are not the components of the scheme, in order. */
export function commitment(scheme: Scheme, components: readonly ComponentCommitment[]): Uint8Array {
  assertComponentNames(
    scheme,
    components.map(({ name }) => name),
  );
  const input = hashInput().octets(COMMITMENT).lp(scheme).u64(components.length);
  for (const { name, commitment: octets } of components) input.lp(name).lp(octets);
  return input.sha256();
}

/**
 * Commits to a digested version. `fieldsTree` computes the root over already hashed leaves; producers pass merkletreejs
 * with the options of section 5, and our own tree (the default) gives the same root.
 */
export function commitRecord(
  digest: RecordDigest,
  recordKey: Uint8Array,
  versionId: string,
  fieldsTree: (leafHashes: readonly Uint8Array[]) => Uint8Array = rootFromLeaves,
): RecordCommitment {
  return commitWithSalt(digest, versionSalt(recordKey, versionId), fieldsTree);
}

/** The same for somebody who was given the version's salt: whether a commitment is that of a content can be checked with it. */
export function commitWithSalt(
  digest: RecordDigest,
  salt: Uint8Array,
  fieldsTree: (leafHashes: readonly Uint8Array[]) => Uint8Array = rootFromLeaves,
): RecordCommitment {
  const commit = (name: ComponentName, digest: Uint8Array): ComponentCommitment => ({
    name,
    commitment: componentCommitment(componentSalt(salt, name), digest),
  });
  const components = digest.components.map((component) => commit(component.name, component.digest));
  if (digest.fields === undefined) return { commitment: commitment(digest.scheme, components), components };

  const fieldsCount = BigInt(digest.fields.length);
  const fieldsRoot = fieldsTree(fieldLeafHashes(digest.fields, salt));
  components.push(commit('fields', fieldsComponentDigest(fieldsCount, fieldsRoot)));
  return { commitment: commitment(digest.scheme, components), components, fieldsCount, fieldsRoot };
}

/** `componentDigest` of `fields`. */
export function fieldsComponentDigest(count: bigint, root: Uint8Array): Uint8Array {
  return componentDigest('fields', 'application/octet-stream', fieldsOctets(count, root));
}

const REF = utf8('medanchor/ref/1');
const SALT = lpAll('medanchor/salt/1');
const COMMITMENT = lpAll('medanchor/commitment/1');
const COMPONENT_SALT = Object.fromEntries(
  COMPONENT_NAMES.map((name) => [name, lpAll('medanchor/component-salt/1', name)]),
) as Readonly<Record<ComponentName, Uint8Array>>;

function assertRecordKey(recordKey: Uint8Array): Uint8Array {
  if (recordKey.length !== HASH_LENGTH) {
    throw new VerifyError(
      'RECORD_KEY_MALFORMED',
      `the record key has ${recordKey.length} octets, wanted ${HASH_LENGTH}`,
    );
  }
  return recordKey;
}
