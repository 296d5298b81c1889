// What counts together for a rate limit, and which routes are the sensitive ones. Pure.

/** A route on which guessing would pay (a password, a code, a client's assertion) or which anybody may make us work on. */
const SENSITIVE = [
  '/oidc/',
  '/sign-in/',
  '/setup',
  '/invitation',
  '/password-reset',
  '/account',
  '/v1/proofs/verify',
] as const;

/** Of the provider, what is read again and again by honest clients, and tells nothing. */
const HARMLESS = ['/oidc/jwks', '/oidc/.well-known/'] as const;

export function isSensitive(url: string): boolean {
  return SENSITIVE.some((prefix) => url.startsWith(prefix)) && !HARMLESS.some((prefix) => url.startsWith(prefix));
}

/**
 * The part of an address that one customer has to himself: the whole of an IPv4 address, the first 64 bits of an IPv6
 * one (RFC 4291 section 2.5.4: whoever has one address there has 2^64 of them).
 */
export function addressKey(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const rest = tail === '' ? [] : tail.split(':');
    groups.push(...Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill('0'), ...rest);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
