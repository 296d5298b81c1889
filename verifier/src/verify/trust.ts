// What the verifier trusts, given by him and never by the bundle. A malformed value is his mistake and throws at once: a typo
// in a contract address must not turn into a skipped check.

import type { Jwk } from '../jwk.ts';
import { VerifyError } from '../errors.ts';
import { noteVerifier, type NoteVerifier } from '../log/note-key.ts';

export interface Trust {
  /** Verifier keys of the log (`name+hex+base64`). */
  readonly logKeys?: readonly string[];
  /** Address of the AnchorRegistry, in any case of letters. */
  readonly contract?: string;
  readonly chainId?: bigint;
  /** Confirmations from which an anchor counts as confirmed. */
  readonly confirmations?: number;
  /** When given, a submitter's signature must be by one of these. */
  readonly submitterKeys?: readonly Jwk[];
}

export interface TrustBase {
  readonly logKeys: readonly NoteVerifier[];
  /** Lower case. */
  readonly contract: string | undefined;
  readonly chainId: bigint | undefined;
  readonly confirmations: bigint;
  readonly submitterKeys: readonly Jwk[] | undefined;
}

/** As many blocks as most exchanges wait on Ethereum before finality; a verifier should set his own. */
export const DEFAULT_CONFIRMATIONS = 12;

export function readTrust(trust: Trust): TrustBase {
  const contract = trust.contract?.toLowerCase();
  if (contract !== undefined && !/^0x[0-9a-f]{40}$/.test(contract)) {
    throw new VerifyError('TRUST_MALFORMED', 'the trusted contract must be 0x and 40 hex digits');
  }
  const confirmations = trust.confirmations ?? DEFAULT_CONFIRMATIONS;
  if (!Number.isSafeInteger(confirmations) || confirmations < 1) {
    throw new VerifyError('TRUST_MALFORMED', `confirmations must be a whole number from 1, got ${confirmations}`);
  }
  let logKeys: NoteVerifier[];
  try {
    logKeys = (trust.logKeys ?? []).map(noteVerifier);
  } catch (cause) {
    throw new VerifyError('TRUST_MALFORMED', `a trusted log key is malformed: ${(cause as Error).message}`, { cause });
  }
  return {
    logKeys,
    contract,
    chainId: trust.chainId,
    confirmations: BigInt(confirmations),
    submitterKeys: trust.submitterKeys,
  };
}
