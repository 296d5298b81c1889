// The database's own catalogue: which tables, columns, sequences and triggers the ledger's schema has. A table that a later
// migration adds is in the backup without a line here.
import { type ClientBase } from 'pg';
import { orderByReferences, type Reference } from './table-order.rules.ts';

/** TypeORM's own table. Its rows are in the manifest, and running the migrations writes them again. */
const MIGRATIONS_TABLE = 'migrations';

export interface Table {
  readonly name: string;
  /** In the table's order; generated columns are computed again and not listed. */
  readonly columns: readonly string[];
}

export interface Trigger {
  readonly table: string;
  readonly name: string;
  /** As in pg_trigger: O (origin), A (always), R (replica). */
  readonly enabled: string;
}

/** A table of an extension belongs to the extension and comes with it. */
const NOT_OF_AN_EXTENSION = `NOT EXISTS (SELECT FROM pg_depend
  WHERE pg_depend.classid = 'pg_class'::regclass AND pg_depend.objid = pg_class.oid AND deptype = 'e')`;

/** Every ordinary table of the schema that a connection works in, parents before children. */
export async function readTables(client: ClientBase): Promise<readonly Table[]> {
  const { rows: tables } = await client.query<Table>(
    `SELECT relname::text AS name, array_agg(attname::text ORDER BY attnum) AS columns
     FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
     WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relpersistence <> 't' AND relname <> $1
       AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND ${NOT_OF_AN_EXTENSION}
     GROUP BY relname ORDER BY relname`,
    [MIGRATIONS_TABLE],
  );
  const { rows: references } = await client.query<Reference>(
    `SELECT DISTINCT child.relname::text AS child, parent.relname::text AS parent
     FROM pg_constraint JOIN pg_class child ON child.oid = conrelid JOIN pg_class parent ON parent.oid = confrelid
     WHERE contype = 'f' AND child.relnamespace = current_schema()::regnamespace`,
  );
  return orderByReferences(tables, references);
}

/** Each sequence with the value that it gives next. Sequences live outside of snapshots: the value can only be too high. */
export async function readSequences(client: ClientBase): Promise<readonly { name: string; next: string }[]> {
  const { rows } = await client.query<{ name: string; increment: string }>(
    `SELECT relname::text AS name, seqincrement::text AS increment FROM pg_class JOIN pg_sequence ON seqrelid = pg_class.oid
     WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S' AND ${NOT_OF_AN_EXTENSION}
       AND NOT EXISTS (SELECT FROM pg_depend JOIN pg_class owner ON owner.oid = refobjid
         WHERE pg_depend.classid = 'pg_class'::regclass AND pg_depend.objid = pg_class.oid AND deptype IN ('a', 'i') AND owner.relname = $1)
     ORDER BY relname`,
    [MIGRATIONS_TABLE],
  );
  const sequences: { name: string; next: string }[] = [];
  for (const { name, increment } of rows) {
    const { rows: states } = await client.query<{ next: string }>(
      `SELECT (CASE WHEN is_called THEN last_value + $1::bigint ELSE last_value END)::text AS next FROM ${client.escapeIdentifier(name)}`,
      [increment],
    );
    sequences.push({ name, next: states[0]?.next ?? '1' });
  }
  return sequences;
}

/** The schema's own triggers that fire; foreign keys are checked by internal ones, which stay out of this. */
export async function readTriggers(client: ClientBase): Promise<readonly Trigger[]> {
  const { rows } = await client.query<Trigger>(
    `SELECT relname::text AS table, tgname::text AS name, tgenabled::text AS enabled
     FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
     WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal AND tgenabled <> 'D' ORDER BY relname, tgname`,
  );
  return rows;
}

/** Names of the applied migrations, in order; empty for a database without a schema. */
export async function readMigrations(client: ClientBase): Promise<readonly string[]> {
  const { rows: found } = await client.query('SELECT FROM pg_class WHERE oid = to_regclass($1)', [MIGRATIONS_TABLE]);
  if (found.length === 0) return [];
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${MIGRATIONS_TABLE} ORDER BY timestamp, id`);
  return rows.map(({ name }) => name);
}

/** The first table that holds a row, or null. */
export async function firstFilledTable(client: ClientBase, tables: readonly Table[]): Promise<string | null> {
  for (const { name } of tables) {
    const { rows } = await client.query(`SELECT FROM ${client.escapeIdentifier(name)} LIMIT 1`);
    if (rows.length > 0) return name;
  }
  return null;
}
