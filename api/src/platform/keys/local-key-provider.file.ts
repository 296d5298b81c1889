// Key provider whose KEK is a local file: AES-256-GCM, 12-byte random nonce.
// Wrapped form: version (1 octet, 0x01) ‖ KEK id (4) ‖ nonce (12) ‖ ciphertext (32) ‖ tag (16).
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { KeyProvider, KeyUnwrapError, type UnwrapRequest, type WrapRequest } from './key-provider.port.ts';

const VERSION = 1;
const HEADER = 5;
const NONCE = 12;
const TAG = 16;

export class LocalKeyProvider extends KeyProvider {
  /** A key object, since Node makes a new one of raw octets at every call: four times the work of the encryption itself. */
  readonly #kek: KeyObject;
  /** First octets of a hash of the KEK: tells a wrong KEK from a damaged row, reveals nothing of a 256-bit key. */
  readonly #kekId: Buffer;

  constructor(kek: Uint8Array) {
    super();
    this.#kek = createSecretKey(kek);
    this.#kekId = createHash('sha256').update('medanchor/kek-id/1').update(kek).digest().subarray(0, 4);
  }

  async wrap(keys: readonly WrapRequest[]): Promise<readonly Uint8Array[]> {
    return keys.map(({ key, context }) => {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', this.#kek, nonce);
      cipher.setAAD(Buffer.from(context, 'utf8'));
      const ciphertext = Buffer.concat([cipher.update(key), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), this.#kekId, nonce, ciphertext, cipher.getAuthTag()]);
    });
  }

  async unwrap(requests: readonly UnwrapRequest[]): Promise<readonly (Uint8Array | KeyUnwrapError)[]> {
    return requests.map((request) => this.#unwrap(request));
  }

  #unwrap({ wrapped, context }: UnwrapRequest): Uint8Array | KeyUnwrapError {
    const bytes = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength);
    if (bytes.length < HEADER + NONCE + TAG || bytes[0] !== VERSION)
      return new KeyUnwrapError('a wrapped key is malformed');
    if (!bytes.subarray(1, HEADER).equals(this.#kekId))
      return new KeyUnwrapError('a wrapped key belongs to another KEK');
    const nonce = bytes.subarray(HEADER, HEADER + NONCE);
    const decipher = createDecipheriv('aes-256-gcm', this.#kek, nonce, { authTagLength: TAG });
    decipher.setAAD(Buffer.from(context, 'utf8'));
    decipher.setAuthTag(bytes.subarray(-TAG));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(HEADER + NONCE, -TAG)), decipher.final()]);
    } catch (cause) {
      return new KeyUnwrapError('a wrapped key was changed or belongs to another record', { cause });
    }
  }
}
