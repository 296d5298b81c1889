import { type Queryable } from '../database/pool.ts';
import { DataKeyStore, type WrappedDataKey } from './data-key-store.port.ts';

interface Row {
  readonly id: Buffer;
  readonly master: string;
  readonly wrapped: string;
  readonly created_at: Date;
}

const COLUMNS = 'id, master, wrapped, created_at';

export class PgDataKeyStore extends DataKeyStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    super();
    this.#database = database;
  }

  async find(ids: readonly number[]): Promise<readonly WrappedDataKey[]> {
    const { rows } = await this.#database.query<Row>(`SELECT ${COLUMNS} FROM data_key WHERE id = ANY ($1::bytea[])`, [
      ids.map(octets),
    ]);
    return rows.map(toKey);
  }

  async newest(master: string): Promise<WrappedDataKey | null> {
    const { rows } = await this.#database.query<Row>(
      `SELECT ${COLUMNS} FROM data_key WHERE master = $1 ORDER BY created_at DESC, id LIMIT 1`,
      [master],
    );
    return rows[0] === undefined ? null : toKey(rows[0]);
  }

  async add({ id, master, wrapped, createdAt }: WrappedDataKey): Promise<boolean> {
    const { rowCount } = await this.#database.query(
      `INSERT INTO data_key (${COLUMNS}) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING`,
      [octets(id), master, wrapped, createdAt],
    );
    return rowCount === 1;
  }

  async all(): Promise<readonly WrappedDataKey[]> {
    const { rows } = await this.#database.query<Row>(`SELECT ${COLUMNS} FROM data_key ORDER BY created_at, id`);
    return rows.map(toKey);
  }

  async rewrap(old: WrappedDataKey, master: string, wrapped: string, at: Date): Promise<void> {
    await this.#database.query(
      'UPDATE data_key SET master = $3, wrapped = $4, rewrapped_at = $5 WHERE id = $1 AND wrapped = $2',
      [octets(old.id), old.wrapped, master, wrapped, at],
    );
  }
}

function octets(id: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(id);
  return buffer;
}

function toKey({ id, master, wrapped, created_at: createdAt }: Row): WrappedDataKey {
  return { id: id.readUInt32BE(), master, wrapped, createdAt };
}
