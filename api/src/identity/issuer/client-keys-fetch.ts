// Fetches what a client registered as `jwks_uri`. An administrator chose the address; a redirect may not choose another.
import { type Configuration } from 'oidc-provider';

/**
 * @param hosts `public`: oidc-provider's agent closes a connection to a private address before anything is sent. `any`: for
 *   record systems in one's own network
 */
export function fetchClientKeys(hosts: 'public' | 'any'): NonNullable<Configuration['fetch']> {
  return async (url, options) => {
    const { dispatcher, ...rest } = options as RequestInit & { dispatcher?: RequestInit['dispatcher'] };
    if (hosts === 'any') return fetch(url, { ...rest, redirect: 'error' });
    // Where its agent could not be made, nothing is fetched, rather than from anywhere.
    if (dispatcher === undefined) throw new Error('this Node cannot tell private addresses from public ones');
    return fetch(url, { ...rest, dispatcher, redirect: 'error' });
  };
}
