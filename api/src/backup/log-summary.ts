// What the database says of its logs and of the keys that its records need: taken down in a backup, and compared with the
// restored rows, so that a manifest cannot say one thing and the tables another.
import { type ClientBase } from 'pg';
import { type LogSummary } from './manifest.ts';

interface Row {
  readonly origin: string;
  readonly verifier_key: string;
  readonly sequenced: string;
  readonly size: string;
  readonly root: string;
  readonly checkpoint: string | null;
  readonly epoch: number | null;
  readonly chain_id: string | null;
  readonly contract: string | null;
  readonly anchor_size: string | null;
  readonly anchor_root: string | null;
  readonly transaction: string | null;
  readonly block: string | null;
}

/** Sorted by origin. Call it in the transaction whose view counts. */
export async function summariseLogs(client: ClientBase): Promise<LogSummary[]> {
  const { rows } = await client.query<Row>(
    `SELECT origin, verifier_key, next_index::text AS sequenced, log_tree.size::text AS size, encode(log_tree.root, 'hex') AS root,
       newest.note AS checkpoint, epoch.epoch, epoch.chain_id::text AS chain_id, epoch.contract,
       held.size::text AS anchor_size, encode(held.root, 'hex') AS anchor_root, held.transaction, held.block_number::text AS block
     FROM log JOIN log_sequence ON log_sequence.log = log.id JOIN log_tree ON log_tree.log = log.id
       LEFT JOIN LATERAL (SELECT note FROM checkpoint WHERE log = log.id ORDER BY size DESC LIMIT 1) newest ON true
       LEFT JOIN LATERAL (SELECT * FROM anchor_epoch WHERE log = log.id ORDER BY epoch DESC LIMIT 1) epoch ON true
       LEFT JOIN LATERAL (SELECT * FROM anchor WHERE log = log.id AND anchor.epoch = epoch.epoch AND state IN ('anchored', 'confirmed')
                          ORDER BY size DESC LIMIT 1) held ON true
     ORDER BY origin COLLATE "C"`,
  );
  return rows.map((row) => ({
    origin: row.origin,
    verifierKey: row.verifier_key,
    sequenced: row.sequenced,
    size: row.size,
    root: row.root,
    checkpoint: row.checkpoint,
    epoch: row.epoch === null ? null : { epoch: row.epoch, chainId: row.chain_id ?? '', contract: row.contract ?? '' },
    anchor:
      row.anchor_size === null
        ? null
        : {
            size: row.anchor_size,
            root: row.anchor_root ?? '',
            transaction: row.transaction ?? '',
            block: row.block ?? '0',
          },
  }));
}

/**
 * Ids of the KEK files that wrapped keys need (octets 1 to 4 of version 1, see platform/keys/sealing-key.ts), sorted. What a key
 * service has wrapped needs the data keys, which are in the backup, and that service.
 */
export async function kekIdsOf(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT encode(substring(wrapped_key FROM 2 FOR 4), 'hex') AS id FROM record
     WHERE octet_length(wrapped_key) >= 5 AND get_byte(wrapped_key, 0) = 1 ORDER BY id`,
  );
  return rows.map(({ id }) => id);
}
