// RFC 6962 section 2.1, transcribed word by word: recursive, slow, and sharing no code with the verifier. The oracle of the
// tree tests. D[low:high] is written as (d, low, high); MTH remembers its results, which changes nothing but the time.

import { hash } from 'node:crypto';

type Leaves = readonly Uint8Array[];

const known = new WeakMap<Leaves, Map<string, Uint8Array>>();

export function leafOf(data: Uint8Array): Uint8Array {
  return sha256(0, data);
}

/** MTH(D[n]) over already hashed leaves. */
export function mth(d: Leaves, low = 0, high = d.length): Uint8Array {
  const results = known.get(d) ?? new Map<string, Uint8Array>();
  known.set(d, results);
  const key = `${low}:${high}`;
  const result = results.get(key) ?? computeMth(d, low, high);
  results.set(key, result);
  return result;
}

function computeMth(d: Leaves, low: number, high: number): Uint8Array {
  if (high === low) return hash('sha256', new Uint8Array(0), 'buffer');
  if (high - low === 1) return d[low] as Uint8Array;
  const middle = low + splitOf(high - low);
  return sha256(1, mth(d, low, middle), mth(d, middle, high));
}

/** PATH(m, D[n]). */
export function path(m: number, d: Leaves, low: number, high: number): Uint8Array[] {
  if (high - low === 1) return [];
  const k = splitOf(high - low);
  return m < k
    ? [...path(m, d, low, low + k), mth(d, low + k, high)]
    : [...path(m - k, d, low + k, high), mth(d, low, low + k)];
}

/** PROOF(m, D[n]), for 0 < m <= n. */
export function proof(m: number, d: Leaves, n: number): Uint8Array[] {
  return subproof(m, d, 0, n, true);
}

function subproof(m: number, d: Leaves, low: number, high: number, whole: boolean): Uint8Array[] {
  if (m === high - low) return whole ? [] : [mth(d, low, high)];
  const k = splitOf(high - low);
  return m <= k
    ? [...subproof(m, d, low, low + k, whole), mth(d, low + k, high)]
    : [...subproof(m - k, d, low + k, high, false), mth(d, low, low + k)];
}

function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function sha256(prefix: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return hash('sha256', Buffer.concat([Uint8Array.of(prefix), ...parts]), 'buffer');
}
