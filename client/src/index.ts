// Client of a MedAnchor ledger for record systems. Pure TypeScript over fetch and Web Crypto: the same code runs in Node, in a browser
// and in a worker.

export {
  MedAnchorClient,
  type ClientOptions,
  type Receipt,
  type State,
  type Verdict,
  type Version,
  type Waiting,
} from './client.ts';
export { COMMITMENT_MEDIA_TYPE, commitVersion, statementFor, type Committed, type VersionToCommit } from './commit.ts';
export { LedgerRefusal, LedgerUnreachable, RecordKeyMissing } from './errors.ts';
export { type HttpOptions } from './http.ts';
export { MemoryKeyStore, type RecordKeyStore } from './key-store.ts';
export { discloseFromBundle, openBundle } from './open-bundle.ts';
export { generateSigningKey, signingKeyOf, type SigningAlgorithm, type SigningKey } from './signing-key.ts';
export { backendTokens, registeredClient, type BackendClient } from './token.ts';
