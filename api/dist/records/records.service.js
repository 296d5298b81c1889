// What record systems ask for, in the ledger's words: digest here, the content goes no further.
import { assertIdentity, digestRecord, VerifyError } from '@medanchor/verifier';
import { DomainError } from '../platform/errors/domain-error.js';
export class RecordsService {
    #sources;
    #ledger;
    #fieldsByDefault;
    constructor(sources, ledger, fieldsByDefault) {
        this.#sources = sources;
        this.#ledger = ledger;
        this.#fieldsByDefault = fieldsByDefault;
    }
    /** @throws {DomainError} naming the fault; then nothing is written. */
    async submit(version) {
        const digest = this.#digest(version);
        const source = await this.#sources.ensure(version.source);
        const { recordId, versionId, activity } = version;
        return this.#ledger.append({ source, recordId, versionId, activity, digest });
    }
    #digest(version) {
        const { source, recordId, versionId, activity, content, mediaType } = version;
        checkIdentity({ source, recordId, versionId });
        if (activity === 'delete' && content !== null && content.length > 0) {
            throw new DomainError('content-not-allowed', 'a deletion has no content');
        }
        if (activity !== 'delete' && (content === null || content.length === 0)) {
            throw new DomainError('content-missing', 'the content is the body of the request; only activity=delete has none');
        }
        if (activity === 'delete')
            return digestRecord(null, '', { source, recordId, versionId });
        if (mediaType === '')
            throw new DomainError('media-type-missing', 'the media type of the content is missing (Content-Type, or mediaType in a line)');
        return digestRecord(content, mediaType, { source, recordId, versionId }, { fields: version.fields ?? this.#fieldsByDefault });
    }
    async verify({ source, recordId, versionId, content, mediaType }) {
        checkIdentity({ source, recordId, versionId: versionId ?? 'latest' });
        if (mediaType === '')
            throw new DomainError('media-type-missing', 'the media type of the content is missing (Content-Type, or mediaType in a line)');
        const known = await this.#sources.find(source);
        if (known === null)
            return null;
        return this.#ledger.verify(known, recordId, versionId, { content, mediaType });
    }
    async history(source, recordId, after, limit) {
        return this.#ledger.history(await this.#sources.get(source), recordId, after, limit);
    }
    async locate(source, recordId, versionId) {
        return this.#ledger.locate(await this.#sources.get(source), recordId, versionId);
    }
}
function checkIdentity(identity) {
    try {
        assertIdentity(identity);
    }
    catch (error) {
        if (error instanceof VerifyError)
            throw new DomainError('identity-malformed', error.message, {}, { cause: error });
        throw error;
    }
}
//# sourceMappingURL=records.service.js.map