// What the launcher itself can be told by the environment. The service's own settings stay in its one schema, from
// which the shared ones are taken; the rest of that schema is checked here too, before anything is started.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { faultsTogether } from '../../api/src/platform/config/settings-together.rules.ts';
import { databaseTlsSettings } from '../../api/src/platform/config/key.settings.ts';
import { ConfigError, configSchema, loadConfig } from '../../api/src/platform/config/config.schema.ts';

export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

const port = z
  .string()
  .regex(/^[0-9]{1,5}$/, 'a TCP port from 1 to 65535')
  .transform(Number)
  .refine((n) => n >= 1 && n <= 65535, 'a TCP port from 1 to 65535');

/** Settings of the launcher; `.env.example` documents each. */
export const launcherSchema = configSchema
  .pick({ HOST: true, PORT: true, LOG_ORIGIN: true, KEY_PROVIDER: true, TLS_CERT_FILE: true })
  .extend({
    ...databaseTlsSettings,
    DATABASE_URL: configSchema.shape.DATABASE_URL.optional(),
    DATABASE_OWNER_URL: configSchema.shape.DATABASE_OWNER_URL,
    CHAIN_RPC_URL: configSchema.shape.CHAIN_RPC_URL.optional(),
    CHAIN_ID: configSchema.shape.CHAIN_ID.optional(),
    ANCHOR_CONTRACT: configSchema.shape.ANCHOR_CONTRACT.optional(),
    ANCHOR_KEY_FILE: configSchema.shape.ANCHOR_KEY_FILE.optional(),
    CHECKPOINT_KEY_FILE: configSchema.shape.CHECKPOINT_KEY_FILE.optional(),
    KEK_FILE: configSchema.shape.KEK_FILE.optional(),
    ISSUER_KEY_FILE: configSchema.shape.ISSUER_KEY_FILE,
    PUBLIC_URL: configSchema.shape.PUBLIC_URL,
    AUTH_AUDIENCE: configSchema.shape.AUTH_AUDIENCE,
    MEDANCHOR_HOME: z
      .string()
      .default('.medanchor')
      .transform((folder) => path.resolve(PROJECT_ROOT, folder)),
    MEDANCHOR_SAMPLE: z
      .enum(['on', 'off'], 'on or off: whether an empty embedded ledger gets sample data')
      .default('on'),
    CHAIN_PORT: port.default(8545),
    POSTGRES_PORT: port.optional(),
  });

export type LauncherSettings = z.output<typeof launcherSchema>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {ConfigError} naming every wrong variable, the service's own included, and what is allowed. */
export function loadSettings(environment: Environment): LauncherSettings {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = launcherSchema.safeParse(given);
  const wrong = new Map(parsed.error?.issues.map((issue) => [issue.path.join('.'), issue.message]));
  // What the launcher will fill in must not be missed here: the stand-ins only satisfy the schema.
  const service = configSchema.safeParse({ ...STAND_INS, ...given });
  for (const issue of service.error?.issues ?? []) wrong.set(issue.path.join('.'), issue.message);
  const together = faultsTogether({ ...STAND_INS, ...given });
  if (wrong.size === 0 && together.length === 0 && parsed.success) return parsed.data;
  const lines = [...[...wrong].map(([name, message]) => `${name} must be ${message}`), ...together].map(
    (line) => `  ${line}`,
  );
  throw new ConfigError(`The configuration cannot be used:\n${lines.join('\n')}`);
}

const STAND_INS = {
  DATABASE_URL: 'postgres://127.0.0.1/medanchor',
  CHAIN_RPC_URL: 'http://127.0.0.1:8545',
  CHAIN_ID: '1',
  ANCHOR_CONTRACT: `0x${'0'.repeat(40)}`,
  ANCHOR_KEY_FILE: 'anchor.key',
  CHECKPOINT_KEY_FILE: 'checkpoint.key',
  KEK_FILE: 'kek.key',
};

/** The service's environment: the user's own settings, and what the launcher started. Nothing else is passed on. */
export function serviceEnvironment(environment: Environment, started: Environment): Record<string, string> {
  const complete: Record<string, string> = {};
  for (const name of [...Object.keys(configSchema.shape), ...SYSTEM_VARIABLES]) {
    const value = started[name] ?? environment[name];
    if (value !== undefined && value !== '') complete[name] = value;
  }
  loadConfig(complete);
  return complete;
}

const SYSTEM_VARIABLES = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'NODE_EXTRA_CA_CERTS',
  'NODE_ENV',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
];
