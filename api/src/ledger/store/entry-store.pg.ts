// EntryStore on PostgreSQL: one short transaction per batch, the batch itself one row.
//
// Crash at any point before COMMIT: nothing happened. After COMMIT: everything did; a repeated call finds duplicates.
import { InvariantError, type Activity, type ComponentName, type Scheme } from '@medanchor/verifier';
import { inTransaction, type Client, type Pool } from '../../platform/database/pool.ts';
import { type StoredVersion } from '../model.ts';
import { formatEntries, parseEntries } from './entry-octets.ts';
import {
  EntryStore,
  versionKey,
  type BatchPlan,
  type Planner,
  type RecordHead,
  type SequenceResult,
  type Submission,
  type VersionSubmission,
} from './entry-store.port.ts';

export class PgEntryStore extends EntryStore {
  readonly #pool: Pool;
  readonly #log: number;

  constructor(pool: Pool, log: number) {
    super();
    this.#pool = pool;
    this.#log = log;
  }

  async sequence(submissions: readonly Submission[], planner: Planner): Promise<readonly SequenceResult[]> {
    if (submissions.length === 0) return [];
    return inTransaction(this.#pool, 'BEGIN', async (client) => {
      // The coordination row orders all processes: whoever holds it owns the next indexes.
      const { rows } = await client.query<{ next_index: bigint }>({
        name: 'sequence-lock',
        text: 'SELECT next_index FROM log_sequence WHERE log = $1 FOR UPDATE',
        values: [this.#log],
      });
      const nextIndex = rows[0]?.next_index;
      if (nextIndex === undefined) throw new InvariantError(`log ${this.#log} has no sequence row`);
      const versions = submissions.filter((submission) => submission.kind === 'record-version');
      const heads = await this.#heads(client, versions);
      const existing = await this.#existing(client, versions);
      const plan = planner({ nextIndex, heads, existing }, submissions);
      if (plan.entries.length > 0) await this.#write(client, nextIndex, plan);
      return plan.results;
    });
  }

  async #heads(client: Client, versions: readonly VersionSubmission[]): Promise<ReadonlyMap<bigint, RecordHead>> {
    if (versions.length === 0) return new Map();
    const { rows } = await client.query<{ id: bigint; head_seq: bigint; head_leaf: Buffer | null }>({
      name: 'sequence-heads',
      text: 'SELECT id, head_seq, head_leaf FROM record WHERE id = ANY($1::bigint[])',
      values: [[...new Set(versions.map((version) => version.record))]],
    });
    return new Map(rows.map((row) => [row.id, { seq: row.head_seq, leaf: row.head_leaf }]));
  }

  async #existing(client: Client, versions: readonly VersionSubmission[]): Promise<ReadonlyMap<string, StoredVersion>> {
    if (versions.length === 0) return new Map();
    const { rows } = await client.query<VersionRow>({
      name: 'sequence-existing',
      text: `${SELECT_VERSION} JOIN unnest($1::bigint[], $2::text[]) AS asked (record, version_id) USING (record, version_id)`,
      values: [versions.map((version) => version.record), versions.map((version) => version.versionId)],
    });
    return new Map(rows.map((row) => [versionKey(row.record, row.version_id), toStoredVersion(row)]));
  }

  async #write(client: Client, firstIndex: bigint, plan: BatchPlan): Promise<void> {
    await client.query({
      name: 'sequence-batch',
      text: 'INSERT INTO entry_batch (log, first_index, entry_count, entries, leaf_hashes) VALUES ($1, $2, $3, $4, $5)',
      values: [
        this.#log,
        firstIndex,
        plan.entries.length,
        formatEntries(plan.entries.map((entry) => entry.bytes)),
        Buffer.concat(plan.entries.map((entry) => entry.leafHash)),
      ],
    });
    await this.#writeVersions(client, firstIndex, plan);
    if (plan.heads.size > 0) {
      const heads = [...plan.heads];
      await client.query({
        name: 'sequence-advance-heads',
        text: `UPDATE record SET head_seq = new.seq, head_leaf = new.leaf
               FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) AS new (id, seq, leaf) WHERE record.id = new.id`,
        values: [heads.map(([id]) => id), heads.map(([, head]) => head.seq), heads.map(([, head]) => head.leaf)],
      });
    }
    await client.query({
      name: 'sequence-advance',
      text: 'UPDATE log_sequence SET next_index = next_index + $2 WHERE log = $1',
      values: [this.#log, plan.entries.length],
    });
  }

  async #writeVersions(client: Client, firstIndex: bigint, plan: BatchPlan): Promise<void> {
    const rows: { version: StoredVersion; offset: number }[] = [];
    let offset = 0;
    for (const entry of plan.entries) {
      offset += 2;
      if (entry.version !== undefined) rows.push({ version: entry.version, offset });
      offset += entry.bytes.length;
    }
    if (rows.length === 0) return;
    const column = <T>(pick: (version: StoredVersion) => T): T[] => rows.map(({ version }) => pick(version));
    await client.query({
      name: 'sequence-versions',
      text: `INSERT INTO version (log, batch_first, recorded_at, record, seq, version_id, index, leaf_hash, entry_offset, entry_length,
                                  activity, scheme, media_type, component_names, component_commitments)
             SELECT $1, $2, $3, * FROM unnest($4::bigint[], $5::bigint[], $6::text[], $7::bigint[], $8::bytea[], $9::int[], $10::int[],
                                              $11::text[], $12::text[], $13::text[], $14::text[], $15::bytea[])`,
      values: [
        this.#log,
        firstIndex,
        rows[0]?.version.recordedAt,
        column((version) => version.record),
        column((version) => version.seq),
        column((version) => version.versionId),
        column((version) => version.index),
        column((version) => version.leafHash),
        rows.map((row) => row.offset),
        column((version) => version.entry.length),
        column((version) => version.activity),
        column((version) => version.scheme),
        column((version) => version.mediaType),
        column((version) => version.components.map((component) => component.name).join(',')),
        column((version) => Buffer.concat(version.components.map((component) => component.commitment))),
      ],
    });
  }

  async ends(): Promise<{ next: bigint; stored: bigint }> {
    const { rows } = await this.#pool.query<{ next: bigint; stored: bigint }>(
      // One statement, one snapshot.
      `SELECT next_index AS next, coalesce((SELECT first_index + entry_count FROM entry_batch WHERE log = $1
                                            ORDER BY first_index DESC LIMIT 1), 0) AS stored
       FROM log_sequence WHERE log = $1`,
      [this.#log],
    );
    if (rows[0] === undefined) throw new InvariantError(`log ${this.#log} has no sequence row`);
    return rows[0];
  }

  async readEntries(from: bigint, to: bigint): Promise<readonly Uint8Array[]> {
    const { rows } = await this.#pool.query<{ first_index: bigint; entries: Buffer }>({
      name: 'read-entries',
      // The batch that holds `from` starts at or before it; at most one such batch is needed.
      text: `SELECT first_index, entries FROM entry_batch WHERE log = $1 AND first_index < $3 AND first_index >=
               coalesce((SELECT max(first_index) FROM entry_batch WHERE log = $1 AND first_index <= $2), 0)
             ORDER BY first_index`,
      values: [this.#log, from, to],
    });
    const entries: Uint8Array[] = [];
    for (const row of rows) {
      parseEntries(row.entries).forEach((entry, position) => {
        const index = row.first_index + BigInt(position);
        if (index >= from && index < to) entries.push(entry);
      });
    }
    return entries;
  }
}

export interface VersionRow {
  readonly record: bigint;
  readonly seq: bigint;
  readonly version_id: string;
  readonly index: bigint;
  readonly leaf_hash: Buffer;
  readonly entry: Buffer;
  readonly activity: string;
  readonly scheme: string;
  readonly media_type: string;
  readonly component_names: string;
  readonly component_commitments: Buffer;
  readonly recorded_at: Date;
}

/** A version with its entry's octets, cut out of the batch's row; empty when that row was removed behind our back. */
export const SELECT_VERSION = `
  SELECT record, seq, version_id, index, leaf_hash, activity, scheme, media_type, component_names, component_commitments, recorded_at,
         coalesce(substring(entries FROM entry_offset + 1 FOR entry_length), '') AS entry
  FROM version LEFT JOIN entry_batch ON entry_batch.log = version.log AND entry_batch.first_index = version.batch_first`;

export function toStoredVersion(row: VersionRow): StoredVersion {
  const names = row.component_names.split(',') as ComponentName[];
  return {
    record: row.record,
    seq: row.seq,
    versionId: row.version_id,
    index: row.index,
    leafHash: row.leaf_hash,
    entry: row.entry,
    activity: row.activity as Activity,
    scheme: row.scheme as Scheme,
    mediaType: row.media_type,
    components: names.map((name, position) => ({
      name,
      commitment: row.component_commitments.subarray(position * 32, position * 32 + 32),
    })),
    recordedAt: row.recorded_at,
  };
}
