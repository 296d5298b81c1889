// Every head that the contract has announced for one log, found by the events' topics. Endpoints bound how many blocks or how
// much answer one search may have, each in its own words: the range is halved until it is taken, and stays so.
import { fromHex } from '@medanchor/verifier';
import { type Interface } from 'ethers';
import { type AnnouncedHead } from './anchor-registry.port.ts';
import { AnswerTooLargeError, JsonRpcRefusal } from './json-rpc.ts';
import { ANSWERS, readAnswer } from './rpc-answers.ts';

export interface EventSearch {
  readonly ask: (method: string, params: readonly unknown[]) => Promise<unknown>;
  readonly abi: Interface;
  readonly contract: string;
  /** 0x and 64 hexadecimal digits. */
  readonly logId: string;
}

/** @param to the last block that is searched @throws when the endpoint refuses even a single block, or does not answer */
export async function announcedHeads(search: EventSearch, to: bigint): Promise<readonly AnnouncedHead[]> {
  const found: AnnouncedHead[] = [];
  let window = to + 1n;
  for (let from = 0n; from <= to;) {
    const last = from + window - 1n < to ? from + window - 1n : to;
    try {
      found.push(...(await between(search, from, last)));
      from = last + 1n;
    } catch (error) {
      if (!isTooMuch(error) || last === from) throw error;
      window = (last - from + 1n) / 2n;
    }
  }
  return found;
}

function isTooMuch(error: unknown): boolean {
  return error instanceof JsonRpcRefusal || (error as { cause?: unknown } | null)?.cause instanceof AnswerTooLargeError;
}

async function between(
  { ask, abi, contract, logId }: EventSearch,
  from: bigint,
  to: bigint,
): Promise<readonly AnnouncedHead[]> {
  const method = 'eth_getLogs';
  const filter = {
    address: contract,
    topics: [abi.getEvent('HeadAnchored')?.topicHash, logId],
    fromBlock: `0x${from.toString(16)}`,
    toBlock: `0x${to.toString(16)}`,
  };
  return readAnswer(method, ANSWERS.logs, await ask(method, [filter])).flatMap((log) => {
    const event = abi.parseLog(log);
    // An endpoint that ignores the filter tells us of other logs as well.
    if (log.address !== contract || event?.name !== 'HeadAnchored' || event.args['logId'] !== logId) return [];
    return [
      {
        size: event.args['size'] as bigint,
        root: fromHex((event.args['root'] as string).slice(2)),
        transaction: log.transactionHash,
        blockNumber: log.blockNumber,
        blockHash: log.blockHash,
      },
    ];
  });
}
