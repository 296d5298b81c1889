import { type Readable } from 'node:stream';
import { DomainError } from '../platform/errors/domain-error.ts';
/** A line, or the reason why it cannot be read. The number counts from 1 and includes empty lines. */
export interface Line {
    readonly number: number;
    readonly bytes: Uint8Array | null;
    readonly error: DomainError | null;
}
/**
 * Yields non-empty lines without their end (LF or CR LF). A line above `limit` octets fails alone: it is skipped as it
 * streams by, never collected.
 *
 * @throws {DomainError} `too-many-lines`
 */
export declare function readLines(stream: Readable, limit: number, maxLines: number): AsyncGenerator<Line>;
