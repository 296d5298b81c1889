// A source's signing key: makes the detached JWS of docs/spec/formats.md section 6.1. The private part stays where it is; anything that
// can sign octets (a card, an HSM, a key service) can stand in its place.

import { jwkThumbprint, parseJwk, toJsonValue, type Jwk } from '@medanchor/verifier';
import { CompactSign, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';

export interface SigningKey {
  /** RFC 7638 thumbprint. */
  readonly keyId: string;
  readonly publicJwk: Jwk;
  /** Detached compact JWS (`header..signature`) whose header has `alg` and `kid` and nothing else. */
  sign(payload: Uint8Array): Promise<string>;
}

export type SigningAlgorithm = 'EdDSA' | 'ES256';

/** @param jwk private, Ed25519 or P-256 */
export async function signingKeyOf(jwk: JWK): Promise<SigningKey> {
  const alg = jwk.kty === 'EC' ? 'ES256' : 'EdDSA';
  return signingKey(await importJWK(jwk, alg), publicPartOf(jwk), alg);
}

/** A fresh key, and its private JWK to keep. */
export async function generateSigningKey(
  alg: SigningAlgorithm = 'EdDSA',
): Promise<{ key: SigningKey; privateJwk: JWK }> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, crv: alg === 'EdDSA' ? 'Ed25519' : 'P-256' });
  const privateJwk = await exportJWK(privateKey);
  return { key: await signingKeyOf(privateJwk), privateJwk };
}

function signingKey(key: CryptoKey | Uint8Array, publicJwk: Jwk, alg: SigningAlgorithm): SigningKey {
  const keyId = jwkThumbprint(publicJwk);
  return {
    keyId,
    publicJwk,
    async sign(payload) {
      const [header = '', , signature = ''] = (
        await new CompactSign(payload).setProtectedHeader({ alg, kid: keyId }).sign(key)
      ).split('.');
      return `${header}..${signature}`;
    },
  };
}

/** Exactly the members of the thumbprint: `d` never leaves. */
function publicPartOf({ kty, crv, x, y }: JWK): Jwk {
  const members = kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x };
  return parseJwk(toJsonValue(members as Record<string, string>));
}
