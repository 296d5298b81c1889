// One of AUTH_ISSUERS: an issuer outside of this service, and where its tokens say what we need to know.
import { z } from 'zod';

/** Keys that come over a line that others can write to are keys of those others. */
const address = z.string().refine((text) => {
  const url = URL.parse(text);
  if (url === null) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.includes(url.hostname));
}, 'an https:// URL (http:// only for this machine)');

const LOOPBACK: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

/** RFC 8176 names values of `amr`; those of `acr` are the issuer's own. */
const values = z
  .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'values without spaces, quotes and backslashes'))
  .min(1)
  .max(20);

export const externalIssuerSchema = z.strictObject({
  /** Exactly as `iss` in its tokens. */
  issuer: address,
  /** Default: what its discovery document says. */
  jwksUri: address.optional(),
  /** Default: AUTH_AUDIENCE. */
  audience: z.string().min(1).optional(),
  /** `typ` of its access tokens. With `JWT` an ID token is told apart by its audience alone. */
  tokenType: z.enum(['at+jwt', 'JWT']).default('at+jwt'),
  /** A dot reaches into an object: `realm_access.roles`. */
  tenantClaim: z.string().min(1).default('tenant'),
  rolesClaim: z.string().min(1).default('roles'),
  /** All of its tokens belong to this tenant, whatever they say. */
  tenant: z.string().min(1).optional(),
  /** A person's token must name one of these in `amr`: `["mfa"]`. */
  requiredAmr: values.optional(),
  /** And one of these as its `acr`. */
  requiredAcr: values.optional(),
});

export type ExternalIssuer = z.output<typeof externalIssuerSchema>;
