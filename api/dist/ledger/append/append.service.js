// The append stage: commits digested versions and gives them a durable place in the log.
import { randomBytes } from 'node:crypto';
import { commitRecord, recordRef } from '@medanchor/verifier';
import { recordKeyContext } from '../store/record-key.js';
import { fieldsRoot } from '../store/fields-tree.js';
import { planBatch } from './append.rules.js';
export class AppendService {
    #records;
    #entries;
    #keys;
    #clock;
    constructor(records, entries, keys, clock) {
        this.#records = records;
        this.#entries = entries;
        this.#keys = keys;
        this.#clock = clock;
    }
    /**
     * Makes one batch durable: keys for new records, commitments, then the sequencing transaction.
     * A crash after the keys were stored and before the batch leaves records without versions, which is harmless.
     */
    async append(versions) {
        const records = await this.#resolve(versions);
        const keys = await this.#keys.unwrap(versions.map((version) => {
            const record = records.get(nameKey(version.source.id, version.recordId));
            return {
                wrapped: record.wrappedKey,
                context: recordKeyContext(version.source.tenantId, version.source.id, version.recordId),
            };
        }));
        const submissions = versions.map((version, position) => {
            const record = records.get(nameKey(version.source.id, version.recordId));
            const { commitment, components } = commitRecord(version.digest, keys[position], version.versionId, fieldsRoot);
            return {
                kind: 'record-version',
                record: record.id,
                recordRef: record.recordRef,
                source: version.source.id,
                versionId: version.versionId,
                activity: version.activity,
                scheme: version.digest.scheme,
                mediaType: version.digest.mediaType,
                commitment,
                components,
            };
        });
        return this.sequence(submissions);
    }
    async sequence(submissions) {
        const time = this.#clock.now();
        return this.#entries.sequence(submissions, (state, all) => planBatch(state, all, time));
    }
    /** The rows of all records named, created with a fresh key where missing. */
    async #resolve(versions) {
        const wanted = new Map(versions.map((version) => [nameKey(version.source.id, version.recordId), version]));
        const names = [...wanted.values()].map((version) => ({ sourceId: version.source.id, recordId: version.recordId }));
        const found = index(await this.#records.find(names));
        const missing = [...wanted].filter(([key]) => !found.has(key)).map(([, version]) => version);
        if (missing.length === 0)
            return found;
        const fresh = missing.map(() => new Uint8Array(randomBytes(32)));
        const wrapped = await this.#keys.wrap(missing.map((version, position) => ({
            key: fresh[position],
            context: recordKeyContext(version.source.tenantId, version.source.id, version.recordId),
        })));
        await this.#records.create(missing.map((version, position) => ({
            sourceId: version.source.id,
            recordId: version.recordId,
            recordRef: recordRef(fresh[position]),
            wrappedKey: wrapped[position],
        })));
        // Read back: another process may have been first, and then its key counts.
        return new Map([
            ...found,
            ...index(await this.#records.find(missing.map((version) => ({ sourceId: version.source.id, recordId: version.recordId })))),
        ]);
    }
}
function nameKey(sourceId, recordId) {
    return `${sourceId}/${recordId}`;
}
function index(records) {
    return new Map(records.map((record) => [nameKey(record.sourceId, record.recordId), record]));
}
//# sourceMappingURL=append.service.js.map