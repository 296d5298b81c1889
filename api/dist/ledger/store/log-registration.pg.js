// Makes sure that the log with this origin exists, and that its rows belong to this checkpoint key.
import { emptyRoot, InvariantError } from '@medanchor/verifier';
import { inTransaction } from '../../platform/database/pool.js';
/** The log was started with another checkpoint key; signing on with this one would split its history in two. */
export class LogKeyMismatchError extends Error {
    constructor() {
        super(...arguments);
        this.name = 'LogKeyMismatchError';
    }
}
/** Idempotent; two processes may call it at once. */
export async function registerLog(pool, origin, verifierKey) {
    return inTransaction(pool, 'BEGIN', async (client) => {
        await client.query('INSERT INTO log (origin, verifier_key) VALUES ($1, $2) ON CONFLICT (origin) DO NOTHING', [
            origin,
            verifierKey,
        ]);
        const { rows } = await client.query('SELECT id, verifier_key FROM log WHERE origin = $1', [origin]);
        const log = rows[0];
        if (log === undefined)
            throw new InvariantError('the log just registered is not there');
        if (log.verifier_key !== verifierKey) {
            throw new LogKeyMismatchError(`log ${origin} was started with the checkpoint key ${log.verifier_key}, but CHECKPOINT_KEY_FILE holds the key of ${verifierKey}`);
        }
        await client.query('INSERT INTO log_sequence (log) VALUES ($1) ON CONFLICT DO NOTHING', [log.id]);
        await client.query('INSERT INTO log_tree (log, root) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
            log.id,
            emptyRoot(),
        ]);
        await client.query('INSERT INTO log_checkpoint (log) VALUES ($1) ON CONFLICT DO NOTHING', [log.id]);
        return { id: log.id, verifierKey };
    });
}
//# sourceMappingURL=log-registration.pg.js.map