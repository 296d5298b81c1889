/** One erased record: enough to erase it again in a database that came back from a backup, and nothing about anybody. */
export interface JournalLine {
  /** Origin of the log. */
  readonly log: string;
  /** Opaque id of the source. */
  readonly source: string;
  readonly recordRef: Uint8Array;
  readonly basis: string;
  readonly time: Date;
}

/** The journal cannot be read, or a line of it is damaged: then nobody knows what must be erased. Names file and line, never what stands there. */
export class ErasureJournalError extends Error {
  override readonly name = 'ErasureJournalError';
}

/**
 * What was erased, kept apart from the database and from its backups: a backup that is older than an erasure brings the key
 * back, and nothing in that backup knows.
 *
 * - `append` resolves when the lines are on the disk; it is called before the database commits, so a line may speak of an
 *   erasure that did not come about. It was decided, and is done at the next start.
 * - `read` gives every whole line. What was cut off by a crash was never promised.
 */
export abstract class ErasureJournal {
  /** @returns where the first of the lines begins, in octets */
  abstract append(lines: readonly JournalLine[]): Promise<bigint>;
  /** @throws {ErasureJournalError} */
  abstract read(): Promise<readonly JournalLine[]>;
}
