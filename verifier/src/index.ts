// Public API of the verifier: the byte-level rules of docs/spec/formats.md. Everything here is pure: no clock, no randomness,
// no storage, and no network but the provider that a caller hands to verifyBundle.

export {
  InvariantError,
  VERIFY_ERROR_CODES,
  VerifyError,
  type VerifyErrorCode,
  type VerifyErrorOptions,
} from './errors.ts';
export {
  concat,
  equalBytes,
  fromBase64,
  fromBase64Url,
  fromHex,
  fromUtf8,
  lp,
  MAX_SIZE,
  parseDecimal,
  toBase64,
  toBase64Url,
  toHex,
  u64,
  utf8,
} from './bytes.ts';
export { HASH_LENGTH, hmacSha256, installSha256, sha256, type Sha256 } from './hash.ts';
export {
  MAX_JSON_BYTES,
  MAX_JSON_DEPTH,
  parseJson,
  parseJsonDocument,
  type JsonDocument,
  type JsonLimits,
} from './json/parse.ts';
export { canonicalJson, canonicalObject, lexemeJson } from './json/canonical.ts';
export {
  isJsonArray,
  isJsonObject,
  JsonNumber,
  toJsonValue,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  type PlainJson,
} from './json/value.ts';

export { COMPONENT_NAMES, SCHEMES, type ComponentName, type Scheme } from './record/scheme.ts';
export { isJsonMediaType, normaliseMediaType } from './record/media-type.ts';
export { assertIdentity, parseIdentity, type RecordIdentity } from './record/identity.ts';
export { staticForm } from './record/fhir-static.ts';
export {
  componentDigest,
  digestContent,
  digestRecord,
  type ComponentDigest,
  type DigestOptions,
  type RecordDigest,
} from './record/digest.ts';
export {
  commitment,
  commitRecord,
  commitWithSalt,
  componentCommitment,
  componentSalt,
  fieldsComponentDigest,
  recordRef,
  versionSalt,
  type ComponentCommitment,
  type RecordCommitment,
} from './record/commitment.ts';
export {
  discloseFields,
  fieldLeafHash,
  fieldLeafHashes,
  fieldLeaves,
  fieldSalt,
  fieldSeed,
  selectFields,
  verifyField,
  type DisclosedField,
  type Disclosure,
  type FieldLeaf,
} from './record/fields.ts';
export { openRecord, type ComponentMatch, type ComponentMatches } from './record/opening.ts';
export {
  CHECK_NAMES,
  explainOutcome,
  explainVerdict,
  outcomeOf,
  verdictOf,
  type Check,
  type CheckName,
  type ContentVerdict,
  type Flag,
  type Grade,
  type Outcome,
  type Status,
  type Verdict,
} from './verdict.ts';

export { emptyRoot, leafHash, nodeHash } from './tree/hashing.ts';
export { consistencyProof, inclusionProof, rootFromLeaves } from './tree/proofs.ts';
export { rootFromInclusionProof, verifyConsistency, verifyInclusion } from './tree/verify.ts';
export {
  consistencyNodes,
  inclusionNodes,
  rehash,
  rehashPart,
  rootNodes,
  type ProofPart,
  type SubtreeNode,
} from './tree/nodes.ts';

export { parseTilePath, TILE_WIDTH, tilePath, type TilePath } from './log/tile-path.ts';
export {
  edgeTiles,
  hashFromTile,
  perfectRoot,
  tileOf,
  tilesForNodes,
  tileWidth,
  type TileCoordinates,
} from './log/tiles.ts';
export { extendTiles, rootFromEdge, type Tile, type TileExtension } from './log/extend-tiles.ts';
export { formatEntryBundle, parseEntryBundle } from './log/entry-bundle.ts';
export {
  formatVerifierKey,
  noteSigner,
  noteVerifier,
  parseVerifierKey,
  type NoteSigner,
  type NoteVerifier,
  type VerifierKey,
} from './log/note-key.ts';
export {
  formatNote,
  openNote,
  parseNote,
  signNote,
  type Note,
  type NoteSignature,
  type OpenedNote,
} from './log/note.ts';
export {
  formatCheckpoint,
  logIdOf,
  openCheckpoint,
  parseCheckpoint,
  parseSignedCheckpoint,
  type Checkpoint,
  type OpenedCheckpoint,
  type SignedCheckpoint,
} from './log/checkpoint.ts';
export { formatTlogProof, parseTlogProof, type TlogProof } from './log/tlog-proof.ts';
export {
  entryFromJson,
  entryToJson,
  formatEntry,
  MAX_ENTRY_BYTES,
  parseEntry,
  type Activity,
  type AnchorEpochEntry,
  type Entry,
  type EvidenceEntry,
  type IsmsEntry,
  type KeyEntry,
  type RecordErasureEntry,
  type RecordVersionEntry,
} from './log/entry.ts';
export {
  accessCommitment,
  accessEventHash,
  accessGenesis,
  formatAccessEvent,
  NO_TENANT,
  parseAccessEvent,
  type AccessBatch,
  type AccessEventDocument,
} from './access/event.ts';
export { breakGlassCommitment } from './access/break-glass.ts';
export { accessEventResource, type ChainedAccessEvent, type FhirJson } from './access/audit-event.ts';
export { accessAnchorResource, AccessExportCheck, canonicalFhir, type AccessAnchorDocument } from './access/export.ts';
export { jwkThumbprint, parseJwk, type Jwk } from './jwk.ts';
export {
  keyIdOfJws,
  keyStatementBytes,
  signDetachedJws,
  statementBytes,
  verifyDetachedJws,
  type KeyStatement,
  type Statement,
} from './jws.ts';
export {
  BUNDLE_MEDIA_TYPE,
  formatBundle,
  MAX_BUNDLE_BYTES,
  parseBundle,
  type Bundle,
  type BundleAnchor,
  type BundleComponent,
  type KeyHistoryItem,
  type Opening,
} from './bundle.ts';
export type { Eip1193Provider } from './verify/chain.ts';
export type { SkipCode } from './verify/check.ts';
export { DEFAULT_CONFIRMATIONS, type Trust } from './verify/trust.ts';
export {
  verifyBundle,
  withChecks,
  withErasure,
  type KnownErasure,
  type VerificationReport,
  type VerifyOptions,
} from './verify/verify-bundle.ts';
