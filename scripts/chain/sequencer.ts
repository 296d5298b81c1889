// The only door through which the local chain changes: raw transactions one after the other, each mined in a block of
// its own and written to the journal before its sender gets an answer. Journal order is therefore block order.

import { Transaction } from 'ethers';
import { findTransactionBlock, type ChainNode } from './hardhat-node.ts';
import type { JournalEntry } from './journal.ts';
import { RpcError } from './rpc-error.ts';

export interface Journal {
  append(entry: JournalEntry): void;
}

/** The chain is ahead of its journal and must not go on: the process ends, and the next start replays the journal. */
export class JournalLostError extends Error {
  override name = 'JournalLostError';
}

export class Sequencer {
  readonly #node: ChainNode;
  readonly #journal: Journal;
  readonly #known: Set<string>;
  #tail: Promise<unknown> = Promise.resolve();

  /** `known` are the hashes that the journal already has. */
  constructor(node: ChainNode, journal: Journal, known: Iterable<string>) {
    this.#node = node;
    this.#journal = journal;
    this.#known = new Set(known);
  }

  /** Sends one raw transaction after all that were given earlier. Rejects with the node's own error, or RpcError. */
  send(params: readonly unknown[]): Promise<unknown> {
    const turn = this.#tail.then(() => this.#sendNow(params));
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  async #sendNow(params: readonly unknown[]): Promise<unknown> {
    const { raw, hash, from, nonce } = parseRaw(params);
    await this.#refuseNonceGap(from, nonce);
    const outcome = await settle(this.#node.request('eth_sendRawTransaction', [raw]));
    // A reverting transaction is answered with an error and yet mined: the receipt decides what is journalled.
    const block = await findTransactionBlock(this.#node, hash);
    if (block !== null && !this.#known.has(hash)) {
      try {
        this.#journal.append({
          raw,
          hash,
          timestamp: block.timestamp.toString(),
          blockNumber: block.number.toString(),
          blockHash: block.hash,
        });
      } catch (cause) {
        throw new JournalLostError(`transaction ${hash} could not be written to the chain's journal`, { cause });
      }
      this.#known.add(hash);
    }
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** A transaction from the future would wait in memory and be mined later, outside the journal's order. */
  async #refuseNonceGap(from: string, nonce: number): Promise<void> {
    const next = Number(BigInt(String(await this.#node.request('eth_getTransactionCount', [from, 'latest']))));
    if (nonce > next) {
      throw new RpcError(
        -32000,
        `nonce too high: got ${String(nonce)}, the next nonce of ${from} is ${String(next)} (this local chain mines at once and keeps no queue)`,
      );
    }
  }
}

interface RawTransaction {
  readonly raw: string;
  readonly hash: string;
  readonly from: string;
  readonly nonce: number;
}

function parseRaw(params: readonly unknown[]): RawTransaction {
  const raw = params[0];
  if (params.length !== 1 || typeof raw !== 'string') {
    throw new RpcError(-32602, 'eth_sendRawTransaction takes exactly one parameter, the raw transaction in hex');
  }
  try {
    const { hash, from, nonce } = Transaction.from(raw);
    if (hash === null || from === null) throw new Error('it is not signed');
    return { raw: raw.toLowerCase(), hash, from, nonce };
  } catch (cause) {
    throw new RpcError(-32602, 'eth_sendRawTransaction: the parameter is not a signed raw transaction', { cause });
  }
}

async function settle(promise: Promise<unknown>): Promise<{ value: unknown } | { error: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}
