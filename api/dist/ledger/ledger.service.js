// The front door of the ledger: what records, ISMS and identity may ask of it. Everything else in this folder is private.
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '../platform/errors/domain-error.js';
import { STATES, stateOf, } from './model.js';
const WAIT_POLL_MS = 25;
export class LedgerService {
    #parts;
    constructor(parts) {
        this.#parts = parts;
    }
    /** How many submissions are taken now without being refused. */
    get capacity() {
        return this.#parts.sequencer.capacity;
    }
    /**
     * Resolves when the version is durable. Safe to repeat: the same version again gives its first receipt.
     *
     * @throws {DomainError} `history-rewritten` (and raises an alarm), `overloaded`, `unavailable`
     */
    async append(version) {
        const { sequencer, metrics } = this.#parts;
        const result = await sequencer.submit(version);
        switch (result.result) {
            case 'sequenced':
                metrics.appended.inc({ result: 'sequenced' });
                return { created: true, version: result.version, state: 'sequenced' };
            case 'duplicate':
                metrics.appended.inc({ result: 'duplicate' });
                return { created: false, version: result.version, state: stateOf(result.version.index, await this.sizes()) };
            case 'conflict':
                metrics.appended.inc({ result: 'conflict' });
                return this.#conflict(result.version, result.verdict, result.flags);
            case 'sequenced-plain':
                throw new TypeError('a record version was sequenced as a plain entry');
        }
    }
    async #conflict(first, verdict, flags) {
        const { records, metrics, logger, clock } = this.#parts;
        metrics.alarms.inc({ kind: 'history-rewritten' });
        logger.warn({ index: first.index.toString(), verdict, flags }, 'history-rewritten: other content was submitted for a recorded version');
        await records.raiseAlarm({
            kind: 'history-rewritten',
            record: first.record,
            seq: first.seq,
            detail: `other content was submitted for the version recorded at index ${first.index} (${[verdict ?? 'not comparable', ...flags].join(', ')})`,
            raisedAt: clock.now(),
        });
        throw new DomainError('history-rewritten', `this version id was recorded at ${first.recordedAt.toISOString()} (index ${first.index}) with other content; a changed record needs a new version id`, { index: first.index.toString(), verdict, flags });
    }
    /** Stage sizes as they may be shown: anchors count only while the chain is seen to be ours. */
    async sizes() {
        const { trees, monitor } = this.#parts;
        const sizes = await trees.sizes(monitor.current.epoch);
        return monitor.anchorsVisible ? sizes : { ...sizes, anchored: 0n, confirmed: 0n };
    }
    /** Waits until the entry has reached `state` or the time is over; returns the state that it has then. */
    async waitFor(index, state, timeoutMs) {
        const deadline = Date.now() + timeoutMs;
        for (;;) {
            const reached = stateOf(index, await this.sizes());
            if (STATES.indexOf(reached) >= STATES.indexOf(state) || Date.now() >= deadline)
                return reached;
            await delay(WAIT_POLL_MS);
        }
    }
    async history(source, recordId, after, limit) {
        const record = await this.#record(source, recordId);
        return this.#parts.records.history(record.id, after, limit);
    }
    /** @throws {DomainError} `unknown-record`, `unknown-version` */
    async locate(source, recordId, versionId) {
        const record = await this.#record(source, recordId);
        const version = await this.#parts.records.version(record.id, versionId);
        if (version === null)
            throw new DomainError('unknown-version', 'no version of this record is recorded under this version id');
        return { source, record, version };
    }
    async #record(source, recordId) {
        const [record] = await this.#parts.records.find([{ sourceId: source.id, recordId }]);
        if (record === undefined)
            throw new DomainError('unknown-record', 'no record of this source is recorded under this id');
        return record;
    }
    bundle(located) {
        return this.#parts.bundles.bundle(located);
    }
    disclose(located, request) {
        return this.#parts.bundles.disclose(located, request);
    }
    /** Null when nothing is recorded under this name: the verdict is then `unknown-version`. */
    async verify(source, recordId, versionId, given) {
        const { records, verifier } = this.#parts;
        const [record] = await records.find([{ sourceId: source.id, recordId }]);
        if (record === undefined)
            return null;
        const latest = await records.latest(record.id);
        const version = versionId === null || latest?.versionId === versionId ? latest : await records.version(record.id, versionId);
        if (latest === null || version === null)
            return null;
        return verifier.verify({ source, record, version }, latest, given, stateOf(version.index, await this.sizes()));
    }
}
//# sourceMappingURL=ledger.service.js.map