// What can go wrong, as a program tells it apart: the ledger's own answer, an answer that is none, and a record key that is
// not there.

/** The ledger refused: RFC 9457 problem document. `code` is stable. */
export class LedgerRefusal extends Error {
  override readonly name = 'LedgerRefusal';
  readonly status: number;
  readonly code: string;
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(status: number, problem: Readonly<Record<string, unknown>>) {
    const code = typeof problem['code'] === 'string' ? problem['code'] : 'http-error';
    const detail = typeof problem['detail'] === 'string' ? problem['detail'] : `status ${status}`;
    super(`${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.problem = problem;
  }
}

/** No answer, or nothing that a ledger would answer: the submission may or may not have happened. It is safe to repeat. */
export class LedgerUnreachable extends Error {
  override readonly name = 'LedgerUnreachable';
}

/** The record key is not in the key store: nothing that was committed with it can be opened. */
export class RecordKeyMissing extends Error {
  override readonly name = 'RecordKeyMissing';
}
