// Settings of the keys: where the key-encryption key is, and how a key service is reached. Part of the one schema.
import { z } from 'zod';
import { file, integer, url } from './setting-kinds.ts';

const onOff = (what: string) => z.enum(['on', 'off'], `on or off: ${what}`).default('off');

export const keySettings = {
  KEY_PROVIDER: z.enum(['local', 'vault'], 'local (KEK_FILE) or vault (a Transit key)').default('local'),
  KEK_FILE: file.optional(),
  KEK_PREVIOUS_FILES: z
    .string()
    .regex(/^[^,]+(,[^,]+)*$/, 'paths of files, separated by commas')
    .transform((text) => text.split(',').map((path) => path.trim()))
    .optional(),
  VAULT_ADDR: url('the address of Vault', ['https:', 'http:']).optional(),
  VAULT_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9_./-]{1,200}$/, 'a Vault namespace')
    .optional(),
  VAULT_TOKEN_FILE: file.optional(),
  VAULT_ROLE_ID: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'an AppRole id')
    .optional(),
  VAULT_SECRET_ID_FILE: file.optional(),
  VAULT_TRANSIT_MOUNT: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/, 'the path of a Transit mount: letters, digits and _ - /')
    .default('transit'),
  VAULT_TRANSIT_KEY: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'the name of a Transit key: letters, digits and _ -')
    .default('medanchor'),
  VAULT_TIMEOUT_MS: integer('milliseconds', 100, 60_000).default(5000),
  DATA_KEY_KEEP_MS: integer('milliseconds', 1000, 86_400_000).default(900_000),
} as const;

/** The owner's certificate is another role's: see database-url.rules.ts. */
export const databaseTlsSettings = {
  DATABASE_CA_FILE: file.optional(),
  DATABASE_CERT_FILE: file.optional(),
  DATABASE_KEY_FILE: file.optional(),
  DATABASE_OWNER_CERT_FILE: file.optional(),
  DATABASE_OWNER_KEY_FILE: file.optional(),
} as const;

export const networkSettings = {
  TLS_CERT_FILE: file.optional(),
  TLS_KEY_FILE: file.optional(),
  TLS_CLIENT_CA_FILE: file.optional(),
  TLS_TERMINATED_BY_PROXY: onOff('whether a proxy in front of this service speaks TLS for it'),
  HSTS_INCLUDE_SUBDOMAINS: z
    .enum(['on', 'off'], 'on or off: whether browsers insist on TLS for hosts below this one too')
    .default('on'),
  ...databaseTlsSettings,
  INSECURE_NETWORK: onOff('whether plain connections may leave this machine'),
} as const;
