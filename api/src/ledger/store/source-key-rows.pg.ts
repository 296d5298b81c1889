// Rows of `source_key`, read and written inside the sequencing transaction: a key and the entries that it comes from are
// there together or not at all. Batches without a signature or a `key` entry cost no statement.
import { type Jwk } from '@medanchor/verifier';
import { type Client } from '../../platform/database/pool.ts';
import { type SourceKey } from '../model.ts';
import { sourceKeyName, type Submission } from './entry-store.port.ts';

export interface KeyName {
  readonly source: string;
  readonly keyId: string;
}

export interface SourceKeyRow {
  readonly source: string;
  readonly key_id: string;
  readonly jwk: Jwk;
  readonly registered_index: bigint;
  readonly revoked_index: bigint | null;
  readonly replaced_by: string | null;
}

export const SOURCE_KEY_COLUMNS = 'source, key_id, jwk, registered_index, revoked_index, replaced_by';

/** The keys that a plan for these submissions has to know. */
export function keysConcerned(submissions: readonly Submission[]): readonly KeyName[] {
  const names = new Map<string, KeyName>();
  const add = (source: string, keyId: string): void => void names.set(sourceKeyName(source, keyId), { source, keyId });
  for (const submission of submissions) {
    if (submission.kind === 'record-version') {
      if (submission.submitter !== undefined) add(submission.source, submission.submitter.keyId);
    } else if (submission.entry.kind === 'key') {
      const { source, keyId, replaces } = submission.entry;
      add(source, keyId);
      if (replaces !== undefined) add(source, replaces);
    }
  }
  return [...names.values()];
}

export async function readSourceKeys(
  client: Pick<Client, 'query'>,
  log: number,
  names: readonly KeyName[],
): Promise<ReadonlyMap<string, SourceKey>> {
  if (names.length === 0) return new Map();
  const { rows } = await client.query<SourceKeyRow>({
    name: 'source-keys',
    text: `SELECT ${SOURCE_KEY_COLUMNS} FROM source_key JOIN unnest($1::uuid[], $2::text[]) AS asked (source, key_id) USING (source, key_id) WHERE log = $3`,
    values: [names.map(({ source }) => source), names.map(({ keyId }) => keyId), log],
  });
  return new Map(rows.map((row) => [sourceKeyName(row.source, row.key_id), toSourceKey(row)]));
}

/** The trigger of the table lets a row only come into being, and end once. */
export function writeSourceKeys(client: Client, log: number, keys: readonly SourceKey[]): Promise<unknown>[] {
  return keys.map((key) =>
    client.query({
      name: 'source-key-write',
      text: `INSERT INTO source_key (log, source, key_id, jwk, registered_index, revoked_index, replaced_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (log, source, key_id) DO UPDATE SET revoked_index = EXCLUDED.revoked_index, replaced_by = EXCLUDED.replaced_by`,
      values: [
        log,
        key.source,
        key.keyId,
        JSON.stringify(key.jwk),
        key.registeredIndex,
        key.revokedIndex,
        key.replacedBy,
      ],
    }),
  );
}

export function toSourceKey(row: SourceKeyRow): SourceKey {
  return {
    source: row.source,
    keyId: row.key_id,
    jwk: row.jwk,
    registeredIndex: row.registered_index,
    revokedIndex: row.revoked_index,
    replacedBy: row.replaced_by,
  };
}
