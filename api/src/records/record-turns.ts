// The versions of one record in one stream are recorded in the order of their lines: a group of lines waits for the earlier
// groups that hold a version of one of its records, and for no others. Without this, two groups in work at a time could
// change places (a batch that is tried again), and the ledger's latest version would be wrong. Within a group the order is
// the sequencer's, which keeps it.
import { DomainError, type DomainErrorCode } from '../platform/errors/domain-error.ts';
import { onlyGood } from '../platform/errors/settled.ts';

/** Then nobody knows whether the earlier version will be recorded: it will be sent again, and must come first. */
const UNSETTLED: readonly DomainErrorCode[] = ['unavailable', 'overloaded', 'rate-limited'];

export interface RecordOfLine {
  readonly source: string;
  readonly recordId: string;
}

export class RecordTurns {
  /** The newest group in work that holds each record; resolves to the records of the group that are unsettled after it. */
  readonly #last = new Map<string, Promise<ReadonlySet<string>>>();

  /**
   * Runs `work` on the lines whose turn has come, all at once; the results stand in the order of the lines. A line whose
   * earlier version failed in a way that calls for sending it again is refused (`unavailable`) without being tried.
   */
  async take<I extends RecordOfLine, O>(
    lines: readonly I[],
    work: (lines: readonly I[]) => Promise<readonly (O | Error)[]>,
  ): Promise<readonly (O | Error)[]> {
    const records = lines.map(({ source, recordId }) => `${source}/${recordId}`);
    const earlier = new Set(records.flatMap((record) => this.#last.get(record) ?? []));
    const { promise: finished, resolve: finish } = Promise.withResolvers<ReadonlySet<string>>();
    for (const record of records) this.#last.set(record, finished);
    const unsettled = new Set<string>();
    try {
      const barred = new Set<string>();
      for (const group of earlier) for (const record of await group) barred.add(record);
      const open = lines.map((line, position) => (barred.has(records[position] as string) ? refusal() : line));
      const results = await onlyGood(open, work);
      results.forEach((result, position) => {
        if (isUnsettled(result)) unsettled.add(records[position] as string);
      });
      return results;
    } catch (error) {
      for (const record of records) unsettled.add(record);
      throw error;
    } finally {
      for (const record of records) if (this.#last.get(record) === finished) this.#last.delete(record);
      finish(unsettled);
    }
  }
}

function isUnsettled(result: unknown): boolean {
  if (!Error.isError(result)) return false;
  return !(result instanceof DomainError) || UNSETTLED.includes(result.code);
}

function refusal(): DomainError {
  return new DomainError(
    'unavailable',
    'an earlier version of this record in this stream could not be recorded; send both again, in order',
    { retryAfterSeconds: 2 },
  );
}
