// What an endpoint means when it refuses a transaction. JSON-RPC has no codes for it: every client has words of its own.
import { type RefusalReason } from './anchor-registry.port.ts';

/** In order: go-ethereum and Erigon, Nethermind, Besu, Reth, Hardhat. The first that fits decides. */
const WORDS: readonly (readonly [RegExp, RefusalReason])[] = [
  [/underpriced|fee.*too low|below.*base ?fee|less than block base fee|min(er|imum)? gas price/i, 'underpriced'],
  [/nonce.*(too low|lower|below|already|used)|old ?nonce/i, 'nonce-used'],
  [/nonce.*(too high|gap|too distant|in the future)/i, 'nonce-gap'],
  [/insufficient ?(funds|balance)|(exceeds|lacks).*balance|enough (funds|balance)/i, 'insufficient-funds'],
];

/** @param message of the JSON-RPC error: hostile input, only looked at */
export function refusalReason(message: string): RefusalReason {
  return WORDS.find(([words]) => words.test(message))?.[1] ?? 'other';
}

/**
 * What a contract gave as the reason of its revert: `data` of the error, by itself or one level deeper. Null when the
 * error is of another kind (too many requests, an unknown method): then nothing is known of the contract.
 */
export function revertData(message: string, data: unknown): string | null {
  const inner: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'data') : data;
  if (typeof inner === 'string' && /^0x([0-9a-f]{2})*$/i.test(inner)) return inner;
  return /revert/i.test(message) ? '0x' : null;
}
