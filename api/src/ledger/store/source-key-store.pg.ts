import { type Pool } from '../../platform/database/pool.ts';
import { type SourceKey } from '../model.ts';
import { readSourceKeys, SOURCE_KEY_COLUMNS, toSourceKey, type SourceKeyRow } from './source-key-rows.pg.ts';
import { SourceKeyStore } from './source-key-store.port.ts';

export class PgSourceKeyStore extends SourceKeyStore {
  readonly #pool: Pool;
  readonly #log: number;

  constructor(pool: Pool, log: number) {
    super();
    this.#pool = pool;
    this.#log = log;
  }

  async list(source: string): Promise<readonly SourceKey[]> {
    const { rows } = await this.#pool.query<SourceKeyRow>({
      name: 'source-key-list',
      text: `SELECT ${SOURCE_KEY_COLUMNS} FROM source_key WHERE log = $1 AND source = $2 ORDER BY registered_index`,
      values: [this.#log, source],
    });
    return rows.map(toSourceKey);
  }

  async find(names: readonly { source: string; keyId: string }[]): Promise<readonly SourceKey[]> {
    return [...(await readSourceKeys(this.#pool, this.#log, names)).values()];
  }

  async chain(source: string, keyId: string): Promise<readonly SourceKey[]> {
    const { rows } = await this.#pool.query<SourceKeyRow>({
      name: 'source-key-chain',
      // Each key replaces one that was registered before it, so this ends.
      text: `WITH RECURSIVE chain AS (
               SELECT * FROM source_key WHERE log = $1 AND source = $2 AND key_id = $3
               UNION ALL
               SELECT older.* FROM chain JOIN source_key older ON older.log = chain.log AND older.source = chain.source AND older.replaced_by = chain.key_id
                 AND older.revoked_index = chain.registered_index AND older.registered_index < chain.registered_index)
             SELECT ${SOURCE_KEY_COLUMNS} FROM chain ORDER BY registered_index DESC`,
      values: [this.#log, source, keyId],
    });
    return rows.map(toSourceKey);
  }
}
