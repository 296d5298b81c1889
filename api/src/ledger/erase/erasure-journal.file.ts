// The erasure journal as a file of JSON lines, beside the keys (ERASURE_JOURNAL_FILE): only ever added to, readable by its
// owner only. Several files, of several instances, can be joined with `cat`: order and repetition do not matter.
import { constants } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fromHex, toHex } from '@medanchor/verifier';
import { z } from 'zod';
import { ErasureJournal, ErasureJournalError, type JournalLine } from './erasure-journal.port.ts';

const lineSchema = z
  .strictObject({
    format: z.literal('medanchor-erasure/1'),
    log: z.string().min(1),
    source: z.uuid(),
    recordRef: z.string().regex(/^[0-9a-f]{64}$/),
    basis: z.string().min(1),
    time: z.iso.datetime({ precision: 3 }),
  })
  .transform(({ log, source, recordRef, basis, time }): JournalLine => ({
    log,
    source,
    recordRef: fromHex(recordRef),
    basis,
    time: new Date(time),
  }));

export class FileErasureJournal extends ErasureJournal {
  readonly #path: string;
  /** One write at a time: two half lines would be one damaged one. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    super();
    this.#path = path.resolve(file);
  }

  append(lines: readonly JournalLine[]): Promise<bigint> {
    const writing = this.#last.then(() => this.#append(lines));
    this.#last = writing.catch(() => undefined);
    return writing;
  }

  async #append(lines: readonly JournalLine[]): Promise<bigint> {
    await mkdir(path.dirname(this.#path), { recursive: true });
    const file = await open(this.#path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
    try {
      const { size } = await file.stat();
      // After a crash in the middle of a line, that line is closed, and known for what it is by not being whole.
      const torn = size > 0 && (await lastOctet(file, size)) !== 0x0a;
      await file.appendFile(`${torn ? '\n' : ''}${lines.map(formatLine).join('')}`);
      await file.sync();
      // A new file is there after a power cut only when its folder says so.
      if (size === 0) await syncFolder(path.dirname(this.#path));
      return BigInt(size + (torn ? 1 : 0));
    } finally {
      await file.close();
    }
  }

  async read(): Promise<readonly JournalLine[]> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new ErasureJournalError(`the erasure journal ${this.#path} cannot be read`, { cause });
    }
    const lines = text.split('\n');
    // Behind the last line end there is nothing, or what a crash cut off before it was promised.
    lines.pop();
    return lines.flatMap((line, position) => this.#parse(line, position + 1));
  }

  #parse(line: string, number: number): readonly JournalLine[] {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      // Every line is one object on one line, so a torn one lacks its closing brace.
      if (line.startsWith('{') && !line.endsWith('}')) return [];
      if (line === '') return [];
      throw new ErasureJournalError(`line ${number} of the erasure journal ${this.#path} is not JSON`, { cause });
    }
    const parsed = lineSchema.safeParse(value);
    if (parsed.success) return [parsed.data];
    const fields = parsed.error.issues.map((issue) => issue.path.join('.') || issue.code).join(', ');
    throw new ErasureJournalError(`line ${number} of the erasure journal ${this.#path} is not one of ours (${fields})`);
  }
}

function formatLine({ log, source, recordRef, basis, time }: JournalLine): string {
  const line = { format: 'medanchor-erasure/1', log, source, recordRef: toHex(recordRef), basis };
  return `${JSON.stringify({ ...line, time: time.toISOString() })}\n`;
}

async function lastOctet(file: Awaited<ReturnType<typeof open>>, size: number): Promise<number> {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] ?? 0;
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, and needs no such thing.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
