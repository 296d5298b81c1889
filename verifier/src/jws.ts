// Submitter signatures: docs/spec/formats.md section 6.1. Detached compact JWS (RFC 7515 appendix F) with EdDSA (RFC 8037) or
// ES256 (RFC 7518 section 3.4). Only `alg` and `kid` may stand in the header: what we do not understand we do not accept.

import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { concat, fromBase64Url, toBase64Url, toHex, utf8 } from './bytes.ts';
import { FAULT, object, oneOf } from './codec.ts';
import { onRefusal, VerifyError } from './errors.ts';
import { canonicalObject } from './json/canonical.ts';
import { parseJson } from './json/parse.ts';
import { jwkThumbprint, keyId, type Jwk } from './jwk.ts';
import { verifyEd25519 } from './log/note-key.ts';
import type { Scheme } from './record/scheme.ts';

export interface Statement {
  readonly activity: string;
  readonly commitment: Uint8Array;
  readonly scheme: Scheme;
  readonly source: string;
}

/** What a submitter signs. Neither time nor seq, since the log assigns these. Extra members (of an entry) are not looked at. */
export function statementBytes({ activity, commitment, scheme, source }: Statement): Uint8Array {
  return utf8(
    canonicalObject({ activity, commitment: toHex(commitment), format: 'medanchor-statement/1', scheme, source }),
  );
}

export interface KeyStatement {
  readonly action: string;
  readonly keyId: string;
  readonly replaces?: string;
  readonly source: string;
}

/** What is signed when a key is registered, rotated or revoked. Extra members (of an entry) are not looked at. */
export function keyStatementBytes({ action, keyId: id, replaces, source }: KeyStatement): Uint8Array {
  const statement = { action, format: 'medanchor-key-statement/1', keyId: id, source };
  return utf8(canonicalObject(replaces === undefined ? statement : { ...statement, replaces }));
}

const header = object({ alg: oneOf('EdDSA', 'ES256'), kid: keyId });
const PARTS = /^([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]{86})$/;

/** True for the outer form of a detached JWS; says nothing about header or signature. */
export function isDetachedJws(jws: string): boolean {
  return jws.length <= 1024 && PARTS.test(jws);
}

/** The `kid` in the header: which key to check it with. Throws on what is no detached JWS of section 6.1. */
export function keyIdOfJws(jws: string): string {
  return parseHeader(partsOf(jws).header).kid;
}

function partsOf(jws: string): { header: string; signature: string } {
  const [, header = '', signature = ''] = (isDetachedJws(jws) && PARTS.exec(jws)) || [];
  if (header === '') throw new VerifyError('JWS_MALFORMED', 'not a detached compact JWS (header..signature)');
  return { header, signature };
}

/** Throws unless `jwk` signed `payload`. The header's `kid` must be the key's thumbprint, its `alg` that of the key. */
export function verifyDetachedJws(jws: string, payload: Uint8Array, jwk: Jwk): void {
  const { header: encodedHeader, signature: encodedSignature } = partsOf(jws);
  const { alg, kid } = parseHeader(encodedHeader);
  const wantedAlg = jwk.kty === 'EC' ? 'ES256' : 'EdDSA';
  if (alg !== wantedAlg) throw new VerifyError('JWS_HEADER', `alg is ${alg}, the key is for ${wantedAlg}`);
  const thumbprint = jwkThumbprint(jwk);
  if (kid !== thumbprint) throw new VerifyError('JWS_HEADER', `kid is ${kid}, the key's thumbprint is ${thumbprint}`);

  const signature = decoded(encodedSignature);
  const message = signingInput(encodedHeader, payload);
  const good = jwk.kty === 'EC' ? verifyEs256(signature, message, jwk) : verifyEdDsa(signature, message, jwk);
  if (!good) throw new VerifyError('JWS_SIGNATURE_INVALID', `the signature does not verify with key ${thumbprint}`);
}

/** Signs with an Ed25519 seed (RFC 8032). For submitters' SDKs and tests; the service never holds a submitter's key. */
export function signDetachedJws(payload: Uint8Array, seed: Uint8Array): { jws: string; jwk: Jwk; keyId: string } {
  const jwk: Jwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(ed25519.getPublicKey(seed)) };
  const kid = jwkThumbprint(jwk);
  const encodedHeader = toBase64Url(utf8(canonicalObject({ alg: 'EdDSA', kid })));
  const signature = ed25519.sign(signingInput(encodedHeader, payload), seed);
  return { jws: `${encodedHeader}..${toBase64Url(signature)}`, jwk, keyId: kid };
}

function parseHeader(encoded: string): { alg: 'EdDSA' | 'ES256'; kid: string } {
  const faults: string[] = [];
  const value = onRefusal(
    () => parseJson(decoded(encoded)),
    (cause) => {
      throw new VerifyError('JWS_MALFORMED', `the JWS header cannot be read: ${cause.message}`, { cause });
    },
  );
  const read = header.read(value, '/header', faults);
  if (read === FAULT) throw new VerifyError('JWS_HEADER', faults.join('; '));
  return read;
}

function decoded(text: string): Uint8Array {
  try {
    return fromBase64Url(text);
  } catch (cause) {
    throw new VerifyError('JWS_MALFORMED', 'a part of the JWS is not canonical base64url', { cause });
  }
}

/** `BASE64URL(header) . BASE64URL(payload)`: detached only means that the payload is not sent again. */
function signingInput(encodedHeader: string, payload: Uint8Array): Uint8Array {
  return utf8(`${encodedHeader}.${toBase64Url(payload)}`);
}

function verifyEdDsa(signature: Uint8Array, message: Uint8Array, jwk: Jwk): boolean {
  return verifyEd25519(signature, message, fromBase64Url(jwk.x));
}

/** ES256 as JOSE has it: 64 octets r ‖ s, and no rule against a high s. */
function verifyEs256(signature: Uint8Array, message: Uint8Array, jwk: Extract<Jwk, { kty: 'EC' }>): boolean {
  const publicKey = concat(Uint8Array.of(4), fromBase64Url(jwk.x), fromBase64Url(jwk.y));
  // A point off the curve is a wrong key, not a fault of ours.
  if (!p256.utils.isValidPublicKey(publicKey, false)) return false;
  return p256.verify(signature, message, publicKey, { prehash: true, lowS: false, format: 'compact' });
}
