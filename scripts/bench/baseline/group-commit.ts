// Group commit as simple as it can be: rows that arrive while a transaction is under way, or within two milliseconds, go
// into the next one; at most 512 in one statement.

import type pg from 'pg';

export interface PrototypeRow {
  readonly record: string;
  readonly version: string;
  readonly digest: Buffer;
}

export const PROTOTYPE_TABLE = `CREATE TABLE IF NOT EXISTS prototype_version (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  record_id text NOT NULL,
  version_id text NOT NULL,
  digest bytea NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (record_id, version_id))`;

interface Waiting extends PrototypeRow {
  readonly resolve: (id: string) => void;
  readonly reject: (error: unknown) => void;
}

const MOST_ROWS = 512;
const WAIT_MS = 2;

export class GroupCommit {
  readonly #pool: pg.Pool;
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Resolves with the row's id when the row is durable. */
  add(row: PrototypeRow): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...row, resolve, reject });
      if (!this.#busy) {
        this.#busy = true;
        setTimeout(() => void this.#run(), WAIT_MS);
      }
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, MOST_ROWS));
    this.#busy = false;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    try {
      const { rows } = await this.#pool.query<{ id: string }>({
        name: 'group',
        text: `INSERT INTO prototype_version (record_id, version_id, digest)
               SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[]) RETURNING id`,
        values: [group.map((row) => row.record), group.map((row) => row.version), group.map((row) => row.digest)],
      });
      group.forEach((row, position) => row.resolve(rows[position]?.id ?? ''));
    } catch (error) {
      for (const row of group) row.reject(error);
    }
  }
}
