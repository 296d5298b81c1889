// Disclosure of single fields: docs/spec/formats.md section 5. Each leaf element of the static form is salted by itself, so a
// disclosed field says nothing about its neighbours; the number of leaves is committed, so none can be left out unseen.
//
// Producers may build the tree with merkletreejs (section 5 fixes its options). Nothing here needs it: the tree is that of
// RFC 6962 and is checked by the same code as the log's.

import { concat, lpAll, u64, utf8 } from '../bytes.ts';
import { VerifyError } from '../errors.ts';
import { hmacSha256 } from '../hash.ts';
import { hashInput } from '../hash-input.ts';
import { lexemeJson, sortedNames } from '../json/canonical.ts';
import { isJsonArray, isJsonObject, type JsonValue } from '../json/value.ts';
import { inclusionProof, rootFromLeaves } from '../tree/proofs.ts';
import { verifyInclusion } from '../tree/verify.ts';

export interface FieldLeaf {
  /** JSON Pointer (RFC 6901). */
  readonly path: string;
  /** JSON text of a scalar, `{}` or `[]`, numbers by lexeme. */
  readonly value: string;
}

export interface DisclosedField extends FieldLeaf {
  readonly index: bigint;
  readonly salt: Uint8Array;
  /** Siblings from the leaf upwards. */
  readonly proof: readonly Uint8Array[];
}

export interface Disclosure {
  readonly count: bigint;
  readonly root: Uint8Array;
  readonly fields: readonly DisclosedField[];
}

/** Leaf elements in document order. */
export function fieldLeaves(staticForm: JsonValue): FieldLeaf[] {
  const leaves: FieldLeaf[] = [];
  const visit = (value: JsonValue, path: string): void => {
    if (isJsonArray(value) && value.length > 0) value.forEach((element, i) => visit(element, `${path}/${i}`));
    else if (isJsonObject(value) && value.size > 0) {
      for (const name of sortedNames(value)) visit(value.get(name) as JsonValue, `${path}/${escapePointer(name)}`);
    } else leaves.push({ path, value: lexemeJson(value) });
  };
  visit(staticForm, '');
  return leaves;
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function fieldSeed(versionSalt: Uint8Array): Uint8Array {
  return hmacSha256(versionSalt, utf8('medanchor/field-seed/1'));
}

/** Reveals one field: the seed cannot be computed back from it. */
export function fieldSalt(seed: Uint8Array, index: bigint | number): Uint8Array {
  return hmacSha256(seed, u64(index));
}

const FIELD = lpAll('medanchor/field/1');

export function fieldLeafHash(salt: Uint8Array, { path, value }: FieldLeaf): Uint8Array {
  return hashInput().octet(0).octets(FIELD).lp(salt).lp(path).lp(value).sha256();
}

/** Salted leaf hashes of all fields of a version, in order. */
export function fieldLeafHashes(leaves: readonly FieldLeaf[], versionSalt: Uint8Array): Uint8Array[] {
  const seed = fieldSeed(versionSalt);
  return leaves.map((leaf, i) => fieldLeafHash(fieldSalt(seed, i), leaf));
}

/** Octets of the `fields` component. */
export function fieldsOctets(count: bigint, root: Uint8Array): Uint8Array {
  return concat(u64(count), root);
}

/**
 * Indexes of the leaves at or below one of the JSON Pointers, by whole path segments: `/code` selects `/code/text` and not
 * `/codeable`. A pointer that selects nothing is an error, so that nobody discloses less than he believes.
 */
export function selectFields(leaves: readonly FieldLeaf[], pointers: readonly string[]): number[] {
  const unused = new Set(pointers);
  const selected: number[] = [];
  leaves.forEach(({ path }, i) => {
    const matching = pointers.filter((pointer) => path === pointer || path.startsWith(`${pointer}/`));
    for (const pointer of matching) unused.delete(pointer);
    if (matching.length > 0) selected.push(i);
  });
  if (unused.size > 0) {
    throw new VerifyError('FIELDS_UNKNOWN_PATH', `no field at or below ${[...unused].map((p) => `"${p}"`).join(', ')}`);
  }
  return selected;
}

/** Discloses the leaves at these indexes, with the proofs that our own tree gives. */
export function discloseFields(
  leaves: readonly FieldLeaf[],
  versionSalt: Uint8Array,
  indexes: readonly number[],
): Disclosure {
  const seed = fieldSeed(versionSalt);
  const hashes = fieldLeafHashes(leaves, versionSalt);
  const count = BigInt(leaves.length);
  const fields = [...new Set(indexes)]
    .sort((a, b) => a - b)
    .map((i) => {
      const leaf = leaves[i];
      if (leaf === undefined) throw new VerifyError('TREE_INDEX', `no field ${i} among ${count}`);
      return { index: BigInt(i), ...leaf, salt: fieldSalt(seed, i), proof: inclusionProof(BigInt(i), count, hashes) };
    });
  return { count, root: rootFromLeaves(hashes), fields };
}

/** Throws unless the field is in the tree. `count` and `root` must have been opened against the commitment before. */
export function verifyField(field: DisclosedField, count: bigint, root: Uint8Array): void {
  const leaf = fieldLeafHash(field.salt, field);
  try {
    verifyInclusion(field.index, count, leaf, field.proof, root);
  } catch (cause) {
    throw new VerifyError('FIELD_NOT_IN_TREE', `field ${field.index} of ${count} is not in the committed tree`, {
      cause,
    });
  }
}
