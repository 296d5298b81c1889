// Why a run ended before anything could be checked: a mistake on the command line, or input that cannot be read. Codes are a
// closed set, beside those of the library (for a bundle that is malformed).

export type FailureCode = 'USAGE' | 'FILE_UNREADABLE' | 'FILE_TOO_LARGE' | 'NOT_A_BUNDLE';

/** Ends with exit code 2. The message names the option or the file, what is wrong and what is allowed; it never quotes a key. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function usage(message: string, cause?: unknown): Failure {
  return new Failure('USAGE', message, cause === undefined ? undefined : { cause });
}
