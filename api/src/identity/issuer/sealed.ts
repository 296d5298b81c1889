// What a form carries from one page to the next without the service remembering it: sealed for this service, for a time.
// AES-256-GCM; the purpose is authenticated, so that a seal of one form opens in no other.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { type IssuerKey } from '../../platform/auth/issuer-key.ts';

const NONCE = 12;
const TAG = 16;

/** A secret of this service for `purpose`; the same in every process that has the issuer's key. 32 octets. */
export function deriveSecret(key: IssuerKey, purpose: string): Buffer {
  const { d = '' } = key.privateKey.export({ format: 'jwk' });
  return Buffer.from(hkdfSync('sha256', Buffer.from(d, 'base64url'), '', `medanchor/issuer/${purpose}/1`, 32));
}

export class Sealer {
  readonly #key: Buffer;

  constructor(key: IssuerKey) {
    this.#key = deriveSecret(key, 'seal');
  }

  seal(purpose: string, content: Uint8Array, until: Date): string {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(Buffer.from(purpose, 'utf8'));
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(until.getTime()));
    const ciphertext = Buffer.concat([cipher.update(time), cipher.update(content), cipher.final()]);
    return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]).toString('base64url');
  }

  /** @returns null for anything that is not ours, not for this purpose, or over its time */
  open(purpose: string, sealed: string, now: Date): Buffer | null {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < NONCE + 8 + TAG) return null;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE), { authTagLength: TAG });
    decipher.setAAD(Buffer.from(purpose, 'utf8'));
    decipher.setAuthTag(bytes.subarray(-TAG));
    try {
      const clear = Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]);
      return clear.readBigUInt64BE(0) <= BigInt(now.getTime()) ? null : clear.subarray(8);
    } catch {
      return null;
    }
  }
}
