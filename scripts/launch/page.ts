// The short page of what is where, printed when everything runs.

import { z } from 'zod';
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
