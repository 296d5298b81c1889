// EntryStore on PostgreSQL: one short transaction per batch, the batch itself one row.
//
// Crash at any point before COMMIT: nothing happened. After COMMIT: everything did; a repeated call finds duplicates.
import { InvariantError, type Activity, type ComponentName, type Scheme } from '@medanchor/verifier';
import { int8Array, textArray } from '../../platform/database/binary-array.ts';
import { answers, commit, onConnection, type Client, type Pool } from '../../platform/database/pool.ts';
import { type SourceKey, type StoredVersion } from '../model.ts';
import { parseEntries } from './entry-octets.ts';
import {
  advanceHeads,
  insertBatch,
  insertRecords,
  insertVersions,
  isTakenName,
  moveSubjects,
  recordsToCreate,
  type RecordToCreate,
} from './entry-rows.pg.ts';
import { keysConcerned, readSourceKeys, writeSourceKeys } from './source-key-rows.pg.ts';
import {
  EntryStore,
  RecordErasedError,
  RecordExistsError,
  versionKey,
  type BatchPlan,
  type Planner,
  type RecordHead,
  type SequenceResult,
  type Submission,
  type VersionSubmission,
  type Within,
} from './entry-store.port.ts';

type Heads = ReadonlyMap<bigint, RecordHead>;
type Known = ReadonlyMap<string, StoredVersion>;
type Keys = ReadonlyMap<string, SourceKey>;

export class PgEntryStore extends EntryStore {
  readonly #pool: Pool;
  readonly #log: number;

  constructor(pool: Pool, log: number) {
    super();
    this.#pool = pool;
    this.#log = log;
  }

  async sequence(
    submissions: readonly Submission[],
    planner: Planner,
    within?: Within,
  ): Promise<readonly SequenceResult[]> {
    if (submissions.length === 0) return [];
    const versions = submissions.filter((submission) => submission.kind === 'record-version');
    return onConnection(this.#pool, async (client) => {
      // Two round trips in all, since each one costs a turn of a busy event loop while everybody else waits for the lock.
      // Statements run in the order in which they are sent; each after the lock sees what was committed before it.
      const [, nextIndex, heads, known, keys] = await answers<[unknown, bigint, Heads, Known, Keys]>([
        client.query('BEGIN'),
        this.#lock(client),
        this.#heads(client, versions),
        this.#existing(
          client,
          versions.filter((version) => version.create === undefined),
        ),
        readSourceKeys(client, this.#log, keysConcerned(submissions)),
      ]);
      const late = versions.filter((version) => version.create !== undefined && heads.has(version.record));
      const existing = late.length === 0 ? known : new Map([...known, ...(await this.#existing(client, late))]);
      const plan = planner({ nextIndex, heads, existing, keys }, submissions);
      const writes = [
        ...this.#write(client, nextIndex, plan, recordsToCreate(versions, heads)),
        ...moveSubjects(client, submissions, plan.results, heads),
      ];
      if (within === undefined || plan.entries.length === 0) {
        await answers<unknown[]>([...writes, commit(client)]);
      } else {
        await answers<unknown[]>(writes);
        await within(client, plan.results);
        await commit(client);
      }
      return plan.results;
    }).catch((error: unknown) => {
      throw isTakenName(error) ? new RecordExistsError({ cause: error }) : error;
    });
  }

  /** The coordination row orders all processes: whoever holds it owns the next indexes. */
  async #lock(client: Client): Promise<bigint> {
    const { rows } = await client.query<{ next_index: bigint }>({
      name: 'sequence-lock',
      text: 'SELECT next_index FROM log_sequence WHERE log = $1 FOR UPDATE',
      values: [this.#log],
    });
    if (rows[0] === undefined) throw new InvariantError(`log ${this.#log} has no sequence row`);
    return rows[0].next_index;
  }

  async #heads(client: Client, versions: readonly VersionSubmission[]): Promise<Heads> {
    if (versions.length === 0) return new Map();
    const { rows } = await client.query<HeadRow>({
      name: 'sequence-heads',
      text: 'SELECT id, head_seq, head_leaf, subject_ref, erased_at IS NOT NULL AS erased FROM record WHERE id = ANY($1::bigint[])',
      values: [int8Array([...new Set(versions.map((version) => version.record))])],
    });
    if (rows.some((row) => row.erased)) throw new RecordErasedError();
    return new Map(
      rows.map((row) => [row.id, { seq: row.head_seq, leaf: row.head_leaf, subjectRef: row.subject_ref }]),
    );
  }

  async #existing(client: Client, versions: readonly VersionSubmission[]): Promise<Known> {
    if (versions.length === 0) return new Map();
    const { rows } = await client.query<VersionRow>({
      name: 'sequence-existing',
      text: `${SELECT_VERSION} JOIN unnest($1::bigint[], $2::text[]) AS asked (record, version_id) USING (record, version_id)`,
      values: [
        int8Array(versions.map((version) => version.record)),
        textArray(versions.map((version) => version.versionId)),
      ],
    });
    return new Map(rows.map((row) => [versionKey(row.record, row.version_id ?? ''), toStoredVersion(row)]));
  }

  #write(
    client: Client,
    firstIndex: bigint,
    plan: BatchPlan,
    fresh: ReadonlyMap<bigint, RecordToCreate>,
  ): Promise<unknown>[] {
    if (plan.entries.length === 0) return [];
    const older = [...plan.heads].filter(([record]) => !fresh.has(record));
    return [
      ...insertRecords(client, this.#log, fresh, plan.heads),
      ...insertBatch(client, this.#log, firstIndex, plan),
      ...insertVersions(client, this.#log, firstIndex, plan),
      ...advanceHeads(client, older),
      ...writeSourceKeys(client, this.#log, plan.keys),
    ];
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

interface HeadRow {
  readonly id: bigint;
  readonly head_seq: bigint;
  readonly head_leaf: Buffer | null;
  readonly subject_ref: Buffer | null;
  readonly erased: boolean;
}

export interface VersionRow {
  readonly record: bigint;
  readonly seq: bigint;
  /** null: cleared, with an erased record. */
  readonly version_id: string | null;
  readonly index: bigint;
  readonly leaf_hash: Buffer;
  readonly entry: Buffer;
  readonly activity: string;
  readonly scheme: string;
  readonly media_type: string;
  readonly component_names: string;
  readonly component_commitments: Buffer;
  readonly recorded_at: Date;
  readonly submitted_by: string | null;
}

/** A version with its entry's octets, cut out of the batch's row; empty when that row was removed behind our back. */
export const SELECT_VERSION = `
  SELECT record, seq, version_id, index, leaf_hash, activity, scheme, media_type, component_names, component_commitments, recorded_at, submitted_by,
         coalesce(substring(entries FROM entry_offset + 1 FOR entry_length), '') AS entry
  FROM version LEFT JOIN entry_batch ON entry_batch.log = version.log AND entry_batch.first_index = version.batch_first`;

export function toStoredVersion(row: VersionRow): StoredVersion {
  const names = row.component_names.split(',') as ComponentName[];
  return {
    record: row.record,
    seq: row.seq,
    versionId: row.version_id ?? '',
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
    submittedBy: row.submitted_by,
  };
}
