// Small means shared by the verifier's tests.

import { leafHash, toHex, utf8, VerifyError, type VerifyErrorCode } from '@medanchor/verifier';

/** Leaf hashes of the entries "0", "1", "2", … */
export function leaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => leafHash(utf8(String(i))));
}

export function hexes(hashes: readonly Uint8Array[]): string[] {
  return hashes.map(toHex);
}

/** The code of the VerifyError that `act` throws; fails when it throws anything else, or nothing. */
export function codeOf(act: () => unknown): VerifyErrorCode {
  return errorOf(act).code;
}

export function errorOf(act: () => unknown): VerifyError {
  try {
    act();
  } catch (error) {
    if (error instanceof VerifyError) return error;
    throw error;
  }
  throw new Error('expected a VerifyError, nothing was thrown');
}

/** A copy with one bit of one octet changed. */
export function flipped(bytes: Uint8Array, at = 0): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}
