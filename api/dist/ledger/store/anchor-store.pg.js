import { InvariantError } from '@medanchor/verifier';
import { AnchorStore } from './anchor-store.port.js';
/** First key of the advisory lock (the second is the log): "anch" in ASCII. */
const LOCK_CLASS = 0x616e6368;
const COLUMNS = `anchor.id, anchor.epoch, anchor.size, anchor.root, transaction, nonce, raw_transaction AS "rawTransaction", state,
  block_number AS "blockNumber", block_hash AS "blockHash", block_time AS "blockTime", gas_used AS "gasUsed",
  sent_at AS "sentAt", updated_at AS "updatedAt"`;
const EPOCH_COLUMNS = `epoch, chain_id AS "chainId", contract, reason, created_at AS "createdAt"`;
export class PgAnchorStore extends AnchorStore {
    #pool;
    #log;
    constructor(pool, log) {
        super();
        this.#pool = pool;
        this.#log = log;
    }
    async exclusively(work) {
        const client = await this.#pool.connect();
        const ignore = () => undefined;
        client.on('error', ignore);
        let broken;
        try {
            const { rows } = await client.query('SELECT pg_try_advisory_lock($1, $2) AS locked', [
                LOCK_CLASS,
                this.#log,
            ]);
            if (rows[0]?.locked !== true)
                return false;
            try {
                await work();
            }
            finally {
                await client.query('SELECT pg_advisory_unlock($1, $2)', [LOCK_CLASS, this.#log]).catch((error) => {
                    // The lock goes with the connection, so the connection must go.
                    broken = error;
                });
            }
            return true;
        }
        finally {
            client.off('error', ignore);
            client.release(broken);
        }
    }
    async currentEpoch() {
        const { rows } = await this.#pool.query(`SELECT ${EPOCH_COLUMNS} FROM anchor_epoch WHERE log = $1 ORDER BY epoch DESC LIMIT 1`, [this.#log]);
        return rows[0] ?? null;
    }
    async epochs() {
        const { rows } = await this.#pool.query(`SELECT ${EPOCH_COLUMNS} FROM anchor_epoch WHERE log = $1 ORDER BY epoch`, [this.#log]);
        return rows;
    }
    async addEpoch(epoch, entryIndex) {
        await this.#pool.query('INSERT INTO anchor_epoch (log, epoch, chain_id, contract, reason, entry_index, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)', [this.#log, epoch.epoch, epoch.chainId, epoch.contract, epoch.reason, entryIndex, epoch.createdAt]);
    }
    async add(anchor) {
        const { rows } = await this.#pool.query(`INSERT INTO anchor (log, epoch, size, root, transaction, nonce, raw_transaction, state, sent_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'sent', $8, $8) RETURNING ${COLUMNS}`, [
            this.#log,
            anchor.epoch,
            anchor.size,
            anchor.root,
            anchor.transaction,
            anchor.nonce,
            anchor.rawTransaction,
            anchor.sentAt,
        ]);
        if (rows[0] === undefined)
            throw new InvariantError('an inserted anchor was not returned');
        return rows[0];
    }
    async update(id, update) {
        await this.#pool.query(`UPDATE anchor SET state = $3, block_number = $4, block_hash = $5, block_time = $6, gas_used = $7, updated_at = $8
       WHERE id = $1 AND log = $2`, [
            id,
            this.#log,
            update.state,
            update.blockNumber ?? null,
            update.blockHash ?? null,
            update.blockTime ?? null,
            update.gasUsed ?? null,
            update.updatedAt,
        ]);
    }
    async inState(epoch, states) {
        return this.#many('WHERE log = $1 AND epoch = $2 AND state = ANY($3) ORDER BY size, id', [epoch, states]);
    }
    async confirmedSince(epoch, block) {
        return this.#many(`WHERE log = $1 AND epoch = $2 AND state = 'confirmed' AND block_number >= $3 ORDER BY size, id`, [epoch, block]);
    }
    async latestHeld(epoch) {
        const rows = await this.#many(`WHERE log = $1 AND epoch = $2 AND state IN ('anchored', 'confirmed') ORDER BY size DESC LIMIT 1`, [epoch]);
        return rows[0] ?? null;
    }
    async covering(epoch, index) {
        const { rows } = await this.#pool.query({
            name: 'anchor-covering',
            text: `SELECT ${COLUMNS}, checkpoint.note FROM anchor JOIN checkpoint USING (log, size)
             WHERE anchor.log = $1 AND epoch = $2 AND state IN ('anchored', 'confirmed') AND anchor.size > $3 ORDER BY anchor.size LIMIT 1`,
            values: [this.#log, epoch, index],
        });
        const row = rows[0];
        if (row === undefined)
            return null;
        const { note, ...anchor } = row;
        return { anchor, checkpoint: { size: anchor.size, root: anchor.root, note } };
    }
    async list(before, limit) {
        return this.#many('WHERE log = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3', [before, limit]);
    }
    async bySize(size) {
        return this.#many('WHERE log = $1 AND size = $2 ORDER BY id', [size]);
    }
    async #many(where, values) {
        const { rows } = await this.#pool.query(`SELECT ${COLUMNS} FROM anchor ${where}`, [this.#log, ...values]);
        return rows;
    }
}
//# sourceMappingURL=anchor-store.pg.js.map