// What a client may be registered with. Pure: no database, no network.
import { z } from 'zod';
import { ROLES, type Role } from '../../platform/auth/principal.ts';
import { SCOPES, type Scope } from '../../platform/auth/scopes.ts';
import { IN_ORDER, isInOrder, newPeriodShape } from '../access-period.schema.ts';

/** SMART Backend Services asks for the first two; the others are as strong. No shared secrets, and never RS256. */
export const ASSERTION_ALGORITHMS = ['RS384', 'ES384', 'ES256', 'Ed25519', 'EdDSA'] as const;

/** Longest time between now and the `exp` of a client assertion (SMART App Launch 2, section "Authentication JWT"). */
export const ASSERTION_LIFE_SECONDS = 300;

/** What a token of this role is asked for when its registration does not say. */
export const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  'record-system': ['ledger/version.write', 'ledger/verify'],
  auditor: ['ledger/verify', 'ledger/audit.read', 'isms/*.read'],
  clinician: ['ledger/verify'],
  'isms-manager': ['ledger/verify', 'ledger/audit.read', 'isms/*.read', 'isms/*.write'],
  'privacy-officer': ['ledger/verify', 'ledger/audit.read', 'isms/*.read', 'admin'],
  administrator: ['ledger/verify', 'ledger/audit.read', 'isms/*.read', 'isms/*.write', 'admin'],
};

/** In the order of the list of scopes. */
export function scopesOf(roles: readonly Role[]): readonly Scope[] {
  const all = new Set(roles.flatMap((role) => SCOPES_OF_ROLE[role]));
  return SCOPES.filter((scope) => all.has(scope));
}

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/, 'base64url');

const common = {
  kid: z.string().min(1).max(128),
  use: z.literal('sig').optional(),
  key_ops: z.array(z.literal('verify')).optional(),
  alg: z.enum(ASSERTION_ALGORITHMS).optional(),
};

/** Public keys only: a key with `d`, `p`, `q`, … is refused, for its secret is known to others now. */
const publicKey = z.discriminatedUnion(
  'kty',
  [
    z.strictObject({
      ...common,
      kty: z.literal('RSA'),
      // 2048 bits are 342 characters of base64url.
      n: base64url.min(342, 'an RSA key of at least 2048 bits').max(2048),
      e: base64url,
    }),
    z.strictObject({
      ...common,
      kty: z.literal('EC'),
      crv: z.enum(['P-256', 'P-384']),
      x: base64url,
      y: base64url,
    }),
    z.strictObject({ ...common, kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: base64url }),
  ],
  'a public signing key: RSA, EC on P-256 or P-384, or Ed25519',
);

export const jwksSchema = z
  .strictObject({ keys: z.array(publicKey).min(1).max(10) })
  .refine(({ keys }) => new Set(keys.map(({ kid }) => kid)).size === keys.length, 'each key with a kid of its own');

export const jwksUriSchema = z.url({ protocol: /^https?$/ }).refine((text) => {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || LOOPBACK.includes(url.hostname)) && url.hash === '';
}, 'an https:// URL (http:// only for this machine) without a fragment');

const LOOPBACK: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

const roles = z.array(z.enum(ROLES)).min(1).max(ROLES.length);
const scopes = z.array(z.enum(SCOPES)).min(1).max(SCOPES.length);
const sourceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'a source name: a lower-case letter or digit, then up to 63 of a-z 0-9 . _ -');

const keysShape = { jwks: jwksSchema.optional(), jwksUri: jwksUriSchema.optional() };
const onePlace = (value: { jwks?: unknown; jwksUri?: unknown }): boolean =>
  (value.jwks === undefined) !== (value.jwksUri === undefined);
const ONE_PLACE = 'either jwks or jwksUri';

/** New public keys of a client. */
export const clientKeysSchema = z.strictObject(keysShape).refine(onePlace, ONE_PLACE);

export const newClientSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(200).describe('For people: which system this is. No personal data'),
    roles,
    scopes: scopes.optional().describe('What its tokens may be asked for. Default: what the roles need'),
    sources: z.array(sourceName).min(1).max(1000).optional().describe('Default: every source of the tenant'),
    certificateBound: z
      .boolean()
      .default(false)
      .describe('Tokens are bound to the TLS client certificate that fetched them (RFC 8705)'),
    ...newPeriodShape,
    ...keysShape,
  })
  .refine(onePlace, ONE_PLACE)
  .refine(isInOrder, IN_ORDER)
  .refine(
    (client) => (client.scopes ?? []).every((scope) => scopesOf(client.roles).includes(scope)),
    'scopes: only those that one of its roles has',
  );

export type NewClient = z.output<typeof newClientSchema>;
export type ClientKeys = z.output<typeof clientKeysSchema>;
