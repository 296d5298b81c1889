import { type TreeHead } from '../model.ts';

/** The contract's head of our log. Size 0: registered and never anchored. */
export type ChainHead = TreeHead;

export interface ChainView {
  readonly chainId: bigint;
  readonly blockNumber: bigint;
  /** null: there is no contract at the configured address, or it does not answer like an AnchorRegistry. */
  readonly head: ChainHead | null;
  readonly registered: boolean;
  readonly submitter: boolean;
  readonly paused: boolean;
}

export interface AnchorCall extends TreeHead {
  readonly proof: readonly Uint8Array[];
}

export interface SignedTransaction {
  readonly hash: string;
  readonly raw: string;
  readonly nonce: bigint;
}

export interface Receipt {
  readonly success: boolean;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly gasUsed: bigint;
  /** The head that the contract announced for our log; null when it announced none (the stored head sent again). */
  readonly announced: TreeHead | null;
}

/** A head that the contract announced for our log, and where. */
export interface AnnouncedHead extends TreeHead {
  readonly transaction: string;
  readonly blockNumber: bigint;
  readonly blockHash: string;
}

/**
 * The contract `AnchorRegistry` on some chain, for one log and one account.
 *
 * Every method may reject with {@link ChainUnreachableError}: then nothing is known. Answers are checked for their form;
 * whether they are *ours* is decided by chain-state.rules.ts, never here.
 */
export abstract class AnchorRegistry {
  abstract view(): Promise<ChainView>;
  /** Signs a call of `anchor`. @throws {AnchorRefusedError} when the contract would revert it, with the contract's reason. */
  abstract sign(call: AnchorCall): Promise<SignedTransaction>;
  /** Hands a signed transaction to the chain. A transaction that is already known is no error. */
  abstract send(transaction: SignedTransaction): Promise<void>;
  /** null: not mined (yet). */
  abstract receipt(transaction: string): Promise<Receipt | null>;
  /**
   * Every head that was announced for our log, up to block `to`, in the order of the chain. An endpoint that will not search
   * so many blocks at once is unreachable for this purpose.
   */
  abstract announcements(to: bigint): Promise<readonly AnnouncedHead[]>;
  abstract blockNumber(): Promise<bigint>;
  /** Hash and time of the canonical block at this height; null when the chain is shorter. */
  abstract block(number: bigint): Promise<{ hash: string; time: Date } | null>;
  /** Number of transactions of our account in the latest block: nonces below it are used. */
  abstract usedNonces(): Promise<bigint>;
}

/** The RPC endpoint did not answer in time, or not like a JSON-RPC endpoint. */
export class ChainUnreachableError extends Error {
  override readonly name = 'ChainUnreachableError';
}

/** The contract refuses the anchor. `reason` is its custom error (`AnchorHistoryRewritten`, …). */
export class AnchorRefusedError extends Error {
  override readonly name = 'AnchorRefusedError';
  readonly reason: string;

  constructor(reason: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}
