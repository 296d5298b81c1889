// Cuts a stream of octets into lines, in bounded memory.
import { type Readable } from 'node:stream';
import { DomainError } from '../platform/errors/domain-error.ts';

const LF = 0x0a;
const CR = 0x0d;

/** A line, or the reason why it cannot be read. The number counts from 1 and includes empty lines. */
export interface Line {
  readonly number: number;
  readonly bytes: Uint8Array | null;
  readonly error: DomainError | null;
}

/**
 * Yields non-empty lines without their end (LF or CR LF), as many together as have arrived, at most `group` of them. A line
 * above `limit` octets fails alone: it is skipped as it streams by, never collected.
 *
 * @throws {DomainError} `too-many-lines`, after the lines before were given
 */
export async function* readLines(
  stream: Readable,
  limit: number,
  maxLines: number,
  group: number,
): AsyncGenerator<readonly Line[]> {
  let ready: Line[] = [];
  let parts: Buffer[] = [];
  let length = 0;
  let number = 0;
  const take = (): Line | null => {
    number += 1;
    const tooLong = length > limit;
    let bytes: Buffer | null = tooLong ? null : Buffer.concat(parts);
    parts = [];
    length = 0;
    if (tooLong)
      return {
        number,
        bytes: null,
        error: new DomainError('line-too-large', `a line may have at most ${limit} octets`),
      };
    if (bytes !== null && bytes.at(-1) === CR) bytes = bytes.subarray(0, -1);
    return bytes === null || bytes.length === 0 ? null : { number, bytes, error: null };
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LF, start); end !== -1; end = chunk.indexOf(LF, start)) {
      collect(chunk.subarray(start, end));
      if (number >= maxLines) yield* tooMany();
      const line = take();
      if (line !== null && ready.push(line) >= group) yield hand();
      start = end + 1;
    }
    collect(chunk.subarray(start));
    if (ready.length > 0) yield hand();
  }
  if (length > 0) {
    if (number >= maxLines) yield* tooMany();
    const line = take();
    if (line !== null) yield [line];
  }

  function hand(): readonly Line[] {
    const lines = ready;
    ready = [];
    return lines;
  }

  function* tooMany(): Generator<readonly Line[], never> {
    if (ready.length > 0) yield hand();
    throw new DomainError('too-many-lines', `at most ${maxLines} lines are allowed in one request`);
  }

  function collect(part: Buffer): void {
    if (part.length === 0) return;
    length += part.length;
    if (length > limit) parts = [];
    else parts.push(part);
  }
}
