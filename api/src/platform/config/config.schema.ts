// Every setting of the service: one schema, parsed once at start, frozen. Nobody else reads process.env.
// `.env.example` documents each key; test/architecture checks that the two agree.
import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { externalIssuerSchema } from '../auth/external-issuer.schema.ts';
import { databaseCertificateFileFaults } from './database-certificate.ts';
import { DATABASE_CONNECTIONS, databaseTlsFiles, databaseUrlWithTls } from './database-url.rules.ts';
import { databaseTlsSettings, keySettings, networkSettings } from './key.settings.ts';
import { file, integer, url } from './setting-kinds.ts';
import { faultsTogether, networkFaults } from './settings-together.rules.ts';

const list = (what: string, isAllowed: (item: string) => boolean) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    )
    .refine((items) => items.every(isAllowed), what);

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'a contract address: 0x and 40 hexadecimal digits')
  .transform((text) => text.toLowerCase());

/** RFC 6838 aside, this is C2SP's rule for a key name: no white space, no plus sign; and it is also the origin. */
const origin = z
  .string()
  .regex(/^[A-Za-z0-9._~:/-]{1,200}$/, 'a log name such as hospital.example/log/1: letters, digits and . _ ~ : / -');

/** Exact origins (RFC 6454): a wild card would let any page speak for its visitor. */
const origins = list('origins such as https://console.hospital.example, separated by commas', (text) => {
  const parsed = URL.parse(text);
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.origin === text;
});

const addresses = list('IP addresses or CIDR ranges, separated by commas', (text) => {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  const width = version === 6 ? 128 : 32;
  return (
    version !== 0 && more.length === 0 && (bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= width))
  );
});

/** As URL.host writes them, so that one is one text. */
const jwksHosts = list(
  'hosts such as keys.lab.example or 10.0.0.7:8443, in lower case and separated by commas; or public, or any',
  (text) => URL.parse(`https://${text}`)?.host === text,
).transform((hosts): 'public' | 'any' | string[] => {
  const [only] = hosts;
  return hosts.length === 1 && (only === 'public' || only === 'any') ? only : hosts;
});

const issuers = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'a JSON list of issuers' });
      return z.NEVER;
    }
  })
  .pipe(z.array(externalIssuerSchema, 'a JSON list of issuers').max(20));

export const configSchema = z.object({
  DATABASE_URL: url('PostgreSQL', ['postgres:', 'postgresql:']),
  DATABASE_OWNER_URL: url('PostgreSQL', ['postgres:', 'postgresql:']).optional(),
  DATABASE_POOL_SIZE: integer('connections', 2, 200).default(10),
  CHAIN_RPC_URL: url('JSON-RPC', ['http:', 'https:']),
  CHAIN_ID: integer('chain id', 1, Number.MAX_SAFE_INTEGER).transform(BigInt),
  ANCHOR_CONTRACT: address,
  ANCHOR_KEY_FILE: file,
  CHECKPOINT_KEY_FILE: file,
  ...keySettings,
  ...networkSettings,
  ERASURE_JOURNAL_FILE: file.optional(),
  LOG_ORIGIN: origin.default('medanchor.local/log/1'),
  HOST: z.string().min(1, 'an address to listen on').default('127.0.0.1'),
  PORT: integer('TCP port', 0, 65535).default(3000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  SEQUENCER_BATCH_SIZE: integer('entries', 1, 4096).default(512),
  SEQUENCER_MAX_WAIT_MS: integer('milliseconds', 0, 1000).default(2),
  SEQUENCER_MAX_IN_FLIGHT: integer('entries', 1, 1_000_000).default(4096),
  INTEGRATE_INTERVAL_MS: integer('milliseconds', 1, 60_000).default(50),
  CHECKPOINT_INTERVAL_MS: integer('milliseconds', 50, 3_600_000).default(1000),
  ANCHOR_INTERVAL_MS: integer('milliseconds', 100, 86_400_000).default(10_000),
  ANCHOR_CONFIRMATIONS: integer('blocks', 1, 10_000).default(1),
  ANCHOR_FEE_BUMP_AFTER_MS: integer('milliseconds', 100, 86_400_000).default(180_000),
  ANCHOR_MAX_FEE_GWEI: integer('gwei for a unit of gas', 1, 1_000_000).default(500),
  CONFIRM_INTERVAL_MS: integer('milliseconds', 50, 3_600_000).default(1000),
  ACCESS_LOG_ANCHOR_INTERVAL_MS: integer('milliseconds', 100, 86_400_000).default(60_000),
  FSCK_INTERVAL_MS: integer('milliseconds', 0, 604_800_000).default(900_000),
  FSCK_FULL_INTERVAL_MS: integer('milliseconds', 0, 31_536_000_000).default(86_400_000),
  RETENTION_INTERVAL_MS: integer('milliseconds', 0, 604_800_000).default(3_600_000),
  CHAIN_TIMEOUT_MS: integer('milliseconds', 100, 600_000).default(10_000),
  BODY_LIMIT_BYTES: integer('bytes', 1024, 16_777_216).default(16_777_216),
  BATCH_MAX_LINES: integer('lines', 1, 10_000_000).default(1_000_000),
  BATCH_LINE_LIMIT_BYTES: integer('bytes', 1024, 16_777_216).default(4_194_304),
  BODY_TIMEOUT_MS: integer('milliseconds', 100, 3_600_000).default(30_000),
  STREAM_IDLE_TIMEOUT_MS: integer('milliseconds', 100, 3_600_000).default(60_000),
  MAX_CONNECTIONS: integer('connections', 1, 1_000_000).default(10_000),
  RATE_LIMIT_ADDRESS_PER_MINUTE: integer('requests', 0, 1_000_000_000).default(1_200_000),
  RATE_LIMIT_SENSITIVE_PER_MINUTE: integer('requests', 0, 1_000_000_000).default(600),
  RATE_LIMIT_CLIENT_PER_MINUTE: integer('requests and lines', 0, 1_000_000_000).default(1_200_000),
  CORS_ORIGINS: origins.default([]),
  TRUSTED_PROXIES: addresses.default([]),
  TILE_CACHE_BYTES: integer('bytes', 1_048_576, 17_179_869_184).default(67_108_864),
  FIELDS: z.enum(['on', 'off'], 'on or off: whether single fields can be disclosed later').default('on'),
  STAGES: z.enum(['on', 'off'], 'on or off: whether this process runs the stages').default('on'),
  ENTRY_BUNDLES: z.enum(['public', 'private'], 'public or private').default('private'),
  PUBLIC_URL: url('where clients reach the service', ['http:', 'https:'])
    .refine((text) => !/[?#]|\/$/.test(text), 'a URL without a slash at its end, a query or a fragment')
    .optional(),
  AUTH_AUDIENCE: z.string().min(1, 'a resource identifier').optional(),
  EMBEDDED_ISSUER: z.enum(['on', 'off'], 'on or off: whether the embedded issuer signs tokens').default('on'),
  ISSUER_KEY_FILE: file.optional(),
  AUTH_ISSUERS: issuers.default([]),
  SETUP_TOKEN_FILE: file.optional(),
  SESSION_IDLE_TIMEOUT_MS: integer('milliseconds', 1000, 28_800_000).default(3_600_000),
  CLIENT_JWKS_HOSTS: jwksHosts.default([]),
  CLIENT_RSA_MIN_BITS: integer('bits', 2048, 8192).default(3072),
});

const backupSchema = configSchema.pick({
  DATABASE_URL: true,
  DATABASE_CA_FILE: true,
  DATABASE_CERT_FILE: true,
  DATABASE_KEY_FILE: true,
});

const migrateSchema = configSchema.pick({ DATABASE_URL: true, DATABASE_OWNER_URL: true }).extend(databaseTlsSettings);

const restoreSchema = configSchema
  .pick({
    DATABASE_URL: true,
    DATABASE_OWNER_URL: true,
    LOG_ORIGIN: true,
    CHECKPOINT_KEY_FILE: true,
    ERASURE_JOURNAL_FILE: true,
    CHAIN_TIMEOUT_MS: true,
  })
  .extend({ ...keySettings, ...databaseTlsSettings })
  .extend(configSchema.pick({ CHAIN_RPC_URL: true, CHAIN_ID: true, ANCHOR_CONTRACT: true }).partial().shape);

/** With what follows from other settings filled in. */
export type Config = Readonly<
  z.output<typeof configSchema> & { readonly PUBLIC_URL: string; readonly AUTH_AUDIENCE: string }
>;
export type BackupConfig = Readonly<z.output<typeof backupSchema>>;
export type MigrateConfig = Readonly<z.output<typeof migrateSchema>>;
export type RestoreConfig = Readonly<z.output<typeof restoreSchema>>;
/** What a key provider is made from. */
export type KeyConfig = Pick<Config, keyof typeof keySettings>;
type Environment = Readonly<Record<string, string | undefined>>;

/** The start is refused: each line names a variable and what is allowed. Never prints a value (it may be a secret), but for paths of files. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

interface Addressed {
  readonly TLS_CERT_FILE?: string | undefined;
  readonly PORT: number | string;
}

/**
 * Where clients on this machine reach a service that was not told its PUBLIC_URL. A name, since browsers make no passkeys for an
 * IP address (WebAuthn section 5.1.2: an RP ID is a domain).
 */
export function defaultPublicUrl({ TLS_CERT_FILE, PORT }: Addressed): string {
  return `${TLS_CERT_FILE === undefined || TLS_CERT_FILE === '' ? 'http' : 'https'}://localhost:${PORT}`;
}

/**
 * Reads the settings from `environment`. An empty value counts as not given.
 *
 * @throws {ConfigError} naming every wrong variable and what is allowed.
 */
export function loadConfig(environment: Environment): Config {
  const settings = read(configSchema, environment, (given) => [...faultsTogether(given), ...issuerFaults(given)]);
  const PUBLIC_URL = settings.PUBLIC_URL ?? defaultPublicUrl(settings);
  return Object.freeze({ ...settings, PUBLIC_URL, AUTH_AUDIENCE: settings.AUTH_AUDIENCE ?? PUBLIC_URL });
}

/** Without an issuer nobody could sign in. */
function issuerFaults(given: Environment): readonly string[] {
  if (given['EMBEDDED_ISSUER'] === 'off')
    return given['AUTH_ISSUERS'] === undefined
      ? ['AUTH_ISSUERS is required with EMBEDDED_ISSUER=off: without an issuer nobody could sign in']
      : [];
  return given['ISSUER_KEY_FILE'] === undefined
    ? ['ISSUER_KEY_FILE is required: the path of a file (or set EMBEDDED_ISSUER=off)']
    : [];
}

/** All that a backup needs: it reads the database, and no key and no chain. @throws {ConfigError} */
export function loadBackupConfig(environment: Environment): BackupConfig {
  return Object.freeze(read(backupSchema, environment, databaseFaults));
}

/** The schema alone. @throws {ConfigError} */
export function loadMigrateConfig(environment: Environment): MigrateConfig {
  return Object.freeze(read(migrateSchema, environment, databaseFaults));
}

/** A restore needs the keys to compare, and a chain only to be proven by. @throws {ConfigError} */
export function loadRestoreConfig(environment: Environment): RestoreConfig {
  return Object.freeze(read(restoreSchema, environment, (given) => faultsTogether({ ...given, HOST: undefined })));
}

/** Beside the keys unless it is said otherwise: like them it must outlive the database, and lie apart from its backups. */
export function erasureJournalFile(config: Pick<Config, 'ERASURE_JOURNAL_FILE' | 'CHECKPOINT_KEY_FILE'>): string {
  return config.ERASURE_JOURNAL_FILE ?? path.join(path.dirname(config.CHECKPOINT_KEY_FILE), 'erasures.ndjson');
}

/** A backup reads the database and nothing else. */
function databaseFaults(given: Environment): readonly string[] {
  const names = ['DATABASE_URL', 'DATABASE_OWNER_URL', 'INSECURE_NETWORK', ...Object.keys(databaseTlsSettings)];
  return networkFaults(Object.fromEntries(names.map((name) => [name, given[name]])));
}

function read<S extends z.ZodObject<{ DATABASE_URL: z.ZodString }>>(
  schema: S,
  environment: Environment,
  together: (given: Environment) => readonly string[],
): z.output<S> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  const single = (parsed.error?.issues ?? []).map((issue) => {
    const [name = '', ...within] = issue.path.map(String);
    if (within.length > 0) return `${name} must be a JSON list of issuers: ${within.join('.')}: ${issue.message}`;
    return given[name] === undefined
      ? `${name} is required: ${hint(name, issue.message)}`
      : `${name} must be ${issue.message}`;
  });
  const lines = [...single, ...together(given)];
  if (lines.length === 0) lines.push(...databaseCertificateFileFaults(parsed.data ?? {}));
  if (parsed.success && lines.length === 0) return { ...parsed.data, ...databaseUrls(given) };
  throw new ConfigError(`The configuration cannot be used:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}

/** Both URLs with TLS in them, where every user of the database finds it. */
function databaseUrls(given: Environment): Record<string, string> {
  const urls: Record<string, string> = {};
  for (const { url: name } of DATABASE_CONNECTIONS) {
    const url = given[name];
    if (url !== undefined) urls[name] = databaseUrlWithTls(url, databaseTlsFiles(given, name));
  }
  return urls;
}

/** zod says "expected string" for an absent value; parse impossible ones to learn what the variable is. */
function hint(name: string, fallback: string): string {
  const field = configSchema.shape[name as keyof typeof configSchema.shape];
  const refused = ['\u0000', ''].map((impossible) => field?.safeParse(impossible).error?.issues[0]?.message);
  return refused.find((message) => message !== undefined) ?? fallback;
}
