// `npm run --silent token -- --client FILE`: prints an access token of five minutes for a registered client, which it gets
// over HTTP like every backend service. Without a client it makes one for the service that has this data folder, or the given
// ISSUER_KEY_FILE. Whoever may read that file may do everything that the service does; nobody is asked, and the making of a
// token is recorded nowhere.

import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ROLES, type Role } from '../api/src/platform/auth/principal.ts';
import { clientToken } from './launch/client-token.ts';
import { dataFolderAt } from './launch/data-folder.ts';
import { loadSettings } from './launch/settings.ts';
import { isRole, operatorToken, OPERATOR_ROLES } from './launch/token.ts';

const USAGE = `usage: npm run --silent token -- --client FILE [--scope SCOPES]
       npm run --silent token -- [--role ROLE …] [--tenant NAME] [--source NAME …]
  roles: ${ROLES.join(', ')} (default: ${OPERATOR_ROLES.join(', ')})
  tenant: default; sources: all of the tenant\n`;

async function ofClient(file: string, scope: string | undefined): Promise<number> {
  try {
    process.stdout.write(`${await clientToken(file, scope)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 3;
  }
}

interface Wish {
  /** A file that `npm run client` wrote. */
  readonly client: string | undefined;
  readonly scope: string | undefined;
  readonly roles: readonly Role[];
  readonly tenant: string;
  readonly sources: readonly string[];
}

/** The process's exit code: 0 a token on standard output, 2 wrong arguments, 3 no key, or no token for it. */
export async function main(args: readonly string[]): Promise<number> {
  let wish: Wish;
  try {
    wish = readWish(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  if (wish.client !== undefined) return await ofClient(wish.client, wish.scope);
  const settings = loadSettings(process.env);
  const file = settings.ISSUER_KEY_FILE ?? dataFolderAt(settings.MEDANCHOR_HOME).issuerKey;
  if (!existsSync(file)) {
    process.stderr.write(
      `there is no issuer key at ${file}: start the service once, or set MEDANCHOR_HOME or ISSUER_KEY_FILE\n`,
    );
    return 3;
  }
  const environment = {
    ISSUER_KEY_FILE: file,
    PORT: String(settings.PORT),
    TLS_CERT_FILE: settings.TLS_CERT_FILE,
    PUBLIC_URL: settings.PUBLIC_URL,
    AUTH_AUDIENCE: settings.AUTH_AUDIENCE,
  };
  const { roles, tenant, sources } = wish;
  const token = await operatorToken(environment, { roles, tenant, ...(sources.length === 0 ? {} : { sources }) });
  process.stdout.write(`${token}\n`);
  return 0;
}

function readWish(args: readonly string[]): Wish {
  const { values } = parseArgs({
    args: [...args],
    options: {
      client: { type: 'string' },
      scope: { type: 'string' },
      role: { type: 'string', multiple: true },
      tenant: { type: 'string', default: 'default' },
      source: { type: 'string', multiple: true, default: [] },
    },
  });
  const names = values.role ?? OPERATOR_ROLES;
  const roles = names.filter(isRole);
  const [unknown] = names.filter((name) => !isRole(name));
  if (unknown !== undefined) throw new Error(`there is no role ${unknown}`);
  const { client, scope, tenant, source: sources } = values;
  if (client !== undefined && (values.role !== undefined || sources.length > 0))
    throw new Error('a client has the roles and sources that it was registered with');
  return { client, scope, roles, tenant, sources };
}
