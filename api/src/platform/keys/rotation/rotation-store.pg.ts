import { InvariantError } from '@medanchor/verifier';
import { exclusively } from '../../database/advisory-lock.ts';
import { commit, inTransaction, onConnection, type Pool, type Queryable } from '../../database/pool.ts';
import { RotationStore, type Rotation, type RotationStep, type RotationWithin } from './rotation-store.port.ts';

/** Key of the advisory lock: "kekr" in ASCII. */
const LOCK_CLASS = 0x6b656b72;

const ROTATION = `id, state, from_keys AS "from", to_key AS "to", target, cursor, total, rewrapped, failed, started_at AS "startedAt",
  updated_at AS "updatedAt", finished_at AS "finishedAt"`;

export class PgRotationStore extends RotationStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    super();
    this.#pool = pool;
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T | null> {
    return (await exclusively(this.#pool, LOCK_CLASS, 0, work))?.done ?? null;
  }

  async latest(): Promise<Rotation | null> {
    const { rows } = await this.#pool.query<Rotation>(`SELECT ${ROTATION} FROM kek_rotation ORDER BY id DESC LIMIT 1`);
    return rows[0] ?? null;
  }

  async begin(
    { from, to, total }: Pick<Rotation, 'from' | 'to' | 'total'>,
    at: Date,
    within: RotationWithin,
  ): Promise<Rotation> {
    return inTransaction(this.#pool, 'BEGIN', async (client) => {
      await client.query(`UPDATE kek_rotation SET state = 'stopped', updated_at = $1 WHERE state = 'running'`, [at]);
      const begun = await one(
        client,
        `INSERT INTO kek_rotation (state, from_keys, to_key, total, started_at, updated_at) VALUES ('running', $1, $2, $3, $4, $4) RETURNING ${ROTATION}`,
        [[...from], to, total, at],
      );
      await within(client, begun);
      return begun;
    });
  }

  async resume(id: bigint, at: Date, within: RotationWithin): Promise<Rotation> {
    return inTransaction(this.#pool, 'BEGIN', async (client) => {
      const resumed = await one(
        client,
        `UPDATE kek_rotation SET state = 'running', updated_at = $2 WHERE id = $1 RETURNING ${ROTATION}`,
        [id, at],
      );
      await within(client, resumed);
      return resumed;
    });
  }

  async advance(id: bigint, { target, cursor, swaps, failed }: RotationStep, at: Date): Promise<Rotation> {
    return onConnection(this.#pool, async (client) => {
      await client.query('BEGIN');
      const replaced = swaps.length === 0 ? 0 : await target.replace(client, swaps);
      const rotation = await one(
        client,
        `UPDATE kek_rotation SET target = $2, cursor = $3, rewrapped = rewrapped + $4, failed = $5, updated_at = $6 WHERE id = $1 RETURNING ${ROTATION}`,
        [id, target.name, cursor, replaced, failed, at],
      );
      await commit(client);
      return rotation;
    });
  }

  async rewind(id: bigint, at: Date): Promise<void> {
    await this.#pool.query(
      'UPDATE kek_rotation SET target = NULL, cursor = NULL, failed = 0, updated_at = $2 WHERE id = $1',
      [id, at],
    );
  }

  async end(id: bigint, state: 'stopped' | 'finished', at: Date, within: RotationWithin): Promise<Rotation> {
    return inTransaction(this.#pool, 'BEGIN', async (client) => {
      const ended = await one(
        client,
        `UPDATE kek_rotation SET state = $2, updated_at = $3, finished_at = CASE WHEN $2 = 'finished' THEN $3::timestamptz END WHERE id = $1 RETURNING ${ROTATION}`,
        [id, state, at],
      );
      await within(client, ended);
      return ended;
    });
  }
}

async function one(database: Queryable, statement: string, values: readonly unknown[]): Promise<Rotation> {
  const { rows } = await database.query<Rotation>(statement, [...values]);
  if (rows[0] === undefined) throw new InvariantError('a rotation that was written is not there');
  return rows[0];
}
