import { DomainError } from '../platform/errors/domain-error.js';
const LF = 0x0a;
const CR = 0x0d;
/**
 * Yields non-empty lines without their end (LF or CR LF). A line above `limit` octets fails alone: it is skipped as it
 * streams by, never collected.
 *
 * @throws {DomainError} `too-many-lines`
 */
export async function* readLines(stream, limit, maxLines) {
    let parts = [];
    let length = 0;
    let number = 0;
    const take = () => {
        number += 1;
        if (number > maxLines)
            throw new DomainError('too-many-lines', `at most ${maxLines} lines are allowed in one request`);
        const tooLong = length > limit;
        let bytes = tooLong ? null : Buffer.concat(parts);
        parts = [];
        length = 0;
        if (tooLong)
            return {
                number,
                bytes: null,
                error: new DomainError('line-too-large', `a line may have at most ${limit} octets`),
            };
        if (bytes !== null && bytes.at(-1) === CR)
            bytes = bytes.subarray(0, -1);
        return bytes === null || bytes.length === 0 ? null : { number, bytes, error: null };
    };
    for await (const chunk of stream) {
        let start = 0;
        for (let end = chunk.indexOf(LF, start); end !== -1; end = chunk.indexOf(LF, start)) {
            collect(chunk.subarray(start, end));
            const line = take();
            if (line !== null)
                yield line;
            start = end + 1;
        }
        collect(chunk.subarray(start));
    }
    if (length > 0) {
        const line = take();
        if (line !== null)
            yield line;
    }
    function collect(part) {
        if (part.length === 0)
            return;
        length += part.length;
        if (length > limit)
            parts = [];
        else
            parts.push(part);
    }
}
//# sourceMappingURL=lines.js.map