// The operator's command `npm run client -- --name NAME --role ROLE`: registers a machine, and writes the private key that it
// signs in with into a file that only its owner can read. The service never sees that key. A process of its own, beside the
// running service or without it.
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { AppModule } from './app.module.ts';
import {
  ClientsService,
  clientKeysSchema,
  findTenant,
  issuerOf,
  newClientSchema,
  scopesOf,
  type NewClient,
} from './identity/index.ts';
import { ROLES } from './platform/auth/principal.ts';
import { SCOPES } from './platform/auth/scopes.ts';
import { ConfigError, loadConfig, type Config } from './platform/config/config.schema.ts';
import { migrate } from './platform/database/migrate.ts';
import { POOL, type Pool } from './platform/database/pool.ts';
import { createLogger, NestLogger } from './platform/logger/logger.ts';
import { Metrics } from './platform/metrics/metrics.ts';

const USAGE = `usage: npm run client -- --name NAME --role ROLE [--role ROLE …] [--scope SCOPE …] [--source NAME …]
                     [--access-from TIME] [--access-until TIME] [--tenant NAME] [--certificate-bound] [--out FILE]
  roles:  ${ROLES.join(', ')}
  scopes: ${SCOPES.join(', ')} (default: what the roles need)
  sources: those that it may act for (default: all of the tenant); tenant: default
  --access-from, --access-until: when its access begins and is over, as 2026-12-24T18:00:00Z (default: no limit)
  --certificate-bound: its tokens are bound to the TLS client certificate that fetched them
  --out: where its private key goes (default: NAME.client.json in this folder)
exit code: 0 registered, 1 refused, 2 usage or configuration
`;

class UsageError extends Error {}

interface Order {
  readonly wanted: Omit<NewClient, 'jwks' | 'jwksUri'>;
  readonly tenant: string;
  readonly out: string;
}

/** A refusal that names what is allowed. */
class RefusedError extends Error {}

async function main(argv: readonly string[]): Promise<number> {
  const order = orderOf(argv);
  const config = loadConfig({ ...process.env, STAGES: 'off', SETUP_TOKEN_FILE: '' });
  if (config.EMBEDDED_ISSUER === 'off')
    throw new RefusedError('clients are registered at your own issuer (EMBEDDED_ISSUER=off)');
  const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  // The file first: a client whose key nobody has would be of no use.
  const descriptor = openPrivately(order.out);
  try {
    const clientId = await register(config, order, { ...publicJwk, kid, alg: 'ES384', use: 'sig' });
    const file = {
      client_id: clientId,
      token_endpoint: `${issuerOf(config.PUBLIC_URL)}/token`,
      scope: (order.wanted.scopes ?? scopesOf(order.wanted.roles)).join(' '),
      private_key: { ...(await exportJWK(privateKey)), kid, alg: 'ES384' },
    };
    writeSync(descriptor, `${JSON.stringify(file, null, 2)}\n`);
    fsyncSync(descriptor);
    process.stdout.write(
      `Client ${clientId} (${order.wanted.name}) is registered in the tenant ${order.tenant}.\n` +
        `Its private key is in ${order.out}, and nowhere else.\n` +
        `A token: npm run --silent token -- --client ${order.out}\n`,
    );
    return 0;
  } catch (error) {
    rmSync(order.out, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

async function register(config: Config, order: Order, key: JWK): Promise<string> {
  const wanted: NewClient = { ...order.wanted, ...clientKeysSchema.parse({ jwks: { keys: [key] } }) };
  await migrate(config.DATABASE_URL);
  const app = await NestFactory.createApplicationContext(AppModule.with(config, createLogger('fatal'), new Metrics()), {
    logger: new NestLogger(createLogger('fatal')),
    abortOnError: false,
  });
  try {
    const tenant = await findTenant(app.get<Pool>(POOL), order.tenant);
    if (tenant === null)
      throw new RefusedError(
        `there is no tenant ${order.tenant}; tenants are made with POST /v1/tenants, \`default\` by the first start`,
      );
    return (await app.get(ClientsService, { strict: false }).register(tenant, wanted, null)).id;
  } finally {
    await app.close();
  }
}

function orderOf(argv: readonly string[]): Order {
  const many = { type: 'string', multiple: true } as const;
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        name: { type: 'string' },
        role: many,
        scope: many,
        source: many,
        'access-from': { type: 'string' },
        'access-until': { type: 'string' },
        tenant: { type: 'string', default: 'default' },
        'certificate-bound': { type: 'boolean', default: false },
        out: { type: 'string' },
      },
    });
    const { name = '', role = [], scope, source, 'access-from': accessFrom, 'access-until': accessUntil } = values;
    const members = {
      name,
      roles: role,
      ...(scope === undefined ? {} : { scopes: scope }),
      ...(source === undefined ? {} : { sources: source }),
      ...(accessFrom === undefined ? {} : { accessFrom }),
      ...(accessUntil === undefined ? {} : { accessUntil }),
      certificateBound: values['certificate-bound'],
    };
    // With a place for keys, which are made only when all else is right.
    const checked = newClientSchema.safeParse({ ...members, jwksUri: 'https://placeholder.example/' });
    if (!checked.success)
      throw new UsageError(
        checked.error.issues.map(({ path: at, message }) => `--${optionOf(at[0])}: ${message}`).join('\n'),
      );
    const { jwksUri: _placeholder, jwks: _none, ...wanted } = checked.data;
    const file = `${name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}.client.json`;
    return { wanted, tenant: values.tenant, out: path.resolve(values.out ?? file) };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message);
  }
}

/** `accessUntil` is said with `--access-until`. */
function optionOf(member: PropertyKey = 'name'): string {
  return String(member).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Never over a file that is there: it may hold the key of another client. */
function openPrivately(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new RefusedError(`${file} is there already; name another with --out`, { cause: error });
    throw new RefusedError(`${file} cannot be written (${code ?? 'unknown'})`, { cause: error });
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage ? USAGE : ''}`);
  process.exitCode = usage || error instanceof ConfigError ? 2 : 1;
}
