// A token for a registered client, as every backend service gets one: an assertion signed with its own key, sent to the token
// endpoint (SMART Backend Services; RFC 7523). Works against any issuer of that kind; nothing here is MedAnchor's own.

import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { importJWK, SignJWT } from 'jose';
import { z } from 'zod';

const ASSERTION_SECONDS = 120;

const fileSchema = z.object({
  client_id: z.string(),
  token_endpoint: z.url({ protocol: /^https?$/ }),
  scope: z.string(),
  private_key: z.looseObject({ kid: z.string(), alg: z.string(), kty: z.string() }),
});

const answerSchema = z.object({ access_token: z.string() });
const refusalSchema = z.object({ error: z.string(), error_description: z.string().optional() });

/** @throws when the file is open to others or none of ours, when nobody answers, or when the token is refused */
export async function clientToken(file: string, scope?: string): Promise<string> {
  const { mode } = statSync(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new Error(`${file} can be read by others (mode ${(mode & 0o777).toString(8)}); use chmod 600`);
  const client = fileSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!client.success) throw new Error(`${file} is not what \`npm run client\` writes`);
  const { client_id: id, token_endpoint: endpoint, private_key: key } = client.data;
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(endpoint)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${String(ASSERTION_SECONDS)} s`)
    .sign(await importJWK(key, key.alg));
  const response = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: scope ?? client.data.scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
    signal: AbortSignal.timeout(10_000),
  });
  const body: unknown = await response.json().catch(() => null);
  const answer = answerSchema.safeParse(body);
  if (response.ok && answer.success) return answer.data.access_token;
  const refusal = refusalSchema.safeParse(body);
  const why = refusal.success
    ? `${refusal.data.error}: ${refusal.data.error_description ?? ''}`
    : String(response.status);
  throw new Error(`${endpoint} gives no token (${why})`);
}
