/** A chain of the access log, as one statement sees it. */
export interface AccessChainRow {
  readonly chain: string;
  /** null: the head's row is gone. */
  readonly headSeq: bigint | null;
  readonly headHash: Buffer | null;
  /** Number of the last event row; null when there is none. */
  readonly lastSeq: bigint | null;
}

export interface AccessEventRow {
  readonly seq: bigint;
  readonly time: string;
  readonly event: string;
  readonly previousHash: Buffer;
  readonly hash: Buffer;
}

/** A batch that an entry of this log commits to. */
export interface AccessAnchorRow {
  readonly id: string;
  readonly chain: string;
  readonly first: bigint;
  readonly last: bigint;
  readonly head: Buffer;
  readonly salt: Buffer;
  readonly index: bigint | null;
}

/** The log's entry at the place that an anchor names, still inside its batch. */
export interface PlacedAccessAnchor extends AccessAnchorRow {
  readonly batchFirst: bigint | null;
  readonly entries: Buffer | null;
}

/** What the tamper sweep reads of the access log. Each method is one statement. */
export abstract class AccessSource {
  /** Every chain that has a head, an event or a batch. */
  abstract chains(): Promise<readonly AccessChainRow[]>;
  /** In order, above `after`, at most `limit`. */
  abstract events(chain: string, after: bigint, limit: number): Promise<readonly AccessEventRow[]>;
  /** In order of their last event, above `after`. */
  abstract anchors(chain: string, after: bigint, limit: number): Promise<readonly PlacedAccessAnchor[]>;
  /** The newest batch of a chain whose entry stands below `index`. */
  abstract anchorBelow(chain: string, index: bigint): Promise<PlacedAccessAnchor | null>;
  abstract anchorsById(ids: readonly string[]): Promise<readonly AccessAnchorRow[]>;
}
