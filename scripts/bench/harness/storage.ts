// Octets of the ledger's tables and indexes on disk, as PostgreSQL counts them.

import type pg from 'pg';

export interface Relation {
  readonly table: string;
  /** Null: the table's rows themselves, with what is stored out of line. */
  readonly index: string | null;
  readonly octets: number;
}

/** The largest first; those below a page or two are left out. */
export async function storageByRelation(pool: pg.Pool): Promise<readonly Relation[]> {
  const { rows } = await pool.query<{ table: string; index: string | null; octets: string }>(
    `SELECT relname AS table, NULL AS index, pg_table_size(oid) AS octets FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
     UNION ALL
     SELECT t.relname, i.relname, pg_relation_size(i.oid) FROM pg_index x
     JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
     WHERE t.relnamespace = 'public'::regnamespace
     ORDER BY octets DESC`,
  );
  return rows
    .map(({ table, index, octets }) => ({ table, index, octets: Number(octets) }))
    .filter(({ octets }) => octets > 64 * 1024);
}
