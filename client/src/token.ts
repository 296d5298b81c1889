// Access tokens for a machine: SMART Backend Services, that is `client_credentials` with `private_key_jwt` (RFC 7523). A token is
// asked for when the last one is about to end, and never twice at a time.

import { importJWK, SignJWT, type JWK } from 'jose';

export interface BackendClient {
  readonly tokenEndpoint: string;
  readonly clientId: string;
  /** Private key, with `kid` and `alg` (ES384 or RS384, say). */
  readonly key: JWK & { readonly kid: string; readonly alg: string };
  /** Space separated, such as `ledger/version.write ledger/verify`. */
  readonly scope: string;
  readonly fetch?: typeof fetch | undefined;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

/**
 * A client as it was registered: the JSON file that `npm run client` of the service writes. It holds the private key.
 *
 * @throws {TypeError} naming the member that is missing, never what stands there
 */
export function registeredClient(file: string): BackendClient {
  const {
    client_id: clientId,
    token_endpoint: tokenEndpoint,
    scope,
    private_key: key,
  } = objectOf('the file', parsed(file));
  const jwk = objectOf('private_key', key);
  return {
    clientId: textOf('client_id', clientId),
    tokenEndpoint: textOf('token_endpoint', tokenEndpoint),
    scope: textOf('scope', scope),
    key: { ...jwk, kid: textOf('private_key.kid', jwk['kid']), alg: textOf('private_key.alg', jwk['alg']) },
  };
}

/** Seconds before its end at which a token is renewed. */
const MARGIN_SECONDS = 30;
/** SMART allows five minutes at most. */
const ASSERTION_SECONDS = 240;
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export function backendTokens(client: BackendClient): () => Promise<string> {
  const now = client.now ?? Date.now;
  let current: { readonly token: string; readonly until: number } | null = null;
  let asking: Promise<string> | null = null;
  return async () => {
    if (current !== null && now() < current.until) return current.token;
    asking ??= ask(client, now())
      .then(({ token, seconds }) => {
        current = { token, until: now() + 1000 * Math.max(1, seconds - MARGIN_SECONDS) };
        return token;
      })
      .finally(() => {
        asking = null;
      });
    return asking;
  };
}

async function ask(client: BackendClient, nowMs: number): Promise<{ token: string; seconds: number }> {
  const { tokenEndpoint, clientId, key, scope } = client;
  const seconds = Math.floor(nowMs / 1000);
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenEndpoint)
    .setJti(crypto.randomUUID())
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ASSERTION_SECONDS)
    .sign(await importJWK(key, key.alg));
  const response = await (client.fetch ?? fetch)(tokenEndpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope,
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: assertion,
    }).toString(),
    redirect: 'error',
  });
  const answer = (await response.json()) as { access_token?: unknown; expires_in?: unknown; error?: unknown };
  if (!response.ok || typeof answer.access_token !== 'string')
    throw new Error(
      `no access token: ${response.status} ${typeof answer.error === 'string' ? answer.error : ''}`.trim(),
    );
  return { token: answer.access_token, seconds: typeof answer.expires_in === 'number' ? answer.expires_in : 60 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error would quote the file, and so the key.
    throw new TypeError('the file of a registered client is JSON; this is none');
  }
}

function objectOf(name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`not a registered client: ${name} is no JSON object`);
  return value as Record<string, unknown>;
}

function textOf(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`not a registered client: ${name} is no text`);
  return value;
}
