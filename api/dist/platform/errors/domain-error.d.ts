/** Every code is stable: clients match on it. Its HTTP status is in platform/http/problem.ts, exhaustively. */
export type DomainErrorCode = 'bad-request' | 'identity-malformed' | 'content-malformed' | 'content-missing' | 'content-too-large' | 'content-not-allowed' | 'media-type-missing' | 'media-type-unsupported' | 'entry-too-large' | 'line-malformed' | 'line-too-large' | 'too-many-lines' | 'history-rewritten' | 'unknown-source' | 'unknown-record' | 'unknown-version' | 'unknown-anchor' | 'not-found' | 'not-yet-integrated' | 'fields-not-committed' | 'content-differs' | 'disclosure-malformed' | 'bundle-malformed' | 'entries-not-public' | 'overloaded' | 'unavailable';
/**
 * A request that cannot be fulfilled, with a reason that its sender may read.
 *
 * The message says what was got and what is allowed; it never carries patient data or content.
 */
export declare class DomainError extends Error {
    readonly name = "DomainError";
    readonly code: DomainErrorCode;
    /** Further members of the problem document (RFC 9457 section 3.2): strings and plain objects, no patient data. */
    readonly extensions: Readonly<Record<string, unknown>>;
    constructor(code: DomainErrorCode, message: string, extensions?: Readonly<Record<string, unknown>>, options?: {
        cause?: unknown;
    });
}
