// What the operator allows of clients' keys: how long those of RSA are, and from which hosts they are fetched. Pure.
import { type ClientKeys } from './client.rules.ts';

export interface ClientPolicy {
  /**
   * From where keys may be fetched. A list: these hosts alone (`keys.lab.example`, with `:port` unless it is that of the scheme), also
   * private ones. `public`: every public host; `any`: whatever an administrator of a tenant names.
   */
  readonly keyHosts: 'public' | 'any' | readonly string[];
  /** RSA keys of fewer bits are refused. NIST SP 800-57 part 1, revision 5, table 2: 3072 bits are as strong as AES-128. */
  readonly shortestRsaBits: number;
}

/** @returns a sentence that names the fault and what is allowed, or null */
export function clientKeysFault({ jwks, jwksUri }: ClientKeys, policy: ClientPolicy): string | null {
  const weak = (jwks?.keys ?? []).find((key) => isShortRsa(key, policy));
  if (weak !== undefined)
    return `jwks: the RSA key ${JSON.stringify(weak.kid)} has fewer than ${policy.shortestRsaBits} bits (CLIENT_RSA_MIN_BITS); use a longer one, or EC on P-256 or P-384, or Ed25519`;
  if (jwksUri === undefined || isAllowedHost(jwksUri, policy)) return null;
  const { keyHosts } = policy;
  const allowed = typeof keyHosts === 'string' || keyHosts.length === 0 ? 'no host' : keyHosts.join(', ');
  return `jwksUri: keys are not fetched from ${new URL(jwksUri).host}; the operator allows ${allowed} (CLIENT_JWKS_HOSTS). Register the keys themselves as jwks`;
}

/** Whether an address of private networks is one is told when it is resolved (client-keys-fetch.ts). @param url a parsable one */
export function isAllowedHost(url: string, { keyHosts }: ClientPolicy): boolean {
  return typeof keyHosts === 'string' || keyHosts.includes(new URL(url).host);
}

export function isShortRsa(key: { readonly kty?: unknown; readonly n?: unknown }, policy: ClientPolicy): boolean {
  return key.kty === 'RSA' && rsaBits(typeof key.n === 'string' ? key.n : '') < policy.shortestRsaBits;
}

/** @param modulus base64url, as in a JWK. @returns the length in bits, without zeros in front */
function rsaBits(modulus: string): number {
  const octets = Buffer.from(modulus, 'base64url');
  const first = octets.findIndex((octet) => octet !== 0);
  return first === -1 ? 0 : (octets.length - first) * 8 - (Math.clz32(octets[first] ?? 0) - 24);
}
