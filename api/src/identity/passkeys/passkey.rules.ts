// What is asked of passkeys and of answers about them (Web Authentication Level 3). Pure.
import { isIP } from 'node:net';
import { COSEALG } from '@simplewebauthn/server/helpers';
import { z } from 'zod';

/** Whom a passkey is made for (WebAuthn section 5.4.2): it works at no other place. */
export interface RelyingParty {
  /** RP ID: the host name. */
  readonly id: string;
  readonly origin: string;
}

/**
 * Follows from where clients reach the service, never from a request.
 *
 * @returns null where browsers know no passkeys: at an IP address (WebAuthn section 5.1.3 step 8: the effective domain must be
 *   a domain), or without TLS unless it is this machine (section 5: secure contexts only)
 */
export function relyingPartyOf(publicUrl: string): RelyingParty | null {
  const { protocol, hostname, origin } = new URL(publicUrl);
  if (isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0) return null;
  const local = hostname === 'localhost' || hostname.endsWith('.localhost');
  return protocol === 'https:' || local ? { id: hostname, origin } : null;
}

/** In the order in which they are wished for; browsers and authenticators know at least one of the last two. */
export const ALGORITHMS: number[] = [COSEALG.EdDSA, COSEALG.ES256, COSEALG.RS256];

/** In octets: 2048 bits. */
const SHORTEST_RSA_MODULUS = 256;

/** @param modulus of a key of RS256; undefined for the others, whose curves decide */
export function isLongEnough(modulus: Uint8Array | undefined): boolean {
  return modulus === undefined || modulus.length >= SHORTEST_RSA_MODULUS;
}

/**
 * `amr` of a password with a passkey (RFC 8176): possession of a key, somebody was there, more than one factor. Not `hwk` or `swk`:
 * without attestation nobody knows what keeps the key.
 */
export const PASSKEY_FACTORS: readonly string[] = ['pwd', 'pop', 'user', 'mfa'];

/**
 * WebAuthn section 6.1.1: a counter that does not grow says that the key may be in two places. Authenticators without one, such
 * as those that keep passkeys on several devices, always say 0.
 */
export function counterHolds(stored: number, given: number): boolean {
  return given > stored || (given === 0 && stored === 0);
}

const encoded = z
  .string()
  .max(6000)
  .regex(/^[A-Za-z0-9_-]*$/, 'base64url');

/** `RegistrationResponseJSON` (WebAuthn section 5.1.8), as far as it is used. */
export const creationSchema = z.object({
  id: encoded,
  rawId: encoded,
  type: z.literal('public-key'),
  response: z.object({ clientDataJSON: encoded, attestationObject: encoded }),
});

/** `AuthenticationResponseJSON` (WebAuthn section 5.1.8), as far as it is used. */
export const assertionSchema = z.object({
  id: encoded,
  rawId: encoded,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: encoded,
    authenticatorData: encoded,
    signature: encoded,
    userHandle: encoded.nullish(),
  }),
});

/** @returns undefined for what is no JSON of this form */
export function parseAnswer<S extends z.ZodType>(schema: S, text: string): z.output<S> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export const MAX_PASSKEYS = 20;
const LONGEST_NAME = 60;

/** What its owner calls it; a name that says when, if they call it nothing. Control characters become spaces. */
export function passkeyName(typed: string, now: Date): string {
  const name = typed.replaceAll(/\p{C}/gu, ' ').replaceAll(/\s+/g, ' ').trim();
  return name === ''
    ? `Passkey of ${now.toISOString().slice(0, 10)}`
    : [...name].slice(0, LONGEST_NAME).join('').trim();
}
