// Fetches what a client registered as `jwks_uri`. An administrator of a tenant chose the address, of those that the operator allows; a
// redirect may not choose another.
import { type Configuration } from 'oidc-provider';
import { isAllowedHost, isShortRsa, type ClientPolicy } from '../clients/client-policy.rules.ts';

/** Ten RSA keys of 16384 bits with their certificates are shorter. */
const LONGEST_SET = 262_144;

/** With `public`, oidc-provider's agent closes a connection to a private address before anything is sent. */
export function fetchClientKeys(policy: ClientPolicy): NonNullable<Configuration['fetch']> {
  return async (url, options) => {
    const { dispatcher, ...rest } = options as RequestInit & { dispatcher?: RequestInit['dispatcher'] };
    // Also of clients that were registered when more was allowed.
    if (!isAllowedHost(url instanceof Request ? url.url : url.toString(), policy))
      throw new Error('CLIENT_JWKS_HOSTS does not name the host of this jwks_uri');
    if (policy.keyHosts !== 'public') return longKeys(await fetch(url, { ...rest, redirect: 'error' }), policy);
    // Where its agent could not be made, nothing is fetched, rather than from anywhere.
    if (dispatcher === undefined) throw new Error('this Node cannot tell private addresses from public ones');
    return longKeys(await fetch(url, { ...rest, dispatcher, redirect: 'error' }), policy);
  };
}

/** The set without RSA keys that could not be registered either: whoever publishes better ones beside them is let in by those. */
async function longKeys(response: Response, policy: ClientPolicy): Promise<Response> {
  if (!response.ok) return response;
  const set = JSON.parse(await boundedText(response)) as { keys?: unknown };
  const keys: unknown[] = Array.isArray(set.keys) ? set.keys : [];
  const long = keys.filter((key) => typeof key !== 'object' || key === null || !isShortRsa(key, policy));
  return Response.json({ ...set, keys: long }, { status: response.status, headers: cachingOf(response) });
}

async function boundedText({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > LONGEST_SET) throw new Error(`a set of keys may have at most ${LONGEST_SET} octets`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** How long the set may be kept is its publisher's to say. */
function cachingOf({ headers }: Response): Record<string, string> {
  return Object.fromEntries(
    ['cache-control', 'expires', 'age', 'date'].flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
