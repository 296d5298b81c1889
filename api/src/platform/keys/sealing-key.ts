// One AES-256-GCM key, and the form in which it seals small secrets: header (5 octets: version, key id) ‖ nonce (12, random) ‖
// ciphertext ‖ tag (16). Random nonces bound a key to 2^32 uses (NIST SP 800-38D section 8.3).
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { HEADER_LENGTH, KeyUnwrapError } from './key-provider.port.ts';

const NONCE = 12;
const TAG = 16;

export class SealingKey {
  readonly header: Buffer;
  /** A key object, since Node makes a new one of raw octets at every call: four times the work of the encryption itself. */
  readonly #key: KeyObject;

  /** @param key 32 octets; copied, so that the caller can overwrite its own */
  constructor(version: number, id: Uint8Array, key: Uint8Array) {
    this.header = Buffer.concat([Buffer.of(version), id]);
    this.#key = createSecretKey(key);
  }

  seal(secret: Uint8Array, context: string): Uint8Array {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(Buffer.from(context, 'utf8'));
    const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Buffer.concat([this.header, nonce, ciphertext, cipher.getAuthTag()]);
  }

  /** @param sealed by this key, as its header says */
  open(sealed: Uint8Array, context: string): Uint8Array | KeyUnwrapError {
    const bytes = asBuffer(sealed);
    const nonce = bytes.subarray(HEADER_LENGTH, HEADER_LENGTH + NONCE);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG });
    decipher.setAAD(Buffer.from(context, 'utf8'));
    decipher.setAuthTag(bytes.subarray(-TAG));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(HEADER_LENGTH + NONCE, -TAG)), decipher.final()]);
    } catch (cause) {
      return new KeyUnwrapError('a wrapped key was changed or belongs to another record', { cause });
    }
  }
}

/** The id in the header of what a key of this version sealed; null when it is not of that form. */
export function sealingKeyId(sealed: Uint8Array, version: number): number | null {
  if (sealed.length < HEADER_LENGTH + NONCE + TAG || sealed[0] !== version) return null;
  return idOf(sealed);
}

/** @param header at least {@link HEADER_LENGTH} octets */
export function idOf(header: Uint8Array): number {
  return asBuffer(header).readUInt32BE(1);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
