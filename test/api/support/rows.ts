// What is stored, counted: a refused request must leave every number as it was.

import type { Site } from '../../flow/support/site.ts';

export interface Rows {
  readonly source: number;
  readonly record: number;
  readonly version: number;
  readonly batches: number;
  readonly entries: number;
  readonly next: number;
}

export async function rows(site: Site): Promise<Rows> {
  const [row] = await site.read<Rows & { [column: string]: unknown }>(
    `SELECT (SELECT count(*)::int FROM source) AS source,
            (SELECT count(*)::int FROM record) AS record,
            (SELECT count(*)::int FROM version) AS version,
            (SELECT count(*)::int FROM entry_batch) AS batches,
            (SELECT coalesce(sum(entry_count), 0)::int FROM entry_batch) AS entries,
            (SELECT coalesce(max(next_index), 0)::int FROM log_sequence) AS next`,
  );
  if (row === undefined) throw new Error('a SELECT without FROM gives one row');
  return row;
}
