// Reading BUNDLE, CONTENT and key files. The limit holds for pipes and devices as well: nothing is read beyond it.

import { open } from 'node:fs/promises';
import { Failure } from './failure.ts';

export interface Input {
  /** What messages call it. */
  readonly role: string;
  /** - is standard input. */
  readonly path: string;
  readonly limit: number;
}

export type ByteStream = AsyncIterable<Uint8Array>;

/** @throws {Failure} FILE_UNREADABLE or FILE_TOO_LARGE, naming the file and what is wrong with it */
export async function readInput(input: Input, stdin: ByteStream): Promise<Uint8Array> {
  try {
    return input.path === '-' ? await collect(stdin, input) : await readFile(input);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code = 'unknown reason' } = error as { readonly code?: string };
    throw new Failure('FILE_UNREADABLE', `${input.role}: ${nameOf(input)} cannot be read (${code})`, { cause: error });
  }
}

async function readFile(input: Input): Promise<Uint8Array> {
  const file = await open(input.path, 'r');
  try {
    if ((await file.stat()).isDirectory())
      throw new Failure('FILE_UNREADABLE', `${input.role}: ${input.path} is a folder`);
    return await collect(file.createReadStream({ autoClose: false }), input);
  } finally {
    await file.close();
  }
}

async function collect(stream: ByteStream, input: Input): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early closes the stream.
  for await (const part of stream) {
    length += part.length;
    if (length > input.limit) {
      throw new Failure('FILE_TOO_LARGE', `${input.role}: ${nameOf(input)} is larger than ${input.limit} octets`);
    }
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts, length));
}

function nameOf({ path }: Input): string {
  return path === '-' ? 'standard input' : path;
}
