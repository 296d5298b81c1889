// The rows that one batch becomes: its own, those of its versions, and those of the records that they belong to. Each
// statement writes all rows of one table; they run in the sequencing transaction, under its lock. None waits for an answer: the
// promises of all of them are given back, in the order in which they were sent.
import { equalBytes } from '@medanchor/verifier';
import { byteaArray, int4Array, int8Array, textArray, uuidArray } from '../../platform/database/binary-array.ts';
import { type Client } from '../../platform/database/pool.ts';
import { type StoredVersion } from '../model.ts';
import { formatEntries } from './entry-octets.ts';
import {
  type BatchPlan,
  type NewRecord,
  type RecordHead,
  type SequenceResult,
  type Submission,
  type VersionSubmission,
} from './entry-store.port.ts';

export interface RecordToCreate extends NewRecord {
  readonly id: bigint;
  readonly recordRef: Uint8Array;
}

/** The records that this batch brings into being: asked for, and not there. */
export function recordsToCreate(
  versions: readonly VersionSubmission[],
  heads: ReadonlyMap<bigint, RecordHead>,
): ReadonlyMap<bigint, RecordToCreate> {
  const fresh = new Map<bigint, RecordToCreate>();
  for (const { record, recordRef, create } of versions) {
    if (create !== undefined && !heads.has(record)) fresh.set(record, { ...create, id: record, recordRef });
  }
  return fresh;
}

/** The batch as one row, and the sequence advanced over it: the trigger of the batch checks that they meet. */
export function insertBatch(client: Client, log: number, firstIndex: bigint, plan: BatchPlan): Promise<unknown>[] {
  const batch = client.query({
    name: 'sequence-batch',
    text: 'INSERT INTO entry_batch (log, first_index, entry_count, entries, leaf_hashes) VALUES ($1, $2, $3, $4, $5)',
    values: [
      log,
      firstIndex,
      plan.entries.length,
      formatEntries(plan.entries.map((entry) => entry.bytes)),
      Buffer.concat(plan.entries.map((entry) => entry.leafHash)),
    ],
  });
  const advance = client.query({
    name: 'sequence-advance',
    text: 'UPDATE log_sequence SET next_index = next_index + $2 WHERE log = $1',
    values: [log, plan.entries.length],
  });
  return [batch, advance];
}

export function insertVersions(client: Client, log: number, firstIndex: bigint, plan: BatchPlan): Promise<unknown>[] {
  const rows: { version: StoredVersion; offset: number }[] = [];
  let offset = 0;
  for (const entry of plan.entries) {
    offset += 2;
    if (entry.version !== undefined) rows.push({ version: entry.version, offset });
    offset += entry.bytes.length;
  }
  if (rows.length === 0) return [];
  const column = <T>(pick: (version: StoredVersion) => T): T[] => rows.map(({ version }) => pick(version));
  const versions = client.query({
    name: 'sequence-versions',
    text: `INSERT INTO version (log, batch_first, recorded_at, record, seq, version_id, index, leaf_hash, entry_offset, entry_length,
                                activity, scheme, media_type, component_names, component_commitments, submitted_by)
           SELECT $1, $2, $3, * FROM unnest($4::bigint[], $5::bigint[], $6::text[], $7::bigint[], $8::bytea[], $9::int[], $10::int[],
                                            $11::text[], $12::text[], $13::text[], $14::text[], $15::bytea[], $16::text[])`,
    values: [
      log,
      firstIndex,
      rows[0]?.version.recordedAt,
      int8Array(column((version) => version.record)),
      int8Array(column((version) => version.seq)),
      textArray(column((version) => version.versionId)),
      int8Array(column((version) => version.index)),
      byteaArray(column((version) => version.leafHash)),
      int4Array(rows.map((row) => row.offset)),
      int4Array(column((version) => version.entry.length)),
      textArray(column((version) => version.activity)),
      textArray(column((version) => version.scheme)),
      textArray(column((version) => version.mediaType)),
      textArray(column((version) => version.components.map((component) => component.name).join(','))),
      byteaArray(column((version) => Buffer.concat(version.components.map((component) => component.commitment)))),
      textArray(column((version) => version.submittedBy)),
    ],
  });
  return [versions];
}

/** Fails with a unique violation when one of the names is taken: see {@link isTakenName}. */
export function insertRecords(
  client: Client,
  log: number,
  fresh: ReadonlyMap<bigint, RecordToCreate>,
  heads: ReadonlyMap<bigint, RecordHead>,
): Promise<unknown>[] {
  const rows = [...fresh.values()].flatMap((record) => {
    const head = heads.get(record.id);
    return head === undefined ? [] : [{ record, head }];
  });
  if (rows.length === 0) return [];
  const records = client.query({
    name: 'sequence-records',
    text: `INSERT INTO record (id, log, source_id, record_id, record_ref, wrapped_key, key_holder, head_seq, head_leaf, subject_ref) OVERRIDING SYSTEM VALUE
           SELECT id, $1, source_id, record_id, record_ref, wrapped_key, CASE WHEN wrapped_key IS NULL THEN 'source' ELSE 'ledger' END, head_seq, head_leaf, subject_ref
           FROM unnest($2::bigint[], $3::uuid[], $4::text[], $5::bytea[], $6::bytea[], $7::bigint[], $8::bytea[], $9::bytea[])
             AS new (id, source_id, record_id, record_ref, wrapped_key, head_seq, head_leaf, subject_ref)`,
    values: [
      log,
      int8Array(rows.map(({ record }) => record.id)),
      uuidArray(rows.map(({ record }) => record.sourceId)),
      textArray(rows.map(({ record }) => record.recordId)),
      byteaArray(rows.map(({ record }) => record.recordRef)),
      byteaArray(rows.map(({ record }) => record.wrappedKey)),
      int8Array(rows.map(({ head }) => head.seq)),
      byteaArray(rows.map(({ head }) => head.leaf)),
      byteaArray(rows.map(({ record }) => record.subjectRef ?? null)),
    ],
  });
  const prepared = rows.filter(({ record }) => record.prepared === true).map(({ record }) => record.id);
  if (prepared.length === 0) return [records];
  // A wrapped key must not outlive its record's erasure in a row that nobody thinks of.
  const used = client.query({
    name: 'sequence-prepared',
    text: 'DELETE FROM prepared_record WHERE id = ANY($1::bigint[])',
    values: [int8Array(prepared)],
  });
  return [records, used];
}

const TAKEN = new Set(['record_source_id_record_id_key', 'record_pkey', 'record_source_held_ref']);

/** A name, an id that was reserved for it, or a pseudonym that a source chose: somebody else was first. */
export function isTakenName(error: unknown): boolean {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === '23505' && TAKEN.has(String(constraint));
}

/** The new heads of records that were there before. */
export function advanceHeads(
  client: Client,
  heads: readonly (readonly [record: bigint, head: RecordHead])[],
): Promise<unknown>[] {
  if (heads.length === 0) return [];
  const advance = client.query({
    name: 'sequence-advance-heads',
    text: `UPDATE record SET head_seq = new.seq, head_leaf = new.leaf
           FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) AS new (id, seq, leaf) WHERE record.id = new.id`,
    values: [
      int8Array(heads.map(([id]) => id)),
      int8Array(heads.map(([, head]) => head.seq)),
      byteaArray(heads.map(([, head]) => head.leaf)),
    ],
  });
  return [advance];
}

/**
 * Records that a newer version gives to another patient than the one they were known under: nearly always none. What was a
 * repeated delivery, or refused, moves nothing.
 */
export function moveSubjects(
  client: Client,
  submissions: readonly Submission[],
  results: readonly SequenceResult[],
  heads: ReadonlyMap<bigint, RecordHead>,
): Promise<unknown>[] {
  const newest = new Map<bigint, Uint8Array>();
  submissions.forEach((submission, position) => {
    if (submission.kind !== 'record-version' || results[position]?.result !== 'sequenced') return;
    if (submission.subjectRef !== undefined) newest.set(submission.record, submission.subjectRef);
  });
  const moved = [...newest].filter(([record, subject]) => {
    // A record that begins with this batch has its patient from the start.
    const before = heads.get(record)?.subjectRef;
    return before !== undefined && (before === null || !equalBytes(before, subject));
  });
  if (moved.length === 0) return [];
  const move = client.query({
    name: 'sequence-subjects',
    text: `UPDATE record SET subject_ref = new.subject_ref FROM unnest($1::bigint[], $2::bytea[]) AS new (id, subject_ref)
           WHERE record.id = new.id`,
    values: [int8Array(moved.map(([record]) => record)), byteaArray(moved.map(([, subject]) => subject))],
  });
  return [move];
}
