import { edgeTiles, InvariantError, type Tile, type TileCoordinates } from '@medanchor/verifier';
import { inTransaction, type Client, type Pool, type Queryable } from '../../platform/database/pool.ts';
import { type SignedCheckpoint, type StageSizes, type TreeHead } from '../model.ts';
import { parseEntries } from './entry-octets.ts';
import { TreeStore, type IntegrationInput, type IntegrationOutput } from './tree-store.port.ts';

interface BatchRow {
  readonly first_index: bigint;
  readonly entries: Buffer;
  readonly leaf_hashes: Buffer;
}

export class PgTreeStore extends TreeStore {
  readonly #pool: Pool;
  readonly #log: number;

  constructor(pool: Pool, log: number) {
    super();
    this.#pool = pool;
    this.#log = log;
  }

  async integrate(limit: number, work: (input: IntegrationInput) => IntegrationOutput): Promise<TreeHead | null> {
    return inTransaction(this.#pool, 'BEGIN', async (client) => {
      const { rows } = await client.query<TreeHead>({
        name: 'integrate-lock',
        text: 'SELECT size, root FROM log_tree WHERE log = $1 FOR UPDATE SKIP LOCKED',
        values: [this.#log],
      });
      const head = rows[0];
      if (head === undefined) return null;
      const batches = await this.#batches(client, head.size, limit);
      if (batches.length === 0) return null;
      const edge = await this.#edge(client, head.size);
      const output = work({
        head,
        edge,
        entries: batches.flatMap((batch) => parseEntries(batch.entries)),
        leafHashes: batches.flatMap((batch) => splitHashes(batch.leaf_hashes)),
      });
      await this.#writeTiles(client, output.tiles);
      await client.query({
        name: 'integrate-advance',
        text: 'UPDATE log_tree SET size = $2, root = $3 WHERE log = $1',
        values: [this.#log, output.size, output.root],
      });
      return { size: output.size, root: output.root };
    });
  }

  async #batches(client: Client, from: bigint, limit: number): Promise<readonly BatchRow[]> {
    const { rows } = await client.query<BatchRow>({
      name: 'integrate-batches',
      text: `SELECT first_index, entries, leaf_hashes FROM entry_batch
             WHERE log = $1 AND first_index >= $2 AND first_index < $2 + $3 ORDER BY first_index`,
      values: [this.#log, from, limit],
    });
    // A gap is damage (rows deleted behind our back): never build a tree over it.
    let expected = from;
    for (const row of rows) {
      if (row.first_index !== expected)
        throw new InvariantError(`entries ${expected} to ${row.first_index - 1n} are missing`);
      expected += BigInt(row.leaf_hashes.length / 32);
    }
    return rows;
  }

  async #edge(client: Client, size: bigint): Promise<readonly Tile[]> {
    const wanted = edgeTiles(size);
    const found = await this.#read(client, wanted);
    return wanted.map((tile, position) => ({
      level: tile.level,
      index: tile.index,
      data: found[position] as Uint8Array,
    }));
  }

  async #writeTiles(client: Client, tiles: readonly Tile[]): Promise<void> {
    await client.query({
      name: 'integrate-tiles',
      text: `INSERT INTO tile (log, level, n, hashes) SELECT $1, * FROM unnest($2::smallint[], $3::bigint[], $4::bytea[])
             ON CONFLICT (log, level, n) DO UPDATE SET hashes = excluded.hashes`,
      values: [
        this.#log,
        tiles.map((tile) => tile.level),
        tiles.map((tile) => tile.index),
        tiles.map((tile) => tile.data),
      ],
    });
  }

  async sign(work: (head: TreeHead) => string): Promise<SignedCheckpoint | null> {
    return inTransaction(this.#pool, 'BEGIN', async (client) => {
      const locked = await client.query<{ size: bigint }>({
        name: 'checkpoint-lock',
        text: 'SELECT size FROM log_checkpoint WHERE log = $1 FOR UPDATE SKIP LOCKED',
        values: [this.#log],
      });
      const signed = locked.rows[0];
      if (signed === undefined) return null;
      const head = await this.#head(client);
      if (head.size <= signed.size) return null;
      const note = work(head);
      await client.query({
        name: 'checkpoint-insert',
        text: 'INSERT INTO checkpoint (log, size, root, note) VALUES ($1, $2, $3, $4)',
        values: [this.#log, head.size, head.root, note],
      });
      const advanced = await client.query({
        name: 'checkpoint-advance',
        text: 'UPDATE log_checkpoint SET size = $2, root = $3 WHERE log = $1 AND size = $4',
        values: [this.#log, head.size, head.root, signed.size],
      });
      if (advanced.rowCount !== 1) throw new InvariantError('the signed size changed under its own lock');
      return { ...head, note };
    });
  }

  async head(): Promise<TreeHead> {
    return this.#head(this.#pool);
  }

  async #head(on: Queryable): Promise<TreeHead> {
    const { rows } = await on.query<TreeHead>({
      name: 'tree-head',
      text: 'SELECT size, root FROM log_tree WHERE log = $1',
      values: [this.#log],
    });
    if (rows[0] === undefined) throw new InvariantError(`log ${this.#log} has no tree row`);
    return rows[0];
  }

  async tiles(wanted: readonly TileCoordinates[]): Promise<readonly Uint8Array[]> {
    return this.#read(this.#pool, wanted);
  }

  async #read(on: Queryable, wanted: readonly TileCoordinates[]): Promise<readonly Uint8Array[]> {
    if (wanted.length === 0) return [];
    const { rows } = await on.query<{ level: number; n: bigint; hashes: Buffer }>({
      name: 'tiles-read',
      text: `SELECT level, n, hashes FROM tile JOIN unnest($2::smallint[], $3::bigint[]) AS asked (level, n) USING (level, n) WHERE log = $1`,
      values: [this.#log, wanted.map((tile) => tile.level), wanted.map((tile) => tile.index)],
    });
    const found = new Map(rows.map((row) => [`${row.level}/${row.n}`, row.hashes]));
    return wanted.map(({ level, index, width }) => {
      const hashes = found.get(`${level}/${index}`);
      if (hashes === undefined || hashes.length < width * 32)
        throw new InvariantError(`tile ${level}/${index} has fewer than ${width} hashes`);
      // What is beyond the asked width belongs to a larger tree and must not take part in this proof.
      return hashes.subarray(0, width * 32);
    });
  }

  async tile(level: number, index: bigint): Promise<Uint8Array | null> {
    const { rows } = await this.#pool.query<{ hashes: Buffer }>({
      name: 'tile-read',
      text: 'SELECT hashes FROM tile WHERE log = $1 AND level = $2 AND n = $3',
      values: [this.#log, level, index],
    });
    return rows[0]?.hashes ?? null;
  }

  async latestCheckpoint(): Promise<SignedCheckpoint | null> {
    return this.#checkpoint('checkpoint-latest', 'WHERE log = $1 ORDER BY size DESC LIMIT 1', [this.#log]);
  }

  async checkpoint(size: bigint): Promise<SignedCheckpoint | null> {
    return this.#checkpoint('checkpoint-by-size', 'WHERE log = $1 AND size = $2', [this.#log, size]);
  }

  async #checkpoint(name: string, where: string, values: unknown[]): Promise<SignedCheckpoint | null> {
    const { rows } = await this.#pool.query<SignedCheckpoint>({
      name,
      text: `SELECT size, root, note FROM checkpoint ${where}`,
      values,
    });
    return rows[0] ?? null;
  }

  async sizes(epoch: number): Promise<StageSizes> {
    const { rows } = await this.#pool.query<Record<keyof StageSizes, bigint>>({
      name: 'stage-sizes',
      text: `SELECT next_index AS sequenced, log_tree.size AS integrated, log_checkpoint.size AS checkpointed,
               coalesce((SELECT max(size) FROM anchor WHERE log = $1 AND epoch = $2 AND state IN ('anchored', 'confirmed')), 0) AS anchored,
               coalesce((SELECT max(size) FROM anchor WHERE log = $1 AND epoch = $2 AND state = 'confirmed'), 0) AS confirmed
             FROM log_sequence JOIN log_tree USING (log) JOIN log_checkpoint USING (log) WHERE log = $1`,
      values: [this.#log, epoch],
    });
    if (rows[0] === undefined) throw new InvariantError(`log ${this.#log} has no stage rows`);
    return rows[0];
  }
}

function splitHashes(bytes: Buffer): Uint8Array[] {
  return Array.from({ length: bytes.length / 32 }, (_, position) => bytes.subarray(position * 32, position * 32 + 32));
}
