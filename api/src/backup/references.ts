// What must hold between rows of a restored database and is not, or not always, guarded by a foreign key: the append path
// does without them, since one transaction writes what belongs together. Here somebody else has written the rows.
import { type ClientBase } from 'pg';

interface Question {
  /** Shown with the number of rows in front. */
  readonly finding: string;
  /** Counts the rows that break it. */
  readonly count: string;
}

const QUESTIONS: readonly Question[] = [
  {
    finding: 'version rows refer to a record that is not there',
    count: 'SELECT count(*) FROM version WHERE NOT EXISTS (SELECT FROM record WHERE record.id = version.record)',
  },
  {
    finding: 'records refer to a source that is not there',
    count: 'SELECT count(*) FROM record WHERE NOT EXISTS (SELECT FROM source WHERE source.id = source_id)',
  },
  {
    finding: 'records refer to a log that is not there',
    count: 'SELECT count(*) FROM record WHERE NOT EXISTS (SELECT FROM log WHERE log.id = record.log)',
  },
  {
    finding: 'batches belong to a log that is not there',
    count: 'SELECT count(*) FROM entry_batch WHERE NOT EXISTS (SELECT FROM log WHERE log.id = entry_batch.log)',
  },
  {
    // Numbers run from 1 without a gap, so the count is the highest of them, and the head says both.
    finding: 'records do not have the versions that their head counts',
    count: `SELECT count(*) FROM record LEFT JOIN (SELECT record, count(*) AS versions, max(seq) AS highest FROM version GROUP BY record) own
              ON own.record = record.id
            WHERE coalesce(versions, 0) <> head_seq OR coalesce(highest, 0) <> head_seq`,
  },
  {
    finding: 'records do not end in the version that their head names',
    count: `SELECT count(*) FROM record JOIN version ON version.record = record.id AND version.seq = record.head_seq
            WHERE version.leaf_hash IS DISTINCT FROM record.head_leaf`,
  },
];

const ERASURE_QUESTIONS: readonly Question[] = [
  {
    finding: 'records have lost their key and name without an erasure',
    count: `SELECT count(*) FROM record WHERE (erased_at IS NOT NULL OR record_id IS NULL)
            AND NOT EXISTS (SELECT FROM erasure WHERE erasure.record = record.id)`,
  },
  {
    finding: 'erasures were not carried out: the key or a name of the record, or what opens a version, is still there',
    count: `SELECT count(*) FROM erasure LEFT JOIN record ON record.id = erasure.record
            WHERE record.erased_at IS NULL OR record.wrapped_key IS NOT NULL OR record.record_id IS NOT NULL OR EXISTS (
              SELECT FROM version WHERE version.record = erasure.record
                AND (version_id IS NOT NULL OR media_type <> '' OR component_names <> '' OR component_commitments <> ''))`,
  },
];

/** @returns one sentence for each rule that rows break; empty when all hold */
export async function brokenReferences(client: ClientBase): Promise<readonly string[]> {
  const findings: string[] = [];
  // The tables are those of the backup's own version, which may not know erasure.
  const { rowCount } = await client.query(`SELECT WHERE to_regclass('erasure') IS NOT NULL`);
  for (const { finding, count } of rowCount === 0 ? QUESTIONS : [...QUESTIONS, ...ERASURE_QUESTIONS]) {
    const { rows } = await client.query<{ count: string }>(count);
    if (rows[0]?.count !== '0') findings.push(`${rows[0]?.count ?? 'unknown'} ${finding}`);
  }
  return findings;
}
