// Public API of the verifier. (Signatures first; bodies follow module by module.)

// errors
export type VerifyErrorCode = string;
export declare class VerifyError extends Error {
  readonly code: VerifyErrorCode;
  constructor(code: VerifyErrorCode, message: string, options?: { cause?: unknown });
}
export declare class InvariantError extends Error {}

// bytes
export declare function toHex(bytes: Uint8Array): string;
export declare function fromHex(text: string, length?: number): Uint8Array;
export declare function toBase64(bytes: Uint8Array): string;
export declare function fromBase64(text: string): Uint8Array;
export declare function toBase64Url(bytes: Uint8Array): string;
export declare function fromBase64Url(text: string): Uint8Array;
export declare function utf8(text: string): Uint8Array;
export declare function fromUtf8(bytes: Uint8Array): string;
export declare function u64(n: bigint | number): Uint8Array;
export declare function lp(x: Uint8Array | string): Uint8Array;
export declare function concat(...parts: Uint8Array[]): Uint8Array;
export declare function equalBytes(a: Uint8Array, b: Uint8Array): boolean;
/** "0".."9223372036854775807", canonical. */
export declare function parseDecimal(text: string): bigint;

// hash
export declare function sha256(bytes: Uint8Array): Uint8Array;
export declare function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array;
export declare function installSha256(impl: (bytes: Uint8Array) => Uint8Array): void;

// json
export declare class JsonNumber {
  readonly lexeme: string;
  constructor(lexeme: string);
}
export type JsonObject = ReadonlyMap<string, JsonValue>;
export type JsonArray = readonly JsonValue[];
export type JsonValue = null | boolean | string | JsonNumber | JsonArray | JsonObject;
export type PlainJson = null | string | readonly PlainJson[] | { readonly [name: string]: PlainJson };
export interface JsonLimits {
  readonly maxBytes?: number;
  readonly maxDepth?: number;
}
export declare function parseJson(bytes: Uint8Array, limits?: JsonLimits): JsonValue;
/** RFC 8785 text. */
export declare function canonicalJson(value: JsonValue): string;
/** The same with every number replaced by its lexeme. */
export declare function lexemeJson(value: JsonValue): string;
export declare function toJsonValue(plain: PlainJson): JsonValue;
export declare function canonicalObject(plain: PlainJson): string;

// digest
export type Scheme = 'fhir-json-static/1' | 'json/1' | 'raw/1' | 'identity/1';
export type ComponentName = 'identity' | 'raw' | 'content' | 'contentExact' | 'narrative' | 'labels' | 'fields';
export interface RecordIdentity {
  readonly source: string;
  readonly recordId: string;
  readonly versionId: string;
}
export interface ComponentDigest {
  readonly name: ComponentName;
  readonly digest: Uint8Array;
}
export interface FieldLeaf {
  readonly path: string;
  readonly value: string;
}
export interface RecordDigest {
  readonly scheme: Scheme;
  readonly mediaType: string;
  readonly components: readonly ComponentDigest[];
  readonly fields?: readonly FieldLeaf[];
}
export interface DigestOptions {
  readonly fields?: boolean;
  /** Digest under this scheme instead of the one that the media type asks for (verification against a commitment). */
  readonly scheme?: Scheme;
}
export declare function digestRecord(
  content: Uint8Array | null,
  mediaType: string,
  identity: RecordIdentity,
  options?: DigestOptions,
): RecordDigest;
export declare function normaliseMediaType(mediaType: string): string;
export declare function assertIdentity(identity: RecordIdentity): RecordIdentity;
export declare function parseIdentity(value: JsonValue): RecordIdentity;
export declare function componentDigest(name: ComponentName, mediaType: string, octets: Uint8Array): Uint8Array;

// commitment
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
export declare function recordRef(recordKey: Uint8Array): Uint8Array;
export declare function versionSalt(recordKey: Uint8Array, versionId: string): Uint8Array;
export declare function componentSalt(versionSalt: Uint8Array, name: ComponentName): Uint8Array;
export declare function componentCommitment(salt: Uint8Array, digest: Uint8Array): Uint8Array;
export declare function commitment(scheme: Scheme, components: readonly ComponentCommitment[]): Uint8Array;
export declare function commitRecord(
  digest: RecordDigest,
  recordKey: Uint8Array,
  versionId: string,
  fieldsTree?: (leafHashes: readonly Uint8Array[]) => Uint8Array,
): RecordCommitment;
/** opens: matches; differs: salt known, no match; missing: committed, content has none; uncommitted: content has it,
 *  was not committed; unknown: no salt, cannot tell. */
export type ComponentMatch = 'opens' | 'differs' | 'missing' | 'uncommitted' | 'unknown';
export type ComponentMatches = ReadonlyMap<ComponentName, ComponentMatch>;
export declare function openRecord(
  digest: RecordDigest,
  components: readonly ComponentCommitment[],
  saltsByName: ReadonlyMap<ComponentName, Uint8Array>,
): ComponentMatches;

// verdict
export type ContentVerdict = 'identical' | 'equal-exact' | 'equal' | 'altered';
export type Verdict = ContentVerdict | 'unknown-version' | 'erased' | 'deleted';
export type Flag = 'precision-differs' | 'narrative-changed' | 'labels-changed' | 'superseded';
export type Status = 'sequenced' | 'integrated' | 'checkpointed' | 'anchored' | 'confirmed' | 'unknown';
export type Outcome = 'intact' | 'altered' | 'unproven';
export type CheckName =
  | 'commitment'
  | 'identity'
  | 'content'
  | 'fields'
  | 'inclusion'
  | 'checkpoint-signature'
  | 'submitter-signature'
  | 'anchor'
  | 'version-chain'
  | 'latest';
export interface Check {
  readonly name: CheckName;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly required: boolean;
  readonly reason: string;
  readonly code?: string;
}
/** `verdict` is null when the salts given do not allow to tell. */
export declare function verdictOf(matches: ComponentMatches): {
  verdict: ContentVerdict | null;
  flags: Flag[];
  reason: string;
};
export declare function outcomeOf(checks: readonly Check[], verdict: Verdict | null): Outcome;
export declare function explainVerdict(verdict: Verdict): string;

// fields
export declare function fieldLeaves(staticForm: JsonValue): FieldLeaf[];
export declare function fieldSeed(versionSalt: Uint8Array): Uint8Array;
export declare function fieldSalt(seed: Uint8Array, index: bigint | number): Uint8Array;
export declare function fieldLeafHash(salt: Uint8Array, leaf: FieldLeaf): Uint8Array;
export declare function fieldsComponentDigest(count: bigint, root: Uint8Array): Uint8Array;
export interface DisclosedField extends FieldLeaf {
  readonly index: bigint;
  readonly salt: Uint8Array;
  readonly proof: readonly Uint8Array[];
}
export interface Disclosure {
  readonly count: bigint;
  readonly root: Uint8Array;
  readonly fields: readonly DisclosedField[];
}
export declare function verifyField(field: DisclosedField, count: bigint, root: Uint8Array): void;
/** Indexes of the leaves under one of the JSON Pointers (whole path segments). */
export declare function selectFields(leaves: readonly FieldLeaf[], pointers: readonly string[]): number[];
export declare function discloseFields(
  leaves: readonly FieldLeaf[],
  versionSalt: Uint8Array,
  indexes: readonly number[],
): Disclosure;

// tree
export declare function leafHash(entryBytes: Uint8Array): Uint8Array;
export declare function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array;
export declare function emptyRoot(): Uint8Array;
export declare function rootFromLeaves(leafHashes: readonly Uint8Array[]): Uint8Array;
export declare function inclusionProof(index: bigint, size: bigint, leafHashes: readonly Uint8Array[]): Uint8Array[];
export declare function consistencyProof(size1: bigint, size2: bigint, leafHashes: readonly Uint8Array[]): Uint8Array[];
export declare function rootFromInclusionProof(
  index: bigint,
  size: bigint,
  leafHash: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array;
export declare function verifyInclusion(
  index: bigint,
  size: bigint,
  leafHash: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): void;
export declare function verifyConsistency(
  size1: bigint,
  size2: bigint,
  root1: Uint8Array,
  root2: Uint8Array,
  proof: readonly Uint8Array[],
): void;
/** The perfect subtree over leaves [index << level, (index + 1) << level). */
export interface SubtreeNode {
  readonly level: number;
  readonly index: bigint;
}
/** Perfect subtrees from left to right, to be hashed together from the right: one hash of a proof. */
export type ProofPart = readonly SubtreeNode[];
export declare function inclusionNodes(index: bigint, size: bigint): ProofPart[];
export declare function consistencyNodes(size1: bigint, size2: bigint): ProofPart[];
export declare function rootNodes(size: bigint): ProofPart;
export declare function rehash(parts: readonly ProofPart[], hashOf: (node: SubtreeNode) => Uint8Array): Uint8Array[];

// tiles
export interface TileCoordinates {
  readonly level: number;
  readonly index: bigint;
  /** 1 to 256 hashes; 256 is a full tile. */
  readonly width: number;
}
export interface Tile {
  readonly level: number;
  readonly index: bigint;
  /** 32 octets for each hash; width = data.length / 32. */
  readonly data: Uint8Array;
}
export interface TilePath {
  readonly level: number | 'entries';
  readonly index: bigint;
  readonly width: number;
}
/** `tile/0/x001/234.p/5`, without a leading slash. */
export declare function tilePath(path: TilePath): string;
export declare function parseTilePath(text: string): TilePath;
/** The tile that holds a perfect subtree: `count` hashes from `start` on. */
export declare function tileOf(node: SubtreeNode): { level: number; index: bigint; start: number; count: number };
export declare function tilesForNodes(nodes: readonly SubtreeNode[], size: bigint): TileCoordinates[];
export declare function hashFromTile(tileData: Uint8Array, node: SubtreeNode): Uint8Array;
/** The partial tiles at the right edge of a tree of this size, lowest level first. */
export declare function edgeTiles(size: bigint): TileCoordinates[];
export interface TileExtension {
  readonly size: bigint;
  readonly root: Uint8Array;
  /** Tiles that changed, with their whole data. */
  readonly tiles: readonly Tile[];
  /** The partial tiles at the new right edge. */
  readonly edge: readonly Tile[];
}
export declare function extendTiles(
  size: bigint,
  edge: readonly Tile[],
  leafHashes: readonly Uint8Array[],
): TileExtension;
export declare function formatEntryBundle(entries: readonly Uint8Array[]): Uint8Array;
export declare function parseEntryBundle(bytes: Uint8Array): Uint8Array[];

// note, checkpoint
export interface NoteSigner {
  readonly name: string;
  readonly keyId: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}
export interface NoteVerifier {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}
export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}
export interface OpenedNote {
  readonly text: string;
  readonly verified: readonly NoteSignature[];
  readonly unverified: readonly NoteSignature[];
}
export declare function noteSigner(name: string, seed: Uint8Array): NoteSigner;
export declare function noteVerifier(vkey: string): NoteVerifier;
export declare function formatVerifierKey(key: { name: string; publicKey: Uint8Array }): string;
export declare function parseVerifierKey(vkey: string): { name: string; keyId: Uint8Array; publicKey: Uint8Array };
export declare function formatNote(text: string, signatures: readonly NoteSignature[]): string;
/** Structure only: nothing is verified. */
export declare function parseNote(note: string | Uint8Array): { text: string; signatures: readonly NoteSignature[] };
export declare function signNote(text: string, signers: readonly NoteSigner[]): string;
export declare function openNote(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): OpenedNote;
export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
}
export declare function formatCheckpoint(checkpoint: Checkpoint): string;
/** The three lines (the note's text), not the signed note. */
export declare function parseCheckpoint(text: string): Checkpoint;
/** Structure of a signed checkpoint; signatures are NOT verified. */
export declare function parseSignedCheckpoint(note: string | Uint8Array): Checkpoint & {
  signatures: readonly NoteSignature[];
};
export declare function openCheckpoint(
  note: string | Uint8Array,
  verifiers: readonly NoteVerifier[],
): Checkpoint & { verified: readonly NoteSignature[]; unverified: readonly NoteSignature[] };
export declare function logIdOf(origin: string): Uint8Array;

// tlog-proof
export interface TlogProof {
  readonly index: bigint;
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
}
export declare function parseTlogProof(text: string | Uint8Array): TlogProof;
export declare function formatTlogProof(proof: TlogProof): string;

// entry
export type Activity = 'create' | 'update' | 'delete' | 'import';
export type Jwk =
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string };
export interface RecordVersionEntry {
  readonly kind: 'record-version';
  readonly time: string;
  readonly source: string;
  readonly recordRef: Uint8Array;
  readonly seq: bigint;
  readonly previous: Uint8Array | null;
  readonly activity: Activity;
  readonly scheme: Scheme;
  readonly commitment: Uint8Array;
  readonly submitter?: { readonly keyId: string; readonly jws: string };
}
export interface RecordErasureEntry {
  readonly kind: 'record-erasure';
  readonly time: string;
  readonly source: string;
  readonly recordRef: Uint8Array;
  readonly seq: bigint;
  readonly previous: Uint8Array | null;
  readonly basis: string;
}
export interface KeyEntry {
  readonly kind: 'key';
  readonly time: string;
  readonly source: string;
  readonly keyId: string;
  readonly action: 'register' | 'rotate' | 'revoke';
  readonly jwk?: Jwk;
  readonly replaces?: string;
}
export interface IsmsEntry {
  readonly kind: 'isms';
  readonly time: string;
  readonly object: string;
  readonly id: string;
  readonly revision: bigint;
  readonly previous: Uint8Array | null;
  readonly commitment: Uint8Array;
}
export interface EvidenceEntry {
  readonly kind: 'evidence';
  readonly time: string;
  readonly id: string;
  readonly commitment: Uint8Array;
}
export interface AnchorEpochEntry {
  readonly kind: 'anchor-epoch';
  readonly time: string;
  readonly epoch: bigint;
  readonly chainId: bigint;
  readonly contract: string;
  readonly logId: Uint8Array;
  readonly reason: string;
  readonly previous: {
    readonly chainId: bigint;
    readonly contract: string;
    readonly size: bigint;
    readonly root: Uint8Array;
  } | null;
}
export type Entry = RecordVersionEntry | RecordErasureEntry | KeyEntry | IsmsEntry | EvidenceEntry | AnchorEpochEntry;
export declare function parseEntry(bytes: Uint8Array): Entry;
export declare function formatEntry(entry: Entry): Uint8Array;
export declare function entryFromJson(value: JsonValue): Entry;

// jws
export declare function statementBytes(statement: {
  activity: Activity;
  commitment: Uint8Array;
  scheme: Scheme;
  source: string;
}): Uint8Array;
export declare function jwkThumbprint(jwk: Jwk): string;
export declare function parseJwk(value: JsonValue): Jwk;
export declare function verifyDetachedJws(jws: string, payload: Uint8Array, jwk: Jwk): void;
export declare function signDetachedJws(
  payload: Uint8Array,
  seed: Uint8Array,
): { jws: string; jwk: Jwk; keyId: string };

// bundle
export interface BundleComponent extends ComponentCommitment {
  readonly salt?: Uint8Array;
}
export interface Opening {
  readonly scheme: Scheme;
  readonly mediaType: string;
  readonly identity?: RecordIdentity;
  readonly components: readonly BundleComponent[];
}
export interface BundleAnchor {
  readonly chainId: bigint;
  readonly contract: string;
  readonly logId: Uint8Array;
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly transaction: string;
  readonly block: bigint;
}
export interface Bundle {
  readonly entry: Entry;
  readonly opening: Opening | null;
  /** tlog-proof text, verbatim. */
  readonly proof: string;
  readonly anchor: BundleAnchor | null;
  readonly submitterKey?: Jwk;
  readonly disclosed?: Disclosure;
}
export declare function parseBundle(input: Uint8Array | string): Bundle;
export declare function formatBundle(bundle: Bundle): string;

// verify
export interface Eip1193Provider {
  request(args: { method: string; params?: readonly unknown[] }): Promise<unknown>;
}
export interface Trust {
  /** Verifier keys (`name+hex+base64`) of the log. */
  readonly logKeys?: readonly string[];
  readonly contract?: string;
  readonly chainId?: bigint;
  readonly confirmations?: number;
  readonly submitterKeys?: readonly Jwk[];
}
export interface VerifyOptions {
  readonly trust: Trust;
  readonly content?: Uint8Array;
  readonly mediaType?: string;
  /** What the verifier believes the bundle to be about. */
  readonly identity?: Partial<RecordIdentity>;
  readonly chain?: Eip1193Provider;
}
export interface VerificationReport {
  readonly verdict: Verdict | null;
  readonly flags: readonly Flag[];
  readonly status: Status;
  readonly outcome: Outcome;
  /** The outcome in plain words. */
  readonly reason: string;
  readonly checks: readonly Check[];
  readonly subject: {
    readonly kind: Entry['kind'];
    readonly leafHash: Uint8Array;
    readonly index: bigint;
    readonly origin: string;
    readonly size: bigint;
    readonly root: Uint8Array;
    /** Only when the identity check passed. */
    readonly identity?: RecordIdentity;
    /** Only when the anchor check passed. */
    readonly confirmations?: bigint;
  };
}
export declare function verifyBundle(bundle: Bundle, options: VerifyOptions): Promise<VerificationReport>;
/** The report with some checks replaced by better informed ones (the ledger's), outcome drawn again. */
export declare function withChecks(report: VerificationReport, checks: readonly Check[]): VerificationReport;
