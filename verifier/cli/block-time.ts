// When a block was made, as the endpoint says. Evidence for the reader only: no check depends on it.

import type { Eip1193Provider } from '../src/index.ts';

/** RFC 3339 in UTC; null when the endpoint gives no sensible answer, or one about another block. */
export async function blockTime(chain: Eip1193Provider, block: bigint): Promise<string | null> {
  const number = `0x${block.toString(16)}`;
  try {
    const header = await chain.request({ method: 'eth_getBlockByNumber', params: [number, false] });
    if (typeof header !== 'object' || header === null) return null;
    const members = header as Readonly<Record<string, unknown>>;
    const { timestamp } = members;
    if (members['number'] !== number || typeof timestamp !== 'string') return null;
    // Nine digits reach to the year 4147.
    if (!/^0x[1-9a-fA-F][0-9a-fA-F]{0,8}$/.test(timestamp)) return null;
    return new Date(Number(timestamp) * 1000).toISOString();
  } catch {
    return null;
  }
}
