// What the routes of sources' keys accept and answer.
import { z } from 'zod';

const sourceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'a source name: a lower-case letter or digit, then up to 63 of a-z 0-9 . _ -');
const keyId = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'an RFC 7638 thumbprint (43 characters of base64url)');
const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'base64url of 32 octets');
const jws = z.string().min(1).max(1024).describe('Detached compact JWS (RFC 7515 appendix F), EdDSA or ES256');
const reason = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'no control characters')
  .describe('For an administrator who acts without the key. It stands in the log for ever: no personal data');

export const jwkSchema = z
  .discriminatedUnion('kty', [
    z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: coordinate }),
    z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate }),
  ])
  .describe('A public key and nothing else: no d, no alg, no kid');

export const sourceParams = z.strictObject({ source: sourceName });
export const keyParams = z.strictObject({ source: sourceName, keyId });

export const prepareKeyBody = z
  .discriminatedUnion('action', [
    z.strictObject({ action: z.literal('register'), jwk: jwkSchema }),
    z.strictObject({ action: z.literal('rotate'), jwk: jwkSchema, replaces: keyId }),
    z.strictObject({ action: z.literal('revoke'), keyId }),
  ])
  .meta({ id: 'PrepareKeyAct' });

export const registerBody = z
  .strictObject({ jwk: jwkSchema, possession: jws.describe('By the key itself, over the key statement') })
  .meta({ id: 'RegisterKey' });

export const rotateBody = z
  .strictObject({
    jwk: jwkSchema,
    possession: jws.describe('By the new key, over the key statement'),
    authority: jws.optional().describe('By the key that is replaced, over the same statement'),
    reason: reason.optional(),
  })
  .meta({ id: 'RotateKey' });

export const revokeBody = z
  .strictObject({
    authority: jws.optional().describe('By the key itself, over the key statement'),
    reason: reason.optional(),
  })
  .meta({ id: 'RevokeKey' });

export const keyStatementSchema = z
  .strictObject({
    source: z.string(),
    sourceId: z.string().describe('The opaque id of the source, as log entries and statements name it'),
    keyId: z.string(),
    statement: z.string().describe('Sign its UTF-8 octets, as they are'),
  })
  .meta({ id: 'KeyStatement' });

export const sourceKeySchema = z
  .strictObject({
    source: z.string(),
    sourceId: z.string(),
    keyId: z.string(),
    jwk: jwkSchema,
    state: z.enum(['in-force', 'replaced', 'revoked']),
    registeredIndex: z.string().describe('Index of the log entry that registered it'),
    endedIndex: z.string().nullable().describe('Index of the log entry that revoked or replaced it'),
    replacedBy: z.string().nullable(),
  })
  .meta({ id: 'SourceKey' });

export const sourceKeysSchema = z.strictObject({
  source: z.string(),
  sourceId: z.string(),
  keys: z.array(sourceKeySchema),
});
