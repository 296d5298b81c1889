// Key provider whose KEKs are local files: the current one wraps, it and the others unwrap. Version 1 of the wrapped form
// (sealing-key.ts); the key id is the first octets of a hash of the KEK: it tells a wrong KEK from a damaged row, and reveals
// nothing of a 256-bit key.
import { createHash } from 'node:crypto';
import { KeyProvider, KeyUnwrapError, type UnwrapRequest, type WrapRequest } from './key-provider.port.ts';
import { idOf, SealingKey, sealingKeyId } from './sealing-key.ts';
import { readSecretFile, SecretFileError } from './secret-file.ts';

export const LOCAL_VERSION = 1;

export class LocalKeyProvider extends KeyProvider {
  readonly #current: SealingKey;
  readonly #ring = new Map<number, SealingKey>();

  /**
   * @param kek 32 octets
   * @param others KEKs that only unwrap: older ones, or one that other instances wrap with already
   * @throws {SecretFileError} when two of them have the same id (the same key given twice)
   */
  constructor(kek: Uint8Array, others: readonly Uint8Array[] = []) {
    super();
    this.#current = sealingKeyOf(kek);
    for (const key of [this.#current, ...others.map(sealingKeyOf)]) {
      const id = idOf(key.header);
      if (this.#ring.has(id))
        throw new SecretFileError('KEK_FILE and KEK_PREVIOUS_FILES name the same key twice: name each key once');
      this.#ring.set(id, key);
    }
  }

  async wrap(keys: readonly WrapRequest[]): Promise<readonly Uint8Array[]> {
    return keys.map(({ key, context }) => this.#current.seal(key, context));
  }

  async unwrap(requests: readonly UnwrapRequest[]): Promise<readonly (Uint8Array | KeyUnwrapError)[]> {
    return requests.map(({ wrapped, context }) => {
      const id = sealingKeyId(wrapped, LOCAL_VERSION);
      if (id === null) return new KeyUnwrapError('a wrapped key is malformed');
      return this.#ring.get(id)?.open(wrapped, context) ?? new KeyUnwrapError('a wrapped key belongs to another KEK');
    });
  }

  async header(): Promise<Uint8Array> {
    return this.#current.header;
  }

  async knows(header: Uint8Array): Promise<boolean> {
    return header[0] === LOCAL_VERSION && this.#ring.has(idOf(header));
  }

  opens(): readonly Uint8Array[] {
    return [...this.#ring.values()].map(({ header }) => header);
  }

  /** Only the operator makes a new KEK. */
  async renew(): Promise<void> {}
}

/** @throws {SecretFileError} */
export function readLocalKeys(current: string, others: readonly string[]): LocalKeyProvider {
  const keks = [
    readSecretFile(current, 'key-encryption key (KEK_FILE)'),
    ...others.map((file) => readSecretFile(file, 'older key-encryption key (KEK_PREVIOUS_FILES)')),
  ] as const;
  try {
    const [kek, ...rest] = keks;
    return new LocalKeyProvider(kek, rest);
  } finally {
    for (const kek of keks) kek.fill(0);
  }
}

function sealingKeyOf(kek: Uint8Array): SealingKey {
  const id = createHash('sha256').update('medanchor/kek-id/1').update(kek).digest().subarray(0, 4);
  return new SealingKey(LOCAL_VERSION, id, kek);
}
