// The two kinds of failure of this library, which are never mixed: bad input throws a VerifyError, our own bug throws
// an InvariantError. Nothing here knows about HTTP or about exit codes.

/**
 * Every way in which an input can be refused. Closed on purpose: whoever maps codes to HTTP status, exit codes or
 * translations gets a compile error when one is added.
 */
export const VERIFY_ERROR_CODES = [
  // encodings (section 1)
  'ENCODING_MALFORMED',
  'NUMBER_MALFORMED',
  // JSON (section 2)
  'JSON_TOO_LARGE',
  'JSON_INVALID_UTF8',
  'JSON_BYTE_ORDER_MARK',
  'JSON_MALFORMED',
  'JSON_DUPLICATE_KEY',
  'JSON_LONE_SURROGATE',
  'JSON_TOO_DEEP',
  'JSON_NUMBER_RANGE',
  // records (sections 2 to 5)
  'MEDIA_TYPE_MALFORMED',
  'MEDIA_TYPE_CHARSET',
  'FHIR_MALFORMED',
  'IDENTITY_MALFORMED',
  'IDENTITY_MISMATCH',
  'RECORD_KEY_MALFORMED',
  'COMPONENTS_MALFORMED',
  'COMMITMENT_MISMATCH',
  'CONTENT_ALTERED',
  'FIELDS_UNKNOWN_PATH',
  'FIELDS_NOT_COMMITTED',
  'FIELDS_MISMATCH',
  'FIELD_NOT_IN_TREE',
  // entries (section 6)
  'ENTRY_TOO_LARGE',
  'ENTRY_MALFORMED',
  'JWK_MALFORMED',
  'JWS_MALFORMED',
  'JWS_HEADER',
  'JWS_SIGNATURE_INVALID',
  'SUBMITTER_KEY_MISMATCH',
  'SUBMITTER_KEY_UNTRUSTED',
  'SUBMITTER_KEY_UNREGISTERED',
  'SUBMITTER_KEY_SOURCE',
  'SUBMITTER_KEY_TOO_LATE',
  'SUBMITTER_KEY_REVOKED',
  'SUBMITTER_KEY_HISTORY',
  // tree (section 7)
  'TREE_SIZE',
  'TREE_INDEX',
  'TREE_HASH_LENGTH',
  'INCLUSION_PROOF_LENGTH',
  'INCLUSION_MISMATCH',
  'CONSISTENCY_PROOF_LENGTH',
  'CONSISTENCY_MISMATCH',
  // C2SP texts (section 7)
  'TILE_PATH_MALFORMED',
  'TILE_MALFORMED',
  'ENTRY_BUNDLE_MALFORMED',
  'NOTE_MALFORMED',
  'NOTE_KEY_MALFORMED',
  'NOTE_SIGNATURE_INVALID',
  'NOTE_UNTRUSTED',
  'CHECKPOINT_MALFORMED',
  'CHECKPOINT_ORIGIN',
  'TLOG_PROOF_MALFORMED',
  // the access log (section 11)
  'ACCESS_EVENT_MALFORMED',
  'ACCESS_ANCHOR_MALFORMED',
  'ACCESS_EXPORT_MALFORMED',
  // bundles and anchors (sections 8 and 9)
  'BUNDLE_TOO_LARGE',
  'BUNDLE_MALFORMED',
  'TRUST_MALFORMED',
  'ANCHOR_NOT_OF_CHECKPOINT',
  'ANCHOR_CONTRACT',
  'ANCHOR_CHAIN',
  'ANCHOR_TRANSACTION_UNKNOWN',
  'ANCHOR_TRANSACTION_FAILED',
  'ANCHOR_BLOCK',
  'ANCHOR_EVENT_MISSING',
  'ANCHOR_HEAD',
] as const;

export type VerifyErrorCode = (typeof VERIFY_ERROR_CODES)[number];

export interface VerifyErrorOptions {
  readonly cause?: unknown;
  /** Where in the input, in UTF-16 code units of the decoded text, when the input is a text. */
  readonly position?: number;
}

/** Untrusted input was refused. The message says what was got and what was wanted, and never quotes record content. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError';
  readonly code: VerifyErrorCode;
  readonly position: number | undefined;

  constructor(code: VerifyErrorCode, message: string, options: VerifyErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.position = options.position;
  }
}

/**
 * Runs a reader and hands a refusal on; anything else that is thrown is our own bug and goes through untouched. The only
 * place where a VerifyError is caught to be turned into something else.
 */
export function onRefusal<T, R>(read: () => T, refused: (error: VerifyError) => R): T | R {
  try {
    return read();
  } catch (error) {
    if (error instanceof VerifyError) return refused(error);
    throw error;
  }
}

/** Our own mistake: a caller broke a precondition that only our own code can break. Never caught inside the library. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}
