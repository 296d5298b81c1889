// Somebody who trusts nobody: a proof bundle, the log's public key and the contract's address, and a connection of his
// own to the chain. He uses the verifier's library; no database, no API.

import { parseBundle, verifyBundle, type Eip1193Provider, type VerificationReport } from '@medanchor/verifier';
import type { JsonRpcProvider } from 'ethers';
import type { LogState } from '../sample/ledger-client.ts';

export interface PresentedRecord {
  readonly content: Uint8Array;
  readonly mediaType: string;
}

export interface Auditor {
  /** The public key that he wrote down when he first heard of the log. */
  readonly verifierKey: string;
  check(bundle: string, presented?: PresentedRecord): Promise<VerificationReport>;
}

/** He learns key and contract once, at the beginning, and believes nothing else later. */
export function createAuditor(log: LogState, chain: () => JsonRpcProvider): Auditor {
  const provider: Eip1193Provider = {
    request: ({ method, params }) => chain().send(method, [...(params ?? [])]) as Promise<unknown>,
  };
  const trust = { logKeys: [log.verifierKey], contract: log.contract, chainId: BigInt(log.chainId), confirmations: 1 };
  return {
    verifierKey: log.verifierKey,
    check: async (bundle, presented) => verifyBundle(parseBundle(bundle), { ...presented, trust, chain: provider }),
  };
}
