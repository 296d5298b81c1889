// The short page of what is where, printed when everything runs.

import { existsSync } from 'node:fs';
import { z } from 'zod';
import { defaultPublicUrl } from '../../api/src/platform/config/config.schema.ts';
import type { Instance } from './instance.ts';

const logSchema = z.object({ origin: z.string(), verifierKey: z.string(), logId: z.string() });

/** Asks the running service for its log's name and key, which an auditor needs. */
export async function describeInstance(instance: Instance): Promise<string> {
  const { status, text } = await instance.get('/v1/log');
  if (status !== 200) throw new Error(`GET /v1/log answered ${String(status)}`);
  const log = logSchema.parse(JSON.parse(text));
  const { apiUrl, anchor, embedded } = instance;
  return formatTable([
    ['API', `${apiUrl}/v1`],
    ['documentation', `${apiUrl}/api/docs`],
    ...setupLine(instance),
    ['health', `${apiUrl}/health/ready`],
    ['checkpoint', `${apiUrl}/checkpoint`],
    ['log', log.origin],
    ['log key', log.verifierKey],
    ['log id on chain', log.logId],
    ['contract', anchor.contract],
    [
      'chain',
      `${anchor.chainId} at ${withoutSecrets(instance.chainUrl)}${embedded.chain ? ' (local, for tests: its anchors prove nothing to others)' : ''}`,
    ],
    ['database', embedded.database ? 'embedded PostgreSQL' : withoutSecrets(instance.databaseUrl)],
    ['data folder', instance.folder.root],
  ]);
}

/** Where the first administrator is made, and where the secret for it lies; the secret itself is never printed. */
function setupLine({ env }: Instance): readonly (readonly [string, string])[] {
  const file = env['SETUP_TOKEN_FILE'];
  if (file === undefined || !existsSync(file)) return [];
  const url =
    env['PUBLIC_URL'] || defaultPublicUrl({ TLS_CERT_FILE: env['TLS_CERT_FILE'], PORT: env['PORT'] || '3000' });
  return [['first account', `${url}/setup, with the secret in ${file}`]];
}

function formatTable(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

/** URLs carry passwords, and RPC providers put keys into paths: only the address is shown. */
export function withoutSecrets(text: string): string {
  const url = new URL(text);
  const path = url.protocol.startsWith('postgres') ? url.pathname : '';
  return `${url.protocol}//${url.host}${path}`;
}
