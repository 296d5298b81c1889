// RFC 9457 problem documents. The only place that knows which HTTP status a domain error has.
import { type DomainErrorCode } from '../errors/domain-error.ts';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly [member: string]: unknown;
}

interface Kind {
  readonly status: number;
  readonly title: string;
}

/** A code without an entry does not compile. */
export const PROBLEMS = {
  'bad-request': { status: 400, title: 'The request is malformed' },
  'identity-malformed': { status: 400, title: 'Source, record id or version id is malformed' },
  'content-malformed': { status: 422, title: 'The content cannot be read without ambiguity' },
  'content-missing': { status: 400, title: 'The content is missing' },
  'content-too-large': { status: 413, title: 'The content is too large' },
  'content-not-allowed': { status: 400, title: 'No content is allowed here' },
  'media-type-missing': { status: 415, title: 'The media type is missing' },
  'media-type-unsupported': { status: 415, title: 'The media type is not supported here' },
  'line-malformed': { status: 422, title: 'A line is malformed' },
  'line-too-large': { status: 413, title: 'A line is too large' },
  'too-many-lines': { status: 413, title: 'Too many lines' },
  'history-rewritten': { status: 409, title: 'This version was recorded with other content' },
  'signature-malformed': { status: 400, title: 'The signature is malformed' },
  'signature-invalid': { status: 422, title: 'The signature does not hold' },
  'signature-key-unknown': { status: 422, title: 'The signing key is not registered for this source' },
  'signature-key-revoked': { status: 409, title: 'The signing key is not in force any more' },
  'commitment-malformed': { status: 422, title: 'The commitment is malformed' },
  'mode-differs': { status: 409, title: 'This record is kept in the other mode' },
  'record-key-differs': { status: 409, title: 'The record was begun under another record key' },
  'salts-with-source': { status: 409, title: 'Only the source can open this version' },
  'key-malformed': { status: 422, title: 'The key, or a signature that vouches for it, is malformed' },
  'key-authority-missing': { status: 403, title: 'The key itself, or an administrator, has to vouch for this' },
  'key-chain-too-long': { status: 409, title: 'This key has replaced too many others' },
  'key-exists': { status: 409, title: 'This key is registered already' },
  'key-revoked': { status: 409, title: 'This key is not in force any more' },
  'unknown-key': { status: 404, title: 'No such key' },
  'unknown-source': { status: 404, title: 'Nothing is recorded under this name' },
  'unknown-record': { status: 404, title: 'Nothing is recorded under this name' },
  'unknown-version': { status: 404, title: 'Nothing is recorded under this name' },
  'unknown-anchor': { status: 404, title: 'No such anchor' },
  'not-found': { status: 404, title: 'Not found' },
  'not-yet-integrated': { status: 409, title: 'No checkpoint covers this version yet' },
  'fields-not-committed': { status: 409, title: 'This version was recorded without its fields' },
  'content-differs': { status: 409, title: 'The content is not that of this version' },
  'disclosure-malformed': { status: 400, title: 'The list of fields is malformed' },
  'bundle-malformed': { status: 422, title: 'The proof bundle is malformed' },
  'legal-hold': { status: 409, title: 'A legal hold is on it' },
  'unknown-subject': { status: 404, title: 'Nothing is recorded for this subject' },
  'unknown-erasure': { status: 404, title: 'No such erasure' },
  'unknown-hold': { status: 404, title: 'No such legal hold' },
  'unknown-retention-rule': { status: 404, title: 'No such retention rule' },
  'request-decided': { status: 409, title: 'The request has been decided' },
  'retention-rule-exists': { status: 409, title: 'The source has a retention rule' },
  'persons-only': { status: 403, title: 'This is for persons only' },
  'unknown-client': { status: 404, title: 'No such client' },
  'unknown-account': { status: 404, title: 'No such account' },
  'unknown-session': { status: 404, title: 'No such session' },
  'login-taken': { status: 409, title: 'This login is taken' },
  'last-administrator': { status: 409, title: 'The last administrator stays' },
  'not-enrolled': { status: 409, title: 'The account has no second factor yet' },
  'form-refused': { status: 400, title: 'The form cannot be taken' },
  'token-missing': { status: 401, title: 'An access token is needed' },
  'token-invalid': { status: 401, title: 'The access token is not accepted' },
  'step-up-required': { status: 401, title: 'A fresh second factor is needed' },
  'access-denied': { status: 403, title: 'This is not allowed' },
  'own-work': { status: 403, title: 'Nobody approves their own work' },
  'already-reviewed': { status: 409, title: 'This was judged already' },
  'source-exists': { status: 409, title: 'This source exists' },
  'tenant-exists': { status: 409, title: 'This tenant exists' },
  'integrity-fault': { status: 500, title: 'What is stored is not what was recorded' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'rotation-running': { status: 409, title: 'A key rotation is going on' },
  'key-not-everywhere': { status: 409, title: 'A running instance does not have the new key' },
  'no-rotation': { status: 404, title: 'There was no key rotation yet' },
  overloaded: { status: 503, title: 'Too much is in flight' },
  unavailable: { status: 503, title: 'A part of the service is unavailable' },
} as const satisfies Record<DomainErrorCode, Kind>;

/** Codes that no domain error has: they come from HTTP itself or from our own fault. */
export const HTTP_PROBLEMS: Readonly<Record<number, { code: string; title: string }>> = {
  400: { code: 'bad-request', title: 'The request is malformed' },
  404: { code: 'not-found', title: 'Not found' },
  405: { code: 'method-not-allowed', title: 'This method is not allowed here' },
  408: { code: 'timed-out', title: 'The request took too long to arrive' },
  413: { code: 'content-too-large', title: 'The content is too large' },
  414: { code: 'uri-too-long', title: 'The address is too long' },
  415: { code: 'media-type-unsupported', title: 'The media type is not supported here' },
  431: { code: 'header-too-large', title: 'The headers are too large' },
};

export function problemOf(
  code: DomainErrorCode,
  detail: string,
  extensions: Readonly<Record<string, unknown>> = {},
): Problem {
  const { status, title } = PROBLEMS[code];
  return { type: `urn:medanchor:problem:${code}`, title, status, code, detail, ...extensions };
}

export function httpProblem(status: number, detail: string): Problem {
  const known = HTTP_PROBLEMS[status];
  const code = known?.code ?? 'http-error';
  return { type: `urn:medanchor:problem:${code}`, title: known?.title ?? 'The request failed', status, code, detail };
}

/** Our own fault: nothing of it is shown but the request id, by which the log can be searched. */
export function internalProblem(requestId: string): Problem {
  return {
    type: 'urn:medanchor:problem:internal',
    title: 'Internal error',
    status: 500,
    code: 'internal',
    detail: 'The service failed; its log has the reason under this request id.',
    requestId,
  };
}
