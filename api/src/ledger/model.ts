// The words of the data flow. A record version moves through these states and never back, except that a re-org can take
// an anchor away again (anchored, confirmed → checkpointed).
import { type Activity, type ComponentCommitment, type Jwk, type Scheme } from '@medanchor/verifier';

export const STATES = ['sequenced', 'integrated', 'checkpointed', 'anchored', 'confirmed'] as const;
export type State = (typeof STATES)[number];

/** How far each stage has come: an entry has reached a stage when its index is below that stage's size. */
export interface StageSizes {
  readonly sequenced: bigint;
  readonly integrated: bigint;
  readonly checkpointed: bigint;
  readonly anchored: bigint;
  readonly confirmed: bigint;
}

/** The furthest state of the entry at `index`. */
export function stateOf(index: bigint, sizes: StageSizes): State {
  if (index < sizes.confirmed) return 'confirmed';
  if (index < sizes.anchored) return 'anchored';
  if (index < sizes.checkpointed) return 'checkpointed';
  if (index < sizes.integrated) return 'integrated';
  return 'sequenced';
}

/** Source, as the ledger knows it: an opaque id for the log, a name for people, the tenant that it belongs to. */
export interface SourceRef {
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
}

/** A version as it is stored: what the log says of it, and what is needed to open it again. No content. */
export interface StoredVersion {
  readonly record: bigint;
  readonly seq: bigint;
  readonly versionId: string;
  readonly index: bigint;
  readonly leafHash: Uint8Array;
  readonly entry: Uint8Array;
  readonly activity: Activity;
  readonly scheme: Scheme;
  readonly mediaType: string;
  readonly components: readonly ComponentCommitment[];
  readonly recordedAt: Date;
  /** The client that submitted it, as it was signed in; null when nobody was. Not part of the entry. */
  readonly submittedBy: string | null;
}

/** Who keeps a record's key, and with it the salts: the ledger, or the source itself (digest mode). */
export type KeyHolder = 'ledger' | 'source';

/** A public key of a source, as its `key` entries have it. */
export interface SourceKey {
  readonly source: string;
  readonly keyId: string;
  readonly jwk: Jwk;
  /** Index of the entry that registered it. */
  readonly registeredIndex: bigint;
  /** Index of the entry that revoked or replaced it; null while it is in force. */
  readonly revokedIndex: bigint | null;
  readonly replacedBy: string | null;
}

/** A record's row: its key only in wrapped form. */
export interface StoredRecord {
  readonly id: bigint;
  readonly sourceId: string;
  readonly recordId: string;
  readonly recordRef: Uint8Array;
  /** null: the source keeps the key, or it was destroyed. */
  readonly wrappedKey: Uint8Array | null;
  readonly keyHolder: KeyHolder;
  /** Pseudonym of the patient whom it is about; null when its versions name none. */
  readonly subjectRef: Uint8Array | null;
  /** Number of the newest version that was ever recorded: what is missing below it was removed. */
  readonly headSeq: bigint;
}

export interface TreeHead {
  readonly size: bigint;
  readonly root: Uint8Array;
}

export interface SignedCheckpoint extends TreeHead {
  readonly note: string;
}

/** sent: handed to the chain (or about to be); dropped: will never be mined; failed: mined and reverted. */
export type AnchorState = 'sent' | 'anchored' | 'confirmed' | 'dropped' | 'failed';

export interface Epoch {
  readonly epoch: number;
  readonly chainId: bigint;
  readonly contract: string;
  readonly reason: string;
  readonly createdAt: Date;
}

export interface Anchor extends TreeHead {
  readonly id: bigint;
  readonly epoch: number;
  readonly transaction: string;
  readonly nonce: bigint;
  readonly rawTransaction: string;
  readonly state: AnchorState;
  readonly blockNumber: bigint | null;
  readonly blockHash: string | null;
  readonly blockTime: Date | null;
  readonly gasUsed: bigint | null;
  readonly sentAt: Date;
  readonly updatedAt: Date;
}
