// A service whose callers are who the header `x-test-caller` says: what the guard leaves on a request, without its tokens.

import type { FastifyRequest } from 'fastify';
import { createApp } from '../../../api/src/app.ts';
import type { Principal } from '../../../api/src/platform/auth/principal.ts';
import { loadConfig } from '../../../api/src/platform/config/config.schema.ts';
import { createLogger } from '../../../api/src/platform/logger/logger.ts';
import { RecordSystem } from '../../flow/support/record-system.ts';
import type { RunningService, Site } from '../../flow/support/site.ts';
import { call, json } from './http.ts';

export function principal(name: string): Principal {
  const isClient = name.startsWith('client-');
  return {
    kind: isClient ? 'client' : 'person',
    issuer: 'https://issuer.test',
    subject: name,
    clientId: 'console',
    tenant: { id: '00000000-0000-4000-8000-000000000000', name: 'default' },
    roles: new Set(['privacy-officer']),
    scopes: new Set(['admin']),
    sources: null,
    authenticatedAt: isClient ? null : new Date(),
    factors: new Set(['pwd', 'otp']),
    tokenId: 'token',
    sessionId: isClient ? null : 'session',
  };
}

export async function startWithPersons(
  site: Site,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningService> {
  const config = loadConfig(site.environment(settings));
  const app = await createApp(config, createLogger(config.LOG_LEVEL));
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request: FastifyRequest & { caller?: Principal }, _reply, done) => {
      const name = request.headers['x-test-caller'];
      if (typeof name === 'string') request.caller = principal(name);
      done();
    });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return { app, url, api: new RecordSystem(url), stop: () => app.close() };
}

export interface Spoken {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Somebody speaks JSON to the service. */
export async function as(
  caller: string | null,
  url: string,
  method: string,
  path: string,
  body?: object | string,
): Promise<Spoken> {
  const reply = await call(url, path, {
    method,
    headers: {
      ...(caller === null ? {} : { 'x-test-caller': caller }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: reply.status, body: reply.text === '' ? {} : json(reply) };
}
