// readLines: octets that arrive in any pieces become the same lines, and a line without end is never collected.

import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readLines, type Line } from '../../api/src/records/lines.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function linesOf(chunks: readonly (string | Uint8Array)[], limit = 100, maxLines = 100): Promise<string[]> {
  const lines: string[] = [];
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  for await (const group of readLines(stream, limit, maxLines, 3)) lines.push(...group.map(print));
  return lines;
}

function print({ number, bytes, error }: Line): string {
  return bytes === null ? `${number} ${error?.code}` : `${number} ${Buffer.from(bytes).toString('utf8')}`;
}

describe('lines', () => {
  test.each([
    ['nothing', [], []],
    ['one line without its end', ['a'], ['1 a']],
    ['one line with its end', ['a\n'], ['1 a']],
    ['a line end of two octets', ['a\r\nb\r\n'], ['1 a', '2 b']],
    ['a line end cut in two', ['a\r', '\nb'], ['1 a', '2 b']],
    ['a carriage return inside is content', ['a\rb\n'], ['1 a\rb']],
    ['only one carriage return belongs to the end', ['a\r\r\n'], ['1 a\r']],
    ['empty lines are counted and left out', ['\n\r\na\n\nb'], ['3 a', '5 b']],
    ['a character cut in two', [Buffer.from('é').subarray(0, 1), Buffer.from('é\n').subarray(1)], ['1 é']],
    ['a last line that is only a carriage return', ['a\n\r'], ['1 a']],
    ['an empty piece', ['a', '', 'b\n'], ['1 ab']],
  ])('%s', async (_, chunks, lines) => {
    expect(await linesOf(chunks)).toEqual(lines);
  });

  test('cut into any pieces, the lines are the same', async () => {
    const text = Buffer.from('{"a":1}\r\n\n{"ü":"😀"}\n\r\nlast');
    const whole = await linesOf([text]);
    expect(whole).toEqual(['1 {"a":1}', '3 {"ü":"😀"}', '5 last']);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 12 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        expect(await linesOf(at.slice(1).map((end, i) => text.subarray(at[i], end)))).toEqual(whole);
      }),
      { numRuns: 200, seed: 2026 },
    );
  });
});

/**
 * V8 gives buffers back beside the program, so one look may come too early on a busy machine.
 *
 * @returns what is held, at the first look at which it is below the limit, else at the last of ten
 */
async function octetsHeld(limit: number): Promise<number> {
  for (let look = 1; ; look += 1) {
    collectGarbage();
    await delay(5);
    const { arrayBuffers } = process.memoryUsage();
    if (arrayBuffers < limit || look === 10) return arrayBuffers;
  }
}

describe('a line above the limit', () => {
  test('fails alone', async () => {
    expect(await linesOf(['1234\n12345\n123\n'], 4)).toEqual(['1 1234', '2 line-too-large', '3 123']);
  });

  test('fails at the end of the stream as well', async () => {
    expect(await linesOf(['123', '45'], 4)).toEqual(['1 line-too-large']);
  });

  test('is skipped as it streams by, in flat memory', async () => {
    const piece = Buffer.alloc(1 << 20, 0x61);
    let atFirst = 0;
    let atLast = Infinity;
    async function* pieces(): AsyncGenerator<Buffer> {
      for (let i = 0; i < 128; i += 1) {
        if (i === 0) atFirst = await octetsHeld(Infinity);
        if (i === 96) atLast = await octetsHeld(atFirst + 32 * (1 << 20));
        yield Buffer.from(piece);
      }
      yield Buffer.from('\nnext\n');
    }
    const lines: string[] = [];
    for await (const group of readLines(Readable.from(pieces()), 1 << 20, 10, 3)) lines.push(...group.map(print));
    expect(lines).toEqual(['1 line-too-large', '2 next']);
    // 96 MiB went by between the first look and the last; a stream keeps up to 16 pieces ready.
    expect(atLast - atFirst).toBeLessThan(32 * (1 << 20));
  });
});

describe('groups', () => {
  test('hold what arrived together, and never more than asked for', async () => {
    const sizes: number[] = [];
    const chunks = ['a\nb\nc\nd', '\ne\n', 'f', '\n'].map((chunk) => Buffer.from(chunk));
    for await (const group of readLines(Readable.from(chunks), 100, 100, 2)) sizes.push(group.length);
    expect(sizes).toEqual([2, 1, 2, 1]);
  });
});

describe('more lines than allowed', () => {
  test('end the request at the first line too many; those before it were given', async () => {
    const given: string[] = [];
    const read = async (): Promise<void> => {
      for await (const group of readLines(Readable.from([Buffer.from('a\nb\nc\n')]), 100, 2, 9))
        given.push(...group.map(print));
    };
    await expect(read()).rejects.toMatchObject({ code: 'too-many-lines' });
    expect(given).toEqual(['1 a', '2 b']);
  });

  test('empty lines count', async () => {
    await expect(linesOf(['\n\n\n'], 100, 2)).rejects.toMatchObject({ code: 'too-many-lines' });
    expect(await linesOf(['\n\n'], 100, 2)).toEqual([]);
  });
});
