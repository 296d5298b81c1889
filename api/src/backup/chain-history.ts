// What a contract says of a log: its head, and the anchors back to a given size. Reads only; no key is needed, and every
// answer may come from anybody's node.
import { fromHex, toHex } from '@medanchor/verifier';
import { Interface } from 'ethers';
import { type z } from 'zod';
import { ANCHOR_REGISTRY_ABI } from '../ledger/chain/anchor-registry.abi.ts';
import { JsonRpcClient } from '../ledger/chain/json-rpc.ts';
import { ANSWERS, readAnswer } from '../ledger/chain/rpc-answers.ts';

/** Blocks per request for events: what public endpoints commonly allow. Halved when an endpoint refuses. */
const WINDOW = 2000;

export interface AnchoredHead {
  readonly size: bigint;
  /** Hexadecimal. */
  readonly root: string;
  readonly block: bigint;
  readonly transaction: string;
}

export interface ChainHistory {
  readonly head: { readonly size: bigint; readonly root: string; readonly block: bigint; readonly time: Date };
  /** Newest first: every anchor larger than the asked size, and then the newest one that is not (if it was found). */
  readonly anchors: readonly AnchoredHead[];
  /** Why the anchors could not be read to the end; empty when they were. */
  readonly gap: string;
}

/** Nothing is known: the endpoint does not answer, serves another chain, or has no such contract. */
export class ChainNotReadableError extends Error {
  override readonly name = 'ChainNotReadableError';
}

export class ChainReader {
  readonly #rpc: JsonRpcClient;
  readonly #interface = new Interface(ANCHOR_REGISTRY_ABI);
  readonly #url: string;

  constructor(url: string, timeoutMs: number) {
    this.#rpc = new JsonRpcClient(url, timeoutMs);
    this.#url = new URL(url).host;
  }

  /**
   * @param known size up to which the caller has the log
   * @param oldest block before which the caller needs nothing
   * @throws {ChainNotReadableError}
   */
  async history(
    place: { readonly chainId: string; readonly contract: string },
    logId: Uint8Array,
    known: bigint,
    oldest: bigint,
  ): Promise<ChainHistory> {
    const chainId = await this.#ask('eth_chainId', [], ANSWERS.quantity);
    if (chainId.toString() !== place.chainId)
      throw new ChainNotReadableError(`${this.#url} serves chain ${chainId}, the log is anchored on ${place.chainId}`);
    const head = await this.#head(place.contract, logId);
    if (head.size === 0n) return { head, anchors: [], gap: '' };
    return { head, ...(await this.#anchors(place.contract, logId, head.block, known, oldest)) };
  }

  async #head(contract: string, logId: Uint8Array): Promise<ChainHistory['head']> {
    const call = { to: contract, data: this.#interface.encodeFunctionData('head', [`0x${toHex(logId)}`]) };
    const answer = await this.#ask('eth_call', [call, 'latest'], ANSWERS.data);
    try {
      const [head] = this.#interface.decodeFunctionResult('head', answer) as unknown as [
        { root: string; size: bigint; time: bigint; blockNumber: bigint },
      ];
      return {
        size: head.size,
        root: toHex(fromHex(head.root.slice(2))),
        block: head.blockNumber,
        time: new Date(Number(head.time) * 1000),
      };
    } catch (cause) {
      throw new ChainNotReadableError(`there is no AnchorRegistry at ${contract} on the chain of ${this.#url}`, {
        cause,
      });
    }
  }

  /** From the head's block backwards, so that only what is newer than `known` is read. */
  async #anchors(
    contract: string,
    logId: Uint8Array,
    newest: bigint,
    known: bigint,
    oldest: bigint,
  ): Promise<Pick<ChainHistory, 'anchors' | 'gap'>> {
    const anchors: AnchoredHead[] = [];
    let window = BigInt(WINDOW);
    for (let to = newest; to >= oldest && to >= 0n;) {
      const from = to - window + 1n > oldest ? to - window + 1n : oldest;
      let found: readonly AnchoredHead[];
      try {
        found = await this.#events(contract, logId, from, to);
      } catch (error) {
        if (window === 1n) return { anchors, gap: (error as Error).message };
        window /= 2n;
        continue;
      }
      for (const anchor of found) {
        anchors.push(anchor);
        if (anchor.size <= known) return { anchors, gap: '' };
      }
      to = from - 1n;
    }
    return { anchors, gap: '' };
  }

  /** Newest first. */
  async #events(contract: string, logId: Uint8Array, from: bigint, to: bigint): Promise<readonly AnchoredHead[]> {
    const event = this.#interface.getEvent('HeadAnchored');
    const filter = {
      address: contract,
      topics: [event?.topicHash, `0x${toHex(logId)}`],
      fromBlock: `0x${from.toString(16)}`,
      toBlock: `0x${to.toString(16)}`,
    };
    const logs = await this.#ask('eth_getLogs', [filter], ANSWERS.logs);
    return logs
      .map(({ topics, data, blockNumber, transactionHash }) => {
        const parsed = this.#interface.parseLog({ topics, data });
        return {
          size: parsed?.args['size'] as bigint,
          root: String(parsed?.args['root']).slice(2),
          block: blockNumber,
          transaction: transactionHash,
        };
      })
      .reverse();
  }

  /** When the block was made; null when the node does not say. */
  async timeOf(block: bigint): Promise<Date | null> {
    try {
      const found = await this.#ask('eth_getBlockByNumber', [`0x${block.toString(16)}`, false], ANSWERS.block);
      return found === null ? null : new Date(Number(found.timestamp) * 1000);
    } catch {
      return null;
    }
  }

  async #ask<T>(method: string, params: readonly unknown[], answer: z.ZodType<T>): Promise<T> {
    try {
      return readAnswer(method, answer, await this.#rpc.request({ method, params }));
    } catch (cause) {
      const { message } = cause as Error;
      throw new ChainNotReadableError(`${this.#url} does not answer ${method}: ${message.slice(0, 200)}`, { cause });
    }
  }
}
