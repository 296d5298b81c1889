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

/** What is paid for a unit of gas, in wei. On a chain without EIP-1559 (`legacy`) both are the gas price. */
export interface Fees {
  readonly kind: 'eip-1559' | 'legacy';
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface SignedTransaction {
  readonly hash: string;
  readonly raw: string;
  readonly nonce: bigint;
}

/** What a signed transaction says of itself. */
export interface TransactionFacts {
  /** 0x and 40 hexadecimal digits, lower case. */
  readonly sender: string;
  readonly nonce: bigint;
  readonly fees: Fees;
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
 * Every method that asks the chain may reject with {@link ChainUnreachableError}: then nothing is known. Answers are checked
 * for their form; whether they are *ours* is decided by chain-state.rules.ts, never here.
 */
export abstract class AnchorRegistry {
  /** The account that signs: 0x and 40 hexadecimal digits, lower case. */
  abstract get account(): string;
  abstract view(): Promise<ChainView>;
  /** What the chain suggests to pay now. */
  abstract suggestedFees(): Promise<Fees>;
  /**
   * Signs a call of `anchor`. Judged on the latest block, never on what waits in the endpoint's pool.
   *
   * @param nonce null takes the next free one
   * @throws {AnchorRefusedError} when the contract would revert it, with the contract's reason, or when our account cannot pay
   */
  abstract sign(call: AnchorCall, fees: Fees, nonce: bigint | null): Promise<SignedTransaction>;
  /** Reads a transaction that `sign` made, by whatever account. */
  abstract factsOf(raw: string): TransactionFacts;
  /**
   * Hands a signed transaction to the chain. A transaction that is already known is no error.
   *
   * @throws {TransactionRefusedError} when the endpoint answers that it will not take it
   */
  abstract send(transaction: SignedTransaction): Promise<void>;
  /** null: not mined (yet). */
  abstract receipt(transaction: string): Promise<Receipt | null>;
  /**
   * Every head that was announced for our log, up to block `to`, in the order of the chain. Searched in as large pieces as the
   * endpoint takes.
   */
  abstract announcements(to: bigint): Promise<readonly AnnouncedHead[]>;
  abstract tip(): Promise<{ chainId: bigint; blockNumber: bigint }>;
  /** Hash and time of the canonical block at this height; null when the chain is shorter. */
  abstract block(number: bigint): Promise<{ hash: string; time: Date } | null>;
  /** Number of transactions of `account` in the latest block: nonces below it are used. */
  abstract usedNonces(account: string): Promise<bigint>;
}

/** The RPC endpoint did not answer in time, or not like a JSON-RPC endpoint. */
export class ChainUnreachableError extends Error {
  override readonly name = 'ChainUnreachableError';
}

/** No anchor can be signed. `reason` is the contract's custom error (`AnchorHistoryRewritten`, …) or `InsufficientFunds`. */
export class AnchorRefusedError extends Error {
  override readonly name = 'AnchorRefusedError';
  readonly reason: string;

  constructor(reason: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}

/**
 * - `nonce-used`: another transaction of the account is mined in its place;
 * - `nonce-gap`: a nonce below its own is still free;
 * - `insufficient-funds`: the account cannot pay for it;
 * - `underpriced`: it pays too little now, or too little to take the place of one that waits;
 * - `other`: see the message.
 */
export type RefusalReason = 'nonce-used' | 'nonce-gap' | 'insufficient-funds' | 'underpriced' | 'other';

export class TransactionRefusedError extends Error {
  override readonly name = 'TransactionRefusedError';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}
