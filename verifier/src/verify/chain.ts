// Reading a chain through JSON-RPC (EIP-1193, EIP-1474). Every answer is hostile input: it is read strictly, and what is not
// exactly of the expected form makes the check skipped, since nothing was learned. Only quantities, addresses, topics and
// words that we need are read; whatever else a node adds is ignored.

import { keccak_256 } from '@noble/hashes/sha3.js';
import { fromHex, toHex, utf8 } from '../bytes.ts';
import { Skip } from './check.ts';

/** The one method of an EIP-1193 provider that is needed. Browser wallets, ethers, hardhat and plain fetch wrappers have it. */
export interface Eip1193Provider {
  request(args: { method: string; params?: readonly unknown[] }): Promise<unknown>;
}

export interface ChainLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

export interface ChainReceipt {
  readonly transaction: string;
  readonly succeeded: boolean;
  readonly block: bigint;
  readonly logs: readonly ChainLog[];
}

const HEAD_ANCHORED = 'HeadAnchored(bytes32,uint64,bytes32)';
const HEAD_FUNCTION = 'head(bytes32)';
const WORD_DIGITS = 64;
const MAX_LOGS = 10_000;

/** keccak256 of the event's signature, with 0x. */
export function headAnchoredTopic(): string {
  return `0x${toHex(keccak_256(utf8(HEAD_ANCHORED)))}`;
}

export function readChainId(chain: Eip1193Provider): Promise<bigint> {
  return ask(chain, 'eth_chainId', [], quantity);
}

export function readBlockNumber(chain: Eip1193Provider): Promise<bigint> {
  return ask(chain, 'eth_blockNumber', [], quantity);
}

/** Null when the node knows no such transaction. */
export function readReceipt(chain: Eip1193Provider, transaction: string): Promise<ChainReceipt | null> {
  return ask(chain, 'eth_getTransactionReceipt', [transaction], (answer) => (answer === null ? null : receipt(answer)));
}

/** `head(bytes32)` of the registry as (root, size); null when there is no code at this address. */
export function readHead(
  chain: Eip1193Provider,
  contract: string,
  logId: Uint8Array,
): Promise<{ root: Uint8Array; size: bigint } | null> {
  const data = `0x${toHex(keccak_256(utf8(HEAD_FUNCTION)).subarray(0, 4))}${toHex(logId)}`;
  return ask(chain, 'eth_call', [{ to: contract, data }, 'latest'], (answer) => {
    const words = hexData(answer);
    if (words === '') return null;
    if (words.length !== 4 * WORD_DIGITS) throw new TypeError(`head has ${words.length / 2} octets, wanted 128`);
    return { root: fromHex(words.slice(0, WORD_DIGITS)), size: uint64Word(words.slice(WORD_DIGITS, 2 * WORD_DIGITS)) };
  });
}

/** A 32-octet word, as topics and event data are, of a uint64. */
export function uint64Topic(value: bigint): string {
  return `0x${value.toString(16).padStart(WORD_DIGITS, '0')}`;
}

async function ask<T>(
  chain: Eip1193Provider,
  method: string,
  params: readonly unknown[],
  read: (answer: unknown) => T,
): Promise<T> {
  let answer: unknown;
  try {
    answer = await chain.request({ method, params });
  } catch (error) {
    throw new Skip('CHAIN_UNREACHABLE', `The chain could not be asked (${method}): ${shortMessage(error)}`);
  }
  try {
    return read(answer);
  } catch (error) {
    throw new Skip('CHAIN_ANSWER_MALFORMED', `The node's answer to ${method} is malformed: ${shortMessage(error)}`);
  }
}

// The readers below throw TypeError; `ask` turns that into a skipped check.

function quantity(answer: unknown): bigint {
  if (typeof answer !== 'string' || !/^0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,15})$/.test(answer)) {
    throw new TypeError('not a quantity of at most 64 bits');
  }
  return BigInt(answer);
}

/** Digits without 0x, in lower case. */
function hexData(answer: unknown, digits?: number): string {
  if (typeof answer !== 'string' || !/^0x(?:[0-9a-fA-F]{2})*$/.test(answer)) throw new TypeError('not hex data');
  if (digits !== undefined && answer.length !== 2 + digits) throw new TypeError(`not ${digits / 2} octets`);
  return answer.slice(2).toLowerCase();
}

function receipt(answer: unknown): ChainReceipt {
  const members = record(answer);
  const { status, logs } = members;
  if (status !== '0x1' && status !== '0x0') throw new TypeError('status is neither 0x1 nor 0x0');
  if (!Array.isArray(logs) || logs.length > MAX_LOGS) throw new TypeError('logs is not an array');
  return {
    transaction: `0x${hexData(members['transactionHash'], WORD_DIGITS)}`,
    succeeded: status === '0x1',
    block: quantity(members['blockNumber']),
    logs: logs.map(log),
  };
}

function log(answer: unknown): ChainLog {
  const { address, topics, data } = record(answer);
  if (!Array.isArray(topics) || topics.length > 4) throw new TypeError('topics is not an array of at most 4');
  return {
    address: `0x${hexData(address, 40)}`,
    topics: topics.map((topic) => `0x${hexData(topic, WORD_DIGITS)}`),
    data: `0x${hexData(data)}`,
  };
}

function uint64Word(word: string): bigint {
  const value = BigInt(`0x${word}`);
  if (value >= 1n << 64n) throw new TypeError('a size above 64 bits');
  return value;
}

function record(answer: unknown): Readonly<Record<string, unknown>> {
  if (typeof answer !== 'object' || answer === null) throw new TypeError('not an object');
  return answer as Readonly<Record<string, unknown>>;
}

function shortMessage(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200);
}
