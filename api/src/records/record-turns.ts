// The versions of one record in one stream are recorded in the order of their lines: the later line waits for the earlier
// one. Lines of different records do not wait for each other. Without this, two lines in work at a time could change
// places (a source met for the first time, a batch that is tried again), and the ledger's latest version would be wrong.
import { DomainError, type DomainErrorCode } from '../platform/errors/domain-error.ts';

/** Then nobody knows whether the earlier version will be recorded: it will be sent again, and must come first. */
const UNSETTLED: readonly DomainErrorCode[] = ['unavailable', 'overloaded'];

export class RecordTurns {
  /** The newest line of each record in work; resolves to whether the next may follow. */
  readonly #last = new Map<string, Promise<boolean>>();

  /**
   * Runs `work` after the earlier lines of the same record.
   *
   * @throws {DomainError} `unavailable` when an earlier line failed in a way that calls for sending it again
   */
  async take<T>(source: string, recordId: string, work: () => Promise<T>): Promise<T> {
    const record = JSON.stringify([source, recordId]);
    const before = this.#last.get(record);
    const result = before === undefined ? work() : before.then((settled) => (settled ? work() : refuse()));
    const settled = result.then(
      () => true,
      (error: unknown) => error instanceof DomainError && !UNSETTLED.includes(error.code),
    );
    this.#last.set(record, settled);
    try {
      return await result;
    } finally {
      if (this.#last.get(record) === settled) this.#last.delete(record);
    }
  }
}

function refuse(): Promise<never> {
  return Promise.reject(
    new DomainError(
      'unavailable',
      'an earlier version of this record in this stream could not be recorded; send both again, in order',
      { retryAfterSeconds: 2 },
    ),
  );
}
