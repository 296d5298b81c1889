/** A part of a chain that an entry of the log commits to. */
export interface AccessAnchor {
  /** Of the log's entry, too. */
  readonly id: string;
  readonly chain: string;
  readonly first: bigint;
  readonly last: bigint;
  /** Hash of event `last`. */
  readonly head: Uint8Array;
  readonly salt: Uint8Array;
  /** Where in the log the entry stands; null while it is on its way there. */
  readonly index: bigint | null;
}

/** Chains and what was committed of them to one log. */
export abstract class AccessAnchorStore {
  /** Runs `work` unless another process is at it; null then. */
  abstract exclusively<T>(work: () => Promise<T>): Promise<T | null>;
  /** For each chain with events that no batch covers: those events, as one batch. */
  abstract news(): Promise<readonly Omit<AccessAnchor, 'id' | 'salt' | 'index'>[]>;
  /** Written before the log's entry, so that no entry is without its opening. */
  abstract add(anchor: AccessAnchor, at: Date): Promise<void>;
  /** The entry is in the log. Once. */
  abstract place(id: string, index: bigint): Promise<void>;
  /** Batches of which no entry is known to be in the log: a crash came between. */
  abstract pending(): Promise<readonly AccessAnchor[]>;
  /** Those of a chain whose last event is above `after`, up to `to`, in order, at most `limit`. */
  abstract between(chain: string, after: bigint, to: bigint, limit: number): Promise<readonly AccessAnchor[]>;
  /** The same, newest first. */
  abstract newest(chain: string, after: bigint, to: bigint, limit: number): Promise<readonly AccessAnchor[]>;
  /** When the last batch was made, and how many events no batch covers. */
  abstract state(): Promise<{ readonly last: Date | null; readonly waiting: bigint }>;
}
