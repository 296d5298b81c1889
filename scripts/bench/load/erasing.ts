// Patients who are erased: their records are made beforehand, then one person asks and another approves, over HTTP as a portal would.

import { z } from 'zod';
import { readIssuerKey } from '../../../api/src/platform/auth/issuer-key.ts';
import { mintAccessToken } from '../../../api/src/platform/auth/token-minting.ts';
import { loadConfig } from '../../../api/src/platform/config/config.schema.ts';
import type { Service } from '../harness/service.ts';
import { SOURCE } from './requests.ts';
import { resourceTemplate } from './resources.ts';

/** Lines of one request of POST /v1/versions. */
const LINES = 2000;

const requestSchema = z.object({ id: z.string() });
const doneSchema = z.object({ state: z.literal('done'), remaining: z.object({ records: z.literal('0') }) });

/** Reference of the patient with this number. */
export function patient(number: number): string {
  return `Patient/bench-${String(number)}`;
}

/** Records of the patients `first`, `first + 1`, …, each with `records` of them. @throws when one is not accepted */
export async function addPatients(service: Service, first: number, patients: number, records: number): Promise<void> {
  const template = resourceTemplate('1kB');
  const lines = Array.from({ length: patients * records }, (_, at) => {
    const subject = patient(first + Math.floor(at / records));
    const recordId = `Observation/erased-${String(first)}-${String(at)}`;
    const named = JSON.stringify({ source: SOURCE, recordId, versionId: '1', fields: 'off', subject });
    return `${named.slice(0, -1)},"content":${template.fill(at, 1).toString()}}\n`;
  });
  for (let at = 0; at < lines.length; at += LINES) {
    const response = await fetch(`${service.url}/v1/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${await service.token()}` },
      body: lines.slice(at, at + LINES).join(''),
    });
    const text = await response.text();
    const refused = text.split('\n').find((line) => line !== '' && !line.includes('"status":201'));
    if (!response.ok || refused !== undefined)
      throw new Error(`a record was not accepted: ${String(response.status)} ${refused ?? text}`);
  }
}

/** All records of the patient, by request and approval. Resolves when everything is erased. */
export async function erasePatient(service: Service, number: number): Promise<void> {
  const path = `/v1/sources/${SOURCE}/erasures`;
  const body = JSON.stringify({ subject: patient(number), basis: 'gdpr-17-1-b' });
  const { id } = requestSchema.parse(await say(service, 'bench-asks', path, 201, body));
  doneSchema.parse(await say(service, 'bench-approves', `${path}/${id}/approval`, 200));
}

async function say(service: Service, who: string, path: string, wanted: number, body?: string): Promise<unknown> {
  const response = await fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await personsToken(service.env, who)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  if (response.status !== wanted)
    throw new Error(`${path}: wanted ${String(wanted)}, got ${String(response.status)} ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

/** A privacy officer who has just shown the second factor. */
async function personsToken(env: Readonly<Record<string, string>>, subject: string): Promise<string> {
  const config = loadConfig(env);
  return mintAccessToken(await readIssuerKey(config.ISSUER_KEY_FILE ?? ''), {
    issuer: `${config.PUBLIC_URL}/oidc`,
    audience: config.AUTH_AUDIENCE,
    subject,
    clientId: 'bench',
    tenant: 'default',
    roles: ['privacy-officer'],
    scopes: ['admin'],
    more: { auth_time: Math.floor(Date.now() / 1000), amr: ['pwd', 'otp'], sid: 'bench' },
  });
}
