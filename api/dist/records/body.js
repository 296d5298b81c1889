// The body of a request as octets. Fastify hands over a Buffer, or the stream itself for line formats.
import { Readable } from 'node:stream';
import { DomainError } from '../platform/errors/domain-error.js';
/** @returns null when there is no body */
export async function readBody(body, limit) {
    if (body === undefined || body === null)
        return null;
    if (Buffer.isBuffer(body))
        return body;
    if (!(body instanceof Readable))
        throw new TypeError('a body that is neither octets nor a stream');
    const parts = [];
    let length = 0;
    for await (const part of body) {
        length += part.length;
        if (length > limit)
            throw new DomainError('content-too-large', `the content may have at most ${limit} octets`);
        parts.push(part);
    }
    return Buffer.concat(parts);
}
export async function requireBody(body, limit) {
    const bytes = await readBody(body, limit);
    if (bytes === null || bytes.length === 0)
        throw new DomainError('content-missing', 'the content is the body of the request');
    return bytes;
}
/** The stream of a line format. @throws {DomainError} `media-type-unsupported` */
export function requireLines(body, contentType, allowed) {
    const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (!(body instanceof Readable) || !allowed.includes(type)) {
        throw new DomainError('media-type-unsupported', `this route reads ${allowed.join(' or ')}${type === '' ? '' : `, not ${type.slice(0, 100)}`}`);
    }
    return body;
}
//# sourceMappingURL=body.js.map