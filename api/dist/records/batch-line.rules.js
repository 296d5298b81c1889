// Reads one line of a batch: an envelope with inline or base64 content, or a bare FHIR resource. Pure.
import { fromBase64, fromUtf8, isJsonObject, JsonNumber, parseJson, utf8, VerifyError, } from '@medanchor/verifier';
import { DomainError } from '../platform/errors/domain-error.js';
import { rawMember } from './raw-member.rules.js';
import { envelopeSchema } from './records.schema.js';
/** @throws {DomainError} `line-malformed`, naming the member */
export function readEnvelope(line) {
    const object = objectOf(line);
    // Only strings reach the schema; `content` is cut out of the line itself.
    const plain = Object.fromEntries([...object].map(([name, value]) => [name, name === 'content' ? null : plainOf(value)]));
    const parsed = envelopeSchema.safeParse(plain);
    if (!parsed.success) {
        throw new DomainError('line-malformed', parsed.error.issues.map((issue) => `${issue.path.join('.') || 'line'}: ${issue.message}`).join('; '));
    }
    const { source, recordId, versionId, activity, fields, mediaType, contentBase64 } = parsed.data;
    if (object.has('content') && contentBase64 !== undefined)
        throw new DomainError('line-malformed', 'content and contentBase64: only one of them is allowed');
    return {
        source,
        recordId,
        versionId: versionId ?? null,
        activity: activity ?? null,
        fields: fields === undefined ? null : fields === 'on',
        mediaType: mediaType ?? (object.has('content') ? 'application/fhir+json' : ''),
        content: object.has('content')
            ? utf8(rawMember(fromUtf8(line), 'content') ?? '')
            : contentBase64 === undefined
                ? null
                : base64(contentBase64),
    };
}
/** A resource as a Bulk Data export prints it: the record is `Type/id`, the version `meta.versionId`. */
export function readFhirLine(line, defaults) {
    if (defaults.source === undefined)
        throw new DomainError('line-malformed', 'application/fhir+ndjson needs the query parameter source');
    const resource = objectOf(line);
    const type = resource.get('resourceType');
    const id = resource.get('id');
    if (typeof type !== 'string' || typeof id !== 'string' || type === '' || id === '') {
        throw new DomainError('line-malformed', 'a FHIR resource needs resourceType and id');
    }
    const meta = resource.get('meta');
    const own = isJsonObject(meta) ? meta.get('versionId') : undefined;
    const versionId = typeof own === 'string' ? own : defaults.versionId;
    return {
        source: defaults.source,
        recordId: `${type}/${id}`,
        versionId: versionId ?? null,
        activity: defaults.activity ?? null,
        fields: defaults.fields === undefined ? null : defaults.fields === 'on',
        mediaType: 'application/fhir+json',
        content: line,
    };
}
function objectOf(line) {
    let value;
    try {
        value = parseJson(line);
    }
    catch (error) {
        if (error instanceof VerifyError)
            throw new DomainError('line-malformed', error.message, { reason: error.code }, { cause: error });
        throw error;
    }
    if (!isJsonObject(value))
        throw new DomainError('line-malformed', 'a line must be a JSON object');
    return value;
}
function plainOf(value) {
    return value instanceof JsonNumber ? Number(value.lexeme) : value;
}
function base64(text) {
    try {
        return fromBase64(text);
    }
    catch (error) {
        if (error instanceof VerifyError)
            throw new DomainError('line-malformed', `contentBase64: ${error.message}`, {}, { cause: error });
        throw error;
    }
}
//# sourceMappingURL=batch-line.rules.js.map