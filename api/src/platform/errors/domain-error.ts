// Errors of the domain: what can go wrong with somebody's request, as a closed list of codes.
// HTTP knows about them in one place only (platform/http/problem.filter.ts).

/** Every code is stable: clients match on it. Its HTTP status is in platform/http/problem.ts, exhaustively. */
export type DomainErrorCode =
  | 'bad-request'
  | 'identity-malformed'
  | 'content-malformed'
  | 'content-missing'
  | 'content-too-large'
  | 'content-not-allowed'
  | 'media-type-missing'
  | 'media-type-unsupported'
  | 'line-malformed'
  | 'line-too-large'
  | 'too-many-lines'
  | 'history-rewritten'
  | 'signature-malformed'
  | 'signature-invalid'
  | 'signature-key-unknown'
  | 'signature-key-revoked'
  | 'commitment-malformed'
  | 'mode-differs'
  | 'record-key-differs'
  | 'salts-with-source'
  | 'key-malformed'
  | 'key-authority-missing'
  | 'key-chain-too-long'
  | 'key-exists'
  | 'key-revoked'
  | 'unknown-key'
  | 'unknown-source'
  | 'unknown-record'
  | 'unknown-version'
  | 'unknown-anchor'
  | 'not-found'
  | 'not-yet-integrated'
  | 'fields-not-committed'
  | 'content-differs'
  | 'disclosure-malformed'
  | 'bundle-malformed'
  | 'legal-hold'
  | 'unknown-subject'
  | 'unknown-erasure'
  | 'unknown-hold'
  | 'unknown-retention-rule'
  | 'request-decided'
  | 'retention-rule-exists'
  | 'persons-only'
  | 'unknown-client'
  | 'unknown-account'
  | 'unknown-session'
  | 'login-taken'
  | 'last-administrator'
  | 'not-enrolled'
  | 'form-refused'
  | 'token-missing'
  | 'token-invalid'
  | 'step-up-required'
  | 'access-denied'
  | 'own-work'
  | 'already-reviewed'
  | 'source-exists'
  | 'tenant-exists'
  | 'integrity-fault'
  | 'rate-limited'
  | 'rotation-running'
  | 'no-rotation'
  | 'key-not-everywhere'
  | 'overloaded'
  | 'unavailable';

/**
 * A request that cannot be fulfilled, with a reason that its sender may read.
 *
 * The message says what was got and what is allowed; it never carries patient data or content.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: DomainErrorCode;
  /** Further members of the problem document (RFC 9457 section 3.2): strings and plain objects, no patient data. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(
    code: DomainErrorCode,
    message: string,
    extensions: Readonly<Record<string, unknown>> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.code = code;
    this.extensions = extensions;
  }
}
