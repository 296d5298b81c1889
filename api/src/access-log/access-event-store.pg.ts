// AccessEventStore on PostgreSQL: the rows of the chains' heads order all processes, as the sequence's row does for the log.
import { accessGenesis } from '@medanchor/verifier';
import { type Queryable } from '../platform/auth/access-log.port.ts';
import { byteaArray, int8Array, textArray, uuidArray } from '../platform/database/binary-array.ts';
import { answers, commit, onConnection, type Pool } from '../platform/database/pool.ts';
import { AccessEventStore, type EventQuery } from './access-event-store.port.ts';
import { placeEvents, type ChainHead, type PlacedEvent, type WrittenEvent } from './event.rules.ts';

interface HeadRow {
  readonly chain: string;
  readonly seq: bigint | string;
  readonly hash: Buffer;
}

const LOCK = 'SELECT chain, seq, hash FROM access_head WHERE chain = ANY($1::uuid[]) ORDER BY chain FOR UPDATE';

const CREATE = `INSERT INTO access_head (chain, seq, hash)
  SELECT chain, 0, hash FROM unnest($1::uuid[], $2::bytea[]) AS new (chain, hash) ORDER BY chain ON CONFLICT DO NOTHING`;

const INSERT = `INSERT INTO access_event (chain, seq, "time", event, previous_hash, hash)
  SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::bytea[])`;

const ADVANCE = `UPDATE access_head SET seq = new.seq, hash = new.hash
  FROM unnest($1::uuid[], $2::bigint[], $3::bytea[]) AS new (chain, seq, hash) WHERE access_head.chain = new.chain`;

/** On our own connections they are planned once. */
const NAMES = new Map([
  [LOCK, 'access-lock'],
  [INSERT, 'access-insert'],
  [ADVANCE, 'access-advance'],
]);

export class PgAccessEventStore extends AccessEventStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    super();
    this.#pool = pool;
  }

  async append(events: readonly WrittenEvent[]): Promise<void> {
    if (events.length === 0) return;
    await onConnection(this.#pool, async (client) => {
      const prepared: Queryable = {
        query: (text, values) => client.query({ name: NAMES.get(text), text, values: [...values] }),
      };
      const [, heads] = await answers<[unknown, ReadonlyMap<string, ChainHead>]>([
        client.query('BEGIN'),
        lock(prepared, events),
      ]);
      const placed = statements(placeEvents(heads, events));
      // None waits for the other's answer.
      await answers<unknown[]>([...placed.map(([sql, values]) => prepared.query(sql, values)), commit(client)]);
    });
  }

  async appendWithin(transaction: Queryable, events: readonly WrittenEvent[]): Promise<void> {
    if (events.length === 0) return;
    const placed = placeEvents(await lock(transaction, events), events);
    // One after the other: this connection may not be one that sends statements ahead.
    for (const [sql, values] of statements(placed)) await transaction.query(sql, values);
  }

  async find({ chain, after, from, to, recordRef, subject, limit }: EventQuery): Promise<readonly PlacedEvent[]> {
    const { rows } = await this.#pool.query<PlacedEvent>(
      `SELECT chain, seq, "time", event, previous_hash AS "previousHash", hash FROM access_event
       WHERE chain = $1 AND seq > $2 AND ($3::text IS NULL OR "time" >= $3) AND ($4::text IS NULL OR "time" <= $4)
         ${recordRef === null ? '' : `AND event::jsonb #>> '{entity,recordRef}' = $6`}
         ${subject === null ? '' : `AND event::jsonb #>> '{caller,subject}' = $${recordRef === null ? 6 : 7}`}
       ORDER BY seq LIMIT $5`,
      [
        chain,
        after,
        from,
        to,
        limit,
        ...(recordRef === null ? [] : [Buffer.from(recordRef).toString('hex')]),
        ...(subject === null ? [] : [subject]),
      ],
    );
    return rows;
  }

  async head(chain: string): Promise<bigint> {
    const { rows } = await this.#pool.query<{ seq: bigint }>('SELECT seq FROM access_head WHERE chain = $1', [chain]);
    return rows[0]?.seq ?? 0n;
  }
}

/** Locks the heads of all chains concerned, in one order for everybody, so that nobody waits in a circle. */
async function lock(on: Queryable, events: readonly WrittenEvent[]): Promise<ReadonlyMap<string, ChainHead>> {
  const chains = [...new Set(events.map(({ chain }) => chain))].sort();
  const asked = uuidArray(chains);
  let rows = rowsOf<HeadRow>(await on.query(LOCK, [asked]));
  if (rows.length < chains.length) {
    await on.query(CREATE, [asked, byteaArray(chains.map(accessGenesis))]);
    rows = rowsOf<HeadRow>(await on.query(LOCK, [asked]));
  }
  return new Map(rows.map(({ chain, seq, hash }) => [chain, { seq: BigInt(seq), hash }]));
}

function statements({ placed, heads }: ReturnType<typeof placeEvents>): readonly [string, unknown[]][] {
  const moved = [...heads];
  return [
    [
      INSERT,
      [
        uuidArray(placed.map(({ chain }) => chain)),
        int8Array(placed.map(({ seq }) => seq)),
        textArray(placed.map(({ time }) => time)),
        textArray(placed.map(({ event }) => event)),
        byteaArray(placed.map(({ previousHash }) => previousHash)),
        byteaArray(placed.map(({ hash }) => hash)),
      ],
    ],
    [
      ADVANCE,
      [
        uuidArray(moved.map(([chain]) => chain)),
        int8Array(moved.map(([, { seq }]) => seq)),
        byteaArray(moved.map(([, { hash }]) => hash)),
      ],
    ],
  ];
}

/** A pg client gives a result with rows, TypeORM's query runner the rows themselves. */
function rowsOf<T>(result: unknown): readonly T[] {
  if (Array.isArray(result)) return result as readonly T[];
  return (result as { readonly rows: readonly T[] }).rows;
}
