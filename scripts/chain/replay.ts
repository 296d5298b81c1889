// Rebuilds the chain from its journal. Each transaction is mined again at its first block time; since the genesis
// block is fixed, every block hash must come out as it was. A difference is refused, never skipped: an anchor that was
// given out must keep its transaction hash *and* its block hash for ever.

import { findTransactionBlock, readBlock, type ChainNode } from './hardhat-node.ts';
import { JournalError, type ChainIdentity, type JournalContent } from './journal.ts';

/** Reads which chain a fresh node is. */
export async function readIdentity(node: ChainNode): Promise<ChainIdentity> {
  const chainId = BigInt(String(await node.request('eth_chainId')));
  const genesis = await readBlock(node, '0x0');
  return { chainId: chainId.toString(), genesis: genesis.hash };
}

/** Replays on a fresh node; throws JournalError at the first transaction that does not come out identical. */
export async function replayJournal(node: ChainNode, identity: ChainIdentity, content: JournalContent): Promise<void> {
  const recorded = content.identity;
  if (recorded === null) return;
  if (recorded.chainId !== identity.chainId || recorded.genesis !== identity.genesis) {
    throw new JournalError(
      `the journal belongs to chain ${recorded.chainId} with genesis ${recorded.genesis}, but this node is chain ` +
        `${identity.chainId} with genesis ${identity.genesis} (was hardhat.config.ts or Hardhat changed?)`,
    );
  }
  for (const [i, entry] of content.entries.entries()) {
    const line = `journal line ${String(i + 2)}`;
    const refused = await mineAt(node, entry.raw, BigInt(entry.timestamp));
    const block = await findTransactionBlock(node, entry.hash);
    if (block === null) {
      throw new JournalError(`${line}: transaction ${entry.hash} did not come out of its replay`, { cause: refused });
    }
    if (block.hash !== entry.blockHash || block.number.toString() !== entry.blockNumber) {
      throw new JournalError(
        `${line}: transaction ${entry.hash} was in block ${entry.blockNumber} ${entry.blockHash}, ` +
          `its replay gave block ${block.number.toString()} ${block.hash}`,
      );
    }
  }
}

/** A transaction that reverted was mined all the same, so the node's error is kept and the receipt decides. */
async function mineAt(node: ChainNode, raw: string, timestamp: bigint): Promise<unknown> {
  try {
    await node.request('evm_setNextBlockTimestamp', [`0x${timestamp.toString(16)}`]);
    await node.request('eth_sendRawTransaction', [raw]);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Brings the chain's clock, which starts in the past, to `now` (seconds). A clock that is ahead is left alone. */
export async function catchUpClock(node: ChainNode, now: bigint): Promise<void> {
  const pending = await readBlock(node, 'pending');
  if (pending.timestamp < now) {
    await node.request('evm_increaseTime', [`0x${(now - pending.timestamp).toString(16)}`]);
  }
}
