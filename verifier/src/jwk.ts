// Public keys of submitters: Ed25519 (RFC 8037) and P-256 (RFC 7518 section 6.2) as JWK, and their RFC 7638 thumbprints, which
// are the `keyId` of docs/spec/formats.md section 6.

import { fromBase64Url, toBase64Url, utf8 } from './bytes.ts';
import { FAULT, object, oneOf, readAll, text, type Codec } from './codec.ts';
import { onRefusal } from './errors.ts';
import { sha256 } from './hash.ts';
import { canonicalObject } from './json/canonical.ts';
import { isJsonObject, type JsonValue } from './json/value.ts';

export type Jwk =
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string };

const coordinate = text((value) => isBase64Url(value, 32), 'base64url of 32 octets');
const okp = object({ kty: oneOf('OKP'), crv: oneOf('Ed25519'), x: coordinate });
const ec = object({ kty: oneOf('EC'), crv: oneOf('P-256'), x: coordinate, y: coordinate });

/**
 * Exactly the members of the thumbprint and no others: a private key (`d`) must never reach us, and `use`, `alg` or `kid`
 * would be a second spelling of the same key.
 */
export const jwkCodec: Codec<Jwk> = {
  read(value, at, faults) {
    const isEc = isJsonObject(value) && value.get('kty') === 'EC';
    const jwk = isEc ? ec.read(value, at, faults) : okp.read(value, at, faults);
    return jwk === FAULT ? FAULT : jwk;
  },
  write: (jwk) => (jwk.kty === 'EC' ? ec.write(jwk) : okp.write(jwk)),
};

/** An RFC 7638 thumbprint. */
export const keyId = text((value) => isBase64Url(value, 32), 'an RFC 7638 thumbprint (43 characters of base64url)');

export function parseJwk(value: JsonValue): Jwk {
  return readAll(jwkCodec, value, 'JWK_MALFORMED');
}

/** base64url of `SHA256` of the canonical JSON of the required members, which are all that a Jwk has. */
export function jwkThumbprint(jwk: Jwk): string {
  return toBase64Url(sha256(utf8(canonicalObject(jwkCodec.write(jwk)))));
}

export function isBase64Url(value: string, length: number): boolean {
  return onRefusal(
    () => fromBase64Url(value).length === length,
    () => false,
  );
}
