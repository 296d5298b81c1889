// The database in the hands of its owner, behind the service's back: every row can be changed, once the triggers are
// switched off. What was changed is put back afterwards, so that the rest of the story stands on the true rows.

import pg from 'pg';
import type { VersionName } from '../sample/ledger-client.ts';
import type { Scene } from './step.ts';

/** Where the entry of a version lies in its batch. */
export interface EntryRow {
  readonly record: string;
  readonly seq: string;
  readonly batchFirst: string;
  /** Position of the entry within its batch. */
  readonly position: number;
  readonly offset: number;
  readonly entry: Buffer;
}

export async function withDatabase<T>(scene: Scene, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: scene.instance.databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function findEntry(client: pg.Client, { source, recordId, versionId }: VersionName): Promise<EntryRow> {
  const { rows } = await client.query<EntryRow>(
    `SELECT version.record, version.seq, version.batch_first AS "batchFirst",
            (version.index - version.batch_first)::int AS position, version.entry_offset AS offset,
            substring(entry_batch.entries FROM version.entry_offset + 1 FOR version.entry_length) AS entry
       FROM version
       JOIN entry_batch ON entry_batch.log = version.log AND entry_batch.first_index = version.batch_first
       JOIN record ON record.id = version.record
       JOIN source ON source.id = record.source_id
      WHERE source.name = $1 AND record.record_id = $2 AND version.version_id = $3`,
    [source, recordId, versionId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`${recordId} version ${versionId} is not in the database`);
  return row;
}

/** Overwrites the entry in its batch; the octets must be as many as before. */
export async function replaceEntry(client: pg.Client, row: EntryRow, entry: Uint8Array): Promise<void> {
  if (entry.length !== row.entry.length) throw new Error('the forged entry must be as long as the true one');
  await client.query('UPDATE entry_batch SET entries = overlay(entries PLACING $1 FROM $2) WHERE first_index = $3', [
    Buffer.from(entry),
    row.offset + 1,
    row.batchFirst,
  ]);
}

/** One transaction in which no trigger fires. */
export async function withoutTriggers(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  await client.query('SET LOCAL session_replication_role = replica');
  await work();
  await client.query('COMMIT');
}
