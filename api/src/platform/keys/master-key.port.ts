import { type KeyUnwrapError } from './key-provider.port.ts';

/**
 * A key that lies in somebody else's machine and never leaves it: a key management service. It wraps the service's data keys,
 * of which there are few, so that its speed and its price per call do not matter.
 *
 * - `decrypt` answers each item on its own; `context` is authenticated with it (AEAD).
 * - both reject with a DomainError `unavailable` when the service does not answer, or refuses us as a whole.
 */
export abstract class MasterKey {
  /** Which of the service's keys encrypts now; stored with what it encrypted. */
  abstract readonly name: string;
  abstract encrypt(items: readonly MasterPlaintext[]): Promise<readonly string[]>;
  abstract decrypt(items: readonly MasterCiphertext[]): Promise<readonly (Uint8Array | KeyUnwrapError)[]>;
}

export interface MasterPlaintext {
  readonly plaintext: Uint8Array;
  readonly context: string;
}

export interface MasterCiphertext {
  /** `name` of the key that encrypted it; comes from the database, so it is checked like input. */
  readonly master: string;
  readonly ciphertext: string;
  readonly context: string;
}
