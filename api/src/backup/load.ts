// Fills an empty schema from a backup's file, in the caller's transaction: a restore that dies leaves nothing.
//
// The ledger's own triggers are switched off for the load (a batch must start where the sequence stands, which is the last
// row to come) and on again in the same transaction. Foreign keys, checks and unique keys stay on: PostgreSQL itself checks
// every restored row, and no superuser is needed.
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { InvariantError } from '@medanchor/verifier';
import { type ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { firstFilledTable, readTables, readTriggers, type Trigger } from './catalogue.ts';
import { members, type Member } from './container-reader.ts';
import { BackupDamagedError, memberName, type BackupManifest, type TableSummary } from './manifest.ts';

/** The database is not what the backup can be loaded into. Says why, and what would do. Nothing was changed. */
export class TargetRefusedError extends Error {
  override readonly name = 'TargetRefusedError';
}

const ENABLE: Readonly<Record<string, string>> = { O: 'ENABLE', A: 'ENABLE ALWAYS', R: 'ENABLE REPLICA' };

/** @throws {TargetRefusedError} when a table holds a row */
export async function assertEmpty(client: ClientBase): Promise<void> {
  const filled = await firstFilledTable(client, await readTables(client));
  if (filled !== null) {
    throw new TargetRefusedError(
      `this database is in use: the table ${filled} holds rows. A backup is restored into an empty database only; ` +
        'give another one (DATABASE_URL or MEDANCHOR_HOME), or move the old one away first',
    );
  }
}

/**
 * Loads every table, row for row as it was copied, and sets the sequences.
 *
 * @throws {TargetRefusedError}; {BackupDamagedError} when the file is no longer the one that was verified
 */
export async function load(client: ClientBase, file: string, manifest: BackupManifest): Promise<void> {
  await lockAll(client, manifest.tables);
  // Again, now that nobody can write any more.
  await assertEmpty(client);
  const triggers = await readTriggers(client);
  for (const { table, name } of triggers)
    await alter(client, table, `DISABLE TRIGGER ${client.escapeIdentifier(name)}`);
  await fill(client, file, manifest);
  for (const { table, name, enabled } of triggers)
    await alter(client, table, `${ENABLE[enabled] ?? 'ENABLE'} TRIGGER ${client.escapeIdentifier(name)}`);
  assertSame(triggers, await readTriggers(client));
  // Without statistics the proof's questions, and the service's first ones, would be planned blindly.
  await client.query(`ANALYZE ${manifest.tables.map(({ name }) => client.escapeIdentifier(name)).join(', ')}`);
  for (const { name, next } of manifest.sequences)
    // Unlike setval, this goes away with the transaction.
    await client.query(`ALTER SEQUENCE ${client.escapeIdentifier(name)} RESTART WITH ${BigInt(next)}`);
}

/** @throws {TargetRefusedError} when the schema does not have exactly the backup's tables and columns */
async function lockAll(client: ClientBase, tables: readonly TableSummary[]): Promise<void> {
  const here = new Map((await readTables(client)).map(({ name, columns }) => [name, columns]));
  for (const { name, columns } of tables) {
    const found = here.get(name);
    const odd = columns.find((column) => found?.includes(column) !== true);
    if (odd !== undefined) {
      throw new TargetRefusedError(
        `the backup has ${found === undefined ? `a table ${name}` : `a column ${odd} in ${name}`} that this version's schema does not have`,
      );
    }
  }
  const missing = [...here.keys()].find((name) => !tables.some((table) => table.name === name));
  if (missing !== undefined) throw new TargetRefusedError(`the table ${missing} of this database is not in the backup`);
  const names = tables.map(({ name }) => client.escapeIdentifier(name)).join(', ');
  await client.query(`LOCK TABLE ${names} IN ACCESS EXCLUSIVE MODE`);
}

async function fill(client: ClientBase, file: string, { tables }: BackupManifest): Promise<void> {
  const source = members(file);
  // The header comes first.
  let member = await nextMember(source);
  for (const [position, table] of tables.entries()) {
    const list = table.columns.map((column) => client.escapeIdentifier(column)).join(', ');
    const stream = client.query(copyFrom(`COPY ${client.escapeIdentifier(table.name)} (${list}) FROM STDIN`));
    const hash = createHash('sha256');
    await pipeline(async function* () {
      for (let piece = 0; piece < table.members; piece += 1) {
        member = await nextMember(source);
        if (member?.name !== memberName(position, table.name, piece)) throw changed(file);
        for await (const part of member.content) {
          hash.update(part);
          yield part;
        }
      }
    }, stream);
    if (hash.digest('hex') !== table.sha256 || String(stream.rowCount) !== table.rows) throw changed(file);
  }
  await source.return(undefined);
}

async function nextMember(source: AsyncGenerator<Member>): Promise<Member | undefined> {
  const next = await source.next();
  if (next.done === true) return undefined;
  const member = next.value;
  // What is not copied must still be read, or the archive does not go on.
  if (!member.name.startsWith('data/')) for await (const _part of member.content);
  return member;
}

function changed(file: string): BackupDamagedError {
  return new BackupDamagedError(`${file} is no longer the file that was verified a moment ago`);
}

async function alter(client: ClientBase, table: string, what: string): Promise<void> {
  await client.query(`ALTER TABLE ${client.escapeIdentifier(table)} ${what}`);
}

function assertSame(before: readonly Trigger[], after: readonly Trigger[]): void {
  if (JSON.stringify(before) !== JSON.stringify(after))
    throw new InvariantError('not every trigger is as it was before the load');
}
