import { type DomainErrorCode } from '../errors/domain-error.ts';
export interface Problem {
    readonly type: string;
    readonly title: string;
    readonly status: number;
    readonly code: string;
    readonly detail: string;
    readonly [member: string]: unknown;
}
/** A code without an entry does not compile. */
export declare const PROBLEMS: {
    readonly 'bad-request': {
        readonly status: 400;
        readonly title: 'The request is malformed';
    };
    readonly 'identity-malformed': {
        readonly status: 400;
        readonly title: 'Source, record id or version id is malformed';
    };
    readonly 'content-malformed': {
        readonly status: 422;
        readonly title: 'The content cannot be read without ambiguity';
    };
    readonly 'content-missing': {
        readonly status: 400;
        readonly title: 'The content is missing';
    };
    readonly 'content-too-large': {
        readonly status: 413;
        readonly title: 'The content is too large';
    };
    readonly 'content-not-allowed': {
        readonly status: 400;
        readonly title: 'No content is allowed here';
    };
    readonly 'media-type-missing': {
        readonly status: 415;
        readonly title: 'The media type is missing';
    };
    readonly 'media-type-unsupported': {
        readonly status: 415;
        readonly title: 'The media type is not supported here';
    };
    readonly 'entry-too-large': {
        readonly status: 422;
        readonly title: 'The log entry would be too large';
    };
    readonly 'line-malformed': {
        readonly status: 422;
        readonly title: 'A line is malformed';
    };
    readonly 'line-too-large': {
        readonly status: 413;
        readonly title: 'A line is too large';
    };
    readonly 'too-many-lines': {
        readonly status: 413;
        readonly title: 'Too many lines';
    };
    readonly 'history-rewritten': {
        readonly status: 409;
        readonly title: 'This version was recorded with other content';
    };
    readonly 'unknown-source': {
        readonly status: 404;
        readonly title: 'Nothing is recorded under this name';
    };
    readonly 'unknown-record': {
        readonly status: 404;
        readonly title: 'Nothing is recorded under this name';
    };
    readonly 'unknown-version': {
        readonly status: 404;
        readonly title: 'Nothing is recorded under this name';
    };
    readonly 'unknown-anchor': {
        readonly status: 404;
        readonly title: 'No such anchor';
    };
    readonly 'not-found': {
        readonly status: 404;
        readonly title: 'Not found';
    };
    readonly 'not-yet-integrated': {
        readonly status: 409;
        readonly title: 'No checkpoint covers this version yet';
    };
    readonly 'fields-not-committed': {
        readonly status: 409;
        readonly title: 'This version was recorded without its fields';
    };
    readonly 'content-differs': {
        readonly status: 409;
        readonly title: 'The content is not that of this version';
    };
    readonly 'disclosure-malformed': {
        readonly status: 400;
        readonly title: 'The list of fields is malformed';
    };
    readonly 'bundle-malformed': {
        readonly status: 422;
        readonly title: 'The proof bundle is malformed';
    };
    readonly 'entries-not-public': {
        readonly status: 403;
        readonly title: 'Entry bundles are not public here';
    };
    readonly overloaded: {
        readonly status: 503;
        readonly title: 'Too much is in flight';
    };
    readonly unavailable: {
        readonly status: 503;
        readonly title: 'A part of the service is unavailable';
    };
};
/** Codes that no domain error has: they come from HTTP itself or from our own fault. */
export declare const HTTP_PROBLEMS: Readonly<Record<number, {
    code: string;
    title: string;
}>>;
export declare function problemOf(code: DomainErrorCode, detail: string, extensions?: Readonly<Record<string, unknown>>): Problem;
export declare function httpProblem(status: number, detail: string): Problem;
/** Our own fault: nothing of it is shown but the request id, by which the log can be searched. */
export declare function internalProblem(requestId: string): Problem;
