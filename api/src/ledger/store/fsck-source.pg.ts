// FsckSource on PostgreSQL. Joins that must not turn into scans of whole tables stand in LATERAL subqueries with a LIMIT:
// they are index look-ups whatever the statistics say (a freshly restored database has none).
import { InvariantError, type TileCoordinates } from '@medanchor/verifier';
import { type Pool } from '../../platform/database/pool.ts';
import { type Anchor, type Epoch, type SignedCheckpoint } from '../model.ts';
import {
  FsckSource,
  type FsckBatchRow,
  type FsckBounds,
  type FsckErasureRow,
  type FsckRecordHead,
  type FsckRecordRow,
  type FsckSourceKeyRow,
  type FsckSourceRow,
  type FsckVersionRow,
} from './fsck-source.port.ts';

const BATCH = `SELECT first_index AS "firstIndex", entry_count AS "entryCount", entries, leaf_hashes AS "leafHashes" FROM entry_batch`;

const RECORD = `r.id, r.log, r.source_id AS "sourceId", r.record_id AS "recordId", r.record_ref AS "recordRef", r.wrapped_key AS "wrappedKey",
    r.key_holder AS "keyHolder", r.erased_at IS NOT NULL AS erased`;

const SOURCE_KEY = `SELECT source, key_id AS "keyId", jwk, registered_index AS "registeredIndex", revoked_index AS "revokedIndex",
    replaced_by AS "replacedBy" FROM source_key`;

const RECORD_HEAD = `SELECT ${RECORD}, r.head_seq AS "headSeq", r.head_leaf AS "headLeaf",
    r.erased_at IS NOT NULL AND EXISTS (SELECT FROM erasure e JOIN log_sequence s ON s.log = e.log
                                        WHERE e.record = r.id AND e.index < s.next_index) AS "hasErasure",
    (SELECT count(*) FROM version v WHERE v.record = r.id) AS versions, newest.seq AS "newestSeq", newest.leaf_hash AS "newestLeaf"
  FROM record r LEFT JOIN LATERAL (SELECT seq, leaf_hash FROM version v WHERE v.record = r.id ORDER BY seq DESC LIMIT 1) newest ON true`;

export class PgFsckSource extends FsckSource {
  readonly #pool: Pool;
  readonly #log: number;

  constructor(pool: Pool, log: number) {
    super();
    this.#pool = pool;
    this.#log = log;
  }

  async #rows<T extends object>(name: string, text: string, values: readonly unknown[]): Promise<readonly T[]> {
    const { rows } = await this.#pool.query<T>({ name: `fsck-${name}`, text, values: [...values] });
    return rows;
  }

  async bounds(): Promise<FsckBounds> {
    const [row] = await this.#rows<BoundsRow>('bounds', BOUNDS, [this.#log]);
    if (row === undefined) throw new InvariantError(`log ${this.#log} is not registered`);
    return {
      nextIndex: row.next_index,
      tree: row.tree_size === null || row.tree_root === null ? null : { size: row.tree_size, root: row.tree_root },
      signed: row.signed_size === null ? null : { size: row.signed_size, root: row.signed_root },
      stored: row.stored,
      latestCheckpoint:
        row.latest_size === null || row.latest_root === null ? null : { size: row.latest_size, root: row.latest_root },
      strayVersions: row.stray_versions.map((stray) => ({
        index: BigInt(stray.index),
        record: BigInt(stray.record),
        seq: BigInt(stray.seq),
      })),
      wrongTiles: row.wrong_tiles.map((tile) => ({ ...tile, n: BigInt(tile.n) })),
    };
  }

  async batches(from: bigint, to: bigint): Promise<readonly FsckBatchRow[]> {
    return this.#rows(
      'batches',
      `${BATCH} WHERE log = $1 AND first_index >= $2 AND first_index < $3 ORDER BY first_index`,
      [this.#log, from, to],
    );
  }

  async batchBefore(index: bigint): Promise<FsckBatchRow | null> {
    const [row] = await this.#rows<FsckBatchRow>(
      'batch-before',
      `${BATCH} WHERE log = $1 AND first_index <= $2 ORDER BY first_index DESC LIMIT 1`,
      [this.#log, index],
    );
    return row ?? null;
  }

  async nextBatch(from: bigint): Promise<bigint | null> {
    const [row] = await this.#rows<{ first: bigint }>(
      'next-batch',
      'SELECT first_index AS first FROM entry_batch WHERE log = $1 AND first_index >= $2 ORDER BY first_index LIMIT 1',
      [this.#log, from],
    );
    return row?.first ?? null;
  }

  async versions(from: bigint, to: bigint): Promise<readonly FsckVersionRow[]> {
    return this.#rows(
      'versions',
      `SELECT v.index, v.record, v.seq, v.version_id AS "versionId", v.leaf_hash AS "leafHash", v.batch_first AS "batchFirst",
         v.entry_offset AS "entryOffset", v.entry_length AS "entryLength", v.activity, v.scheme, v.media_type AS "mediaType",
         v.component_names AS "componentNames", v.component_commitments AS "componentCommitments",
         to_char(v.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "recordedAt",
         p.index AS "previousIndex", p.leaf_hash AS "previousLeaf"
       FROM version v LEFT JOIN LATERAL
         (SELECT index, leaf_hash FROM version p WHERE p.record = v.record AND p.seq = v.seq - 1 LIMIT 1) p ON v.seq > 1
       WHERE v.log = $1 AND v.index >= $2 AND v.index < $3 ORDER BY v.index, v.record, v.seq`,
      [this.#log, from, to],
    );
  }

  async erasures(from: bigint, to: bigint): Promise<readonly FsckErasureRow[]> {
    const rows = await this.#rows<ErasureRow>('erasures', ERASURES, [this.#log, from, to]);
    return rows.map(({ head_seq: headSeq, head_leaf: headLeaf, own_ref: recordRef, whole, ...row }) => ({
      ...row,
      state: headSeq === null || recordRef === null ? null : { recordRef, headSeq, headLeaf, whole: whole === true },
    }));
  }

  async records(ids: readonly bigint[]): Promise<readonly FsckRecordRow[]> {
    return this.#rows('records', `SELECT ${RECORD} FROM record r WHERE r.id = ANY($1::bigint[])`, [ids]);
  }

  async recordHeads(ids: readonly bigint[]): Promise<readonly FsckRecordHead[]> {
    return this.#rows('record-heads', `${RECORD_HEAD} WHERE r.log = $1 AND r.id = ANY($2::bigint[]) ORDER BY r.id`, [
      this.#log,
      ids,
    ]);
  }

  async recordHeadsAfter(after: bigint, limit: number): Promise<readonly FsckRecordHead[]> {
    return this.#rows('record-heads-after', `${RECORD_HEAD} WHERE r.log = $1 AND r.id > $2 ORDER BY r.id LIMIT $3`, [
      this.#log,
      after,
      limit,
    ]);
  }

  async sources(): Promise<readonly FsckSourceRow[]> {
    return this.#rows('sources', 'SELECT id, name, tenant_id AS "tenantId" FROM source', []);
  }

  async sourceKeys(source: string, keyIds: readonly string[]): Promise<readonly FsckSourceKeyRow[]> {
    return this.#rows('source-keys', `${SOURCE_KEY} WHERE log = $1 AND source = $2 AND key_id = ANY($3::text[])`, [
      this.#log,
      source,
      keyIds,
    ]);
  }

  async sourceKeysAfter(after: bigint, limit: number): Promise<readonly FsckSourceKeyRow[]> {
    return this.#rows(
      'source-keys-after',
      `${SOURCE_KEY} WHERE log = $1 AND registered_index > $2 ORDER BY registered_index LIMIT $3`,
      [this.#log, after, limit],
    );
  }

  async tiles(level: number, from: bigint, to: bigint): Promise<readonly { n: bigint; hashes: Buffer }[]> {
    return this.#rows(
      'tiles',
      'SELECT n, hashes FROM tile WHERE log = $1 AND level = $2 AND n >= $3 AND n < $4 ORDER BY n',
      [this.#log, level, from, to],
    );
  }

  async tilesAt(wanted: readonly TileCoordinates[]): Promise<readonly Uint8Array[]> {
    const rows = await this.#rows<{ level: number; n: bigint; hashes: Buffer }>(
      'tiles-at',
      `SELECT level, n, hashes FROM tile JOIN unnest($2::smallint[], $3::bigint[]) AS asked (level, n) USING (level, n) WHERE log = $1`,
      [this.#log, wanted.map(({ level }) => level), wanted.map(({ index }) => index)],
    );
    return wanted.map(({ level, index, width }) => {
      const found = rows.find((row) => row.level === level && row.n === index);
      if (found === undefined || found.hashes.length < width * 32)
        throw new InvariantError(`tile ${level}/${index} has fewer than ${width} hashes`);
      return found.hashes.subarray(0, width * 32);
    });
  }

  async checkpoints(after: bigint, to: bigint, limit: number): Promise<readonly SignedCheckpoint[]> {
    return this.#rows(
      'checkpoints',
      'SELECT size, root, note FROM checkpoint WHERE log = $1 AND size > $2 AND size <= $3 ORDER BY size LIMIT $4',
      [this.#log, after, to, limit],
    );
  }

  async epochs(): Promise<readonly (Epoch & { readonly entryIndex: bigint | null })[]> {
    return this.#rows(
      'epochs',
      `SELECT epoch, chain_id AS "chainId", contract, reason, created_at AS "createdAt", entry_index AS "entryIndex"
       FROM anchor_epoch WHERE log = $1 ORDER BY epoch`,
      [this.#log],
    );
  }

  async anchors(after: bigint, limit: number): Promise<readonly Anchor[]> {
    return this.#rows(
      'anchors',
      `SELECT id, epoch, size, root, transaction, nonce, raw_transaction AS "rawTransaction", state, block_number AS "blockNumber",
         block_hash AS "blockHash", block_time AS "blockTime", gas_used AS "gasUsed", sent_at AS "sentAt", updated_at AS "updatedAt"
       FROM anchor WHERE log = $1 AND id > $2 ORDER BY id LIMIT $3`,
      [this.#log, after, limit],
    );
  }

  async signedSizes(sizes: readonly bigint[]): Promise<ReadonlySet<bigint>> {
    const rows = await this.#rows<{ size: bigint }>(
      'signed-sizes',
      'SELECT size FROM checkpoint WHERE log = $1 AND size = ANY($2::bigint[])',
      [this.#log, sizes],
    );
    return new Set(rows.map(({ size }) => size));
  }
}

type ErasureRow = Omit<FsckErasureRow, 'state'> & {
  readonly own_ref: Buffer | null;
  readonly head_seq: bigint | null;
  readonly head_leaf: Buffer | null;
  readonly whole: boolean | null;
};

const ERASURES = `SELECT e.index, e.record, e.source_id AS "sourceId", e.record_ref AS "recordRef", e.seq, e.leaf_hash AS "leafHash", e.basis,
    e.versions, to_char(e.erased_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "erasedAt",
    r.record_ref AS own_ref, r.head_seq, r.head_leaf,
    r.erased_at IS NOT NULL AND r.wrapped_key IS NULL AND r.record_id IS NULL AND r.subject_ref IS NULL
      AND NOT EXISTS (SELECT FROM version v WHERE v.record = r.id
                      AND (v.version_id IS NOT NULL OR v.media_type <> '' OR v.component_names <> '' OR v.component_commitments <> '')) AS whole
  FROM erasure e LEFT JOIN record r ON r.id = e.record
  WHERE e.log = $1 AND e.index >= $2 AND e.index < $3 ORDER BY e.index`;

interface BoundsRow {
  readonly next_index: bigint | null;
  readonly tree_size: bigint | null;
  readonly tree_root: Buffer | null;
  readonly signed_size: bigint | null;
  readonly signed_root: Buffer | null;
  readonly stored: bigint;
  readonly latest_size: bigint | null;
  readonly latest_root: Buffer | null;
  readonly stray_versions: readonly { index: string; record: string; seq: string }[];
  readonly wrong_tiles: readonly { level: number; n: string; width: number; wanted: number }[];
}

/**
 * Numbers inside JSON are written as texts, since a JavaScript number would round them. A tile at level L has
 * floor(size / 256^L) - 256 n hashes, at most 256; full tiles to the left of the edge are compared hash by hash elsewhere.
 */
const BOUNDS = `
  WITH bound AS (
    SELECT log.id AS log, next_index, log_tree.size AS tree_size, log_tree.root AS tree_root,
      log_checkpoint.size AS signed_size, log_checkpoint.root AS signed_root
    FROM log LEFT JOIN log_sequence ON log_sequence.log = log.id LEFT JOIN log_tree ON log_tree.log = log.id
      LEFT JOIN log_checkpoint ON log_checkpoint.log = log.id
    WHERE log.id = $1),
  edge AS (
    SELECT level::smallint, hashes_of_level / 256 AS n, (hashes_of_level % 256)::int AS wanted
    FROM bound, generate_series(0, 7) AS level, LATERAL (SELECT div(tree_size, 256::numeric ^ level)::bigint AS hashes_of_level) AS h),
  wrong AS (
    SELECT level, edge.n, 0 AS width, wanted FROM edge
    WHERE wanted > 0 AND NOT EXISTS (SELECT FROM tile WHERE tile.log = $1 AND tile.level = edge.level AND tile.n = edge.n)
    UNION ALL
    SELECT tile.level, tile.n, octet_length(hashes) / 32, CASE WHEN tile.n = edge.n THEN wanted ELSE 0 END
    FROM edge JOIN tile ON tile.log = $1 AND tile.level = edge.level AND tile.n >= edge.n
    WHERE octet_length(hashes) / 32 <> CASE WHEN tile.n = edge.n THEN wanted ELSE 0 END)
  SELECT bound.*,
    coalesce((SELECT first_index + entry_count FROM entry_batch WHERE log = $1 ORDER BY first_index DESC LIMIT 1), 0) AS stored,
    latest.size AS latest_size, latest.root AS latest_root,
    coalesce((SELECT json_agg(json_build_object('index', index::text, 'record', record::text, 'seq', seq::text)) FROM
      (SELECT index, record, seq FROM version WHERE log = $1 AND index >= coalesce(next_index, 0) ORDER BY index LIMIT 100) stray), '[]') AS stray_versions,
    coalesce((SELECT json_agg(json_build_object('level', level, 'n', n::text, 'width', width, 'wanted', wanted)) FROM
      (SELECT * FROM wrong ORDER BY level, n LIMIT 100) w), '[]') AS wrong_tiles
  FROM bound LEFT JOIN LATERAL (SELECT size, root FROM checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1) latest ON true`;
