// The PostgreSQL settings that decide what a write costs. With one of the first four off, the figures would be about another
// product, so the bench reads them back from the running server and refuses.

import type pg from 'pg';

const REQUIRED = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' } as const;

const SHOWN = [
  ...Object.keys(REQUIRED),
  'wal_sync_method',
  'commit_delay',
  'shared_buffers',
  'wal_buffers',
  'max_wal_size',
  'checkpoint_timeout',
  'wal_compression',
  'autovacuum',
  'max_connections',
  'io_method',
] as const;

export async function databaseSettings(pool: pg.Pool): Promise<Readonly<Record<string, string>>> {
  const { rows } = await pool.query<{ name: string; setting: string }>(
    `SELECT name, current_setting(name) AS setting FROM pg_settings WHERE name = ANY($1::text[])`,
    [SHOWN],
  );
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
  return Object.fromEntries(SHOWN.flatMap((name) => (settings.has(name) ? [[name, settings.get(name) ?? '']] : [])));
}

/** @throws when a commit would not be durable */
export async function requireDurable(pool: pg.Pool): Promise<void> {
  const settings = await databaseSettings(pool);
  for (const [name, wanted] of Object.entries(REQUIRED)) {
    if (settings[name] !== wanted) {
      throw new Error(
        `PostgreSQL runs with ${name}=${settings[name] ?? '?'}; the bench measures with ${name}=${wanted} only`,
      );
    }
  }
}
