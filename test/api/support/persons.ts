// Persons and machines who act in the privacy office: signed in with tokens of the site's issuer, as a portal would hold them.

import { call, json } from './http.ts';
import { tokenFor, type IssuerSettings } from '../../support/sign-in.ts';
import type { RunningService, Site } from '../../flow/support/site.ts';

const issuers = new Map<string, IssuerSettings>();

/** A service to which {@link as} can speak. */
export async function startWithPersons(
  site: Site,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningService> {
  const service = await site.start(settings);
  issuers.set(service.url, site.environment(settings));
  return service;
}

export interface Spoken {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/**
 * Somebody speaks JSON to the service.
 *
 * @param caller a privacy officer with a fresh second factor; `client-…` is a machine, null nobody
 */
export async function as(
  caller: string | null,
  url: string,
  method: string,
  path: string,
  body?: object | string,
): Promise<Spoken> {
  const reply = await call(url, path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    token: caller === null ? null : await tokenOf(caller, url),
  });
  return { status: reply.status, body: reply.text === '' ? {} : json(reply) };
}

function tokenOf(caller: string, url: string): Promise<string> {
  const isClient = caller.startsWith('client-');
  return tokenFor(issuers.get(url) ?? {}, {
    subject: caller,
    clientId: isClient ? caller : 'console',
    roles: ['privacy-officer'],
    scopes: ['admin'],
    ...(isClient ? {} : { more: { auth_time: Math.floor(Date.now() / 1000), amr: ['pwd', 'otp'], sid: 'session' } }),
  });
}
