// A Hardhat 3 chain inside this process: the network `node` of hardhat.config.ts, without Hardhat's own HTTP server.
// There is therefore exactly one way in, the JSON-RPC server of this folder, and nothing can change the chain without
// passing its journal. Does not know the journal.

import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import { fileURLToPath } from 'node:url';
import hardhatConfig from '../../hardhat.config.ts';

const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface ChainNode {
  request(method: string, params?: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts an empty chain. Its genesis block depends only on hardhat.config.ts, so that a replay gives the same hashes. */
export async function openHardhatNode(): Promise<ChainNode> {
  const network = hardhatConfig.networks?.['node'];
  if (network === undefined) throw new Error('hardhat.config.ts has no network named "node"');
  // Only this network is taken over: no compiler and no plugin is loaded, which keeps the start below half a second.
  const hre = await createHardhatRuntimeEnvironment({ networks: { node: network } }, {}, PROJECT_ROOT);
  const connection = await hre.network.create('node');
  return {
    request: (method, params = []) => connection.provider.request({ method, params: [...params] }),
    close: () => connection.close(),
  };
}

export interface BlockHeader {
  readonly number: bigint;
  readonly hash: string;
  readonly timestamp: bigint;
}

/** Reads one block header; `tag` is a block tag or a hex number. */
export async function readBlock(node: ChainNode, tag: string): Promise<BlockHeader> {
  const block = await node.request('eth_getBlockByNumber', [tag, false]);
  return { number: quantity(block, 'number'), hash: text(block, 'hash'), timestamp: quantity(block, 'timestamp') };
}

/** The block in which a transaction was mined, or null while it is in none. */
export async function findTransactionBlock(node: ChainNode, hash: string): Promise<BlockHeader | null> {
  const receipt = await node.request('eth_getTransactionReceipt', [hash]);
  if (receipt === null) return null;
  return await readBlock(node, text(receipt, 'blockNumber'));
}

function text(value: unknown, name: string): string {
  const member: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  // The pending block has no number and no hash yet.
  if (member === null && name !== 'timestamp') return '0x0';
  if (typeof member !== 'string') throw new Error(`the chain answered without "${name}"`);
  return member;
}

function quantity(value: unknown, name: string): bigint {
  return BigInt(text(value, name));
}
