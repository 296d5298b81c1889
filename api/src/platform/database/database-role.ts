// The database role that the service works as: made when it is missing, and looked at when the service runs. The less it may do, the
// less a fault in the service, or somebody who took it over, can do to what is recorded.
import pg from 'pg';
import { type PartHealth } from '../health/health.ts';
import { WRITTEN_ONCE } from './migrations/grants.ts';
import { type Queryable } from './pool.ts';

/** The role that a connection URL names; when it names none, the one that the server takes it for. */
export async function roleOf(url: string): Promise<string> {
  const named = decodeURIComponent(new URL(url).username);
  if (named !== '') return named;
  const client = new pg.Client({ connectionString: url, application_name: 'medanchor-migrate' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ role: string }>('SELECT current_user::text AS role');
    return rows[0]?.role ?? '';
  } finally {
    await client.end();
  }
}

/**
 * Creates the role with the password of its URL; with none when it comes by its certificate. A role that is there stays as it is: its password is the operator's business.
 *
 * @throws {Error} when it is not there and the owner may not create it: says which statement an administrator must run
 */
export async function ensureRole(owner: pg.Client, role: string, url: string): Promise<void> {
  const { rows } = await owner.query<{ there: boolean; may: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS there,
       (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS may`,
    [role],
  );
  if (rows[0]?.there === true) return;
  const password = decodeURIComponent(new URL(url).password);
  if (rows[0]?.may !== true)
    throw new Error(
      `the database role ${role} of DATABASE_URL does not exist, and that of DATABASE_OWNER_URL may not create it. As an ` +
        `administrator of the server: CREATE ROLE ${owner.escapeIdentifier(role)} LOGIN${password === '' ? '' : " PASSWORD '…'"}`,
    );
  const secret = password === '' ? '' : ` PASSWORD ${owner.escapeLiteral(password)}`;
  await owner.query(
    `CREATE ROLE ${owner.escapeIdentifier(role)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS${secret}`,
  );
}

/** What this connection's role could do to what is written once, whatever the triggers say; empty when it can only add. */
export async function powersOver(on: Queryable): Promise<readonly string[]> {
  const { rows } = await on.query<{ powers: string[] }>(POWERS, [WRITTEN_ONCE]);
  return rows[0]?.powers ?? [];
}

const POWERS = `
  WITH kept AS (
    SELECT pg_class.oid, relname::text AS name, relowner, nspowner, nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relnamespace = current_schema()::regnamespace AND relname = ANY($1)),
  powers AS (
    SELECT 1 AS rank, 'it is a superuser' AS what FROM pg_roles WHERE rolname = current_user AND rolsuper
    UNION ALL SELECT 2, 'it owns ' || string_agg(name, ', ' ORDER BY name) FROM kept WHERE pg_has_role(relowner, 'MEMBER') HAVING count(*) > 0
    UNION ALL SELECT 3, 'it owns the schema' FROM kept WHERE pg_has_role(nspowner, 'MEMBER') HAVING count(*) > 0
    UNION ALL SELECT 4, 'it may create in the schema' FROM kept WHERE has_schema_privilege(nspname, 'CREATE') HAVING count(*) > 0
    UNION ALL SELECT 5, 'it may ' || right_of || ' ' || string_agg(name, ', ' ORDER BY name)
      FROM kept, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS right_of
      WHERE has_table_privilege(oid, right_of) OR (right_of = 'UPDATE' AND has_any_column_privilege(oid, 'UPDATE'))
      GROUP BY right_of
    UNION ALL SELECT 6, 'it may switch triggers off' WHERE has_parameter_privilege('session_replication_role', 'SET')
    UNION ALL SELECT 7, 'it may run programs or write files on the database server'
      WHERE pg_has_role('pg_execute_server_program', 'MEMBER') OR pg_has_role('pg_write_server_files', 'MEMBER'))
  SELECT coalesce(array_agg(what ORDER BY rank, what), '{}') AS powers FROM powers`;

/** For health: a warning when the service could change what it is supposed to have written once. */
export async function roleHealth(on: Queryable): Promise<PartHealth> {
  const powers = await powersOver(on);
  if (powers.length === 0) return { status: 'up' };
  return {
    status: 'degraded',
    code: 'database-role',
    detail: `the service's own database role could change what is recorded: ${powers[0]}. Give it a role of its own (DATABASE_OWNER_URL)`,
  };
}
