// The journal of the local chain: one JSON line per mined transaction, in block order, durable before the sender gets
// its answer. Hardhat's node keeps everything in memory, so this file *is* the chain between two runs.
//
//   {"format":"medanchor-chain-journal/1","chainId":"31337","genesis":"0x…"}
//   {"raw":"0x…","hash":"0x…","timestamp":"1767225601","blockNumber":"1","blockHash":"0x…"}
//
// Reading accepts exactly what writing prints, with one exception: a last line without its line feed was torn by a
// crash. Its sender never had an answer, so it is dropped.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** The file's name in the chain's folder. */
export const JOURNAL_NAME = 'journal.jsonl';

const FORMAT = 'medanchor-chain-journal/1';
const hex32 = z.string().regex(/^0x[0-9a-f]{64}$/);
const decimal = z.string().regex(/^(0|[1-9][0-9]{0,18})$/);

const headerSchema = z.strictObject({ format: z.literal(FORMAT), chainId: decimal, genesis: hex32 });
const entrySchema = z.strictObject({
  raw: z.string().regex(/^0x([0-9a-f]{2})+$/),
  hash: hex32,
  timestamp: decimal,
  blockNumber: decimal,
  blockHash: hex32,
});

export type JournalEntry = z.infer<typeof entrySchema>;

/** Which chain the entries belong to: a changed hardhat.config.ts gives another genesis block. */
export interface ChainIdentity {
  readonly chainId: string;
  readonly genesis: string;
}

export interface JournalContent {
  readonly identity: ChainIdentity | null;
  readonly entries: readonly JournalEntry[];
  /** Octets of a torn last line that were cut off, 0 in the normal case. */
  readonly dropped: number;
}

/** The journal, or what it says about the chain, cannot be trusted. Never repaired silently. */
export class JournalError extends Error {
  override name = 'JournalError';
}

/** Reads the journal and cuts off a torn last line. A missing file is an empty journal. */
export function readJournal(file: string): JournalContent {
  if (!existsSync(file)) return { identity: null, entries: [], dropped: 0 };
  const octets = readFileSync(file);
  const end = octets.lastIndexOf(0x0a) + 1;
  const dropped = octets.length - end;
  if (dropped > 0) truncateSync(file, end);
  const lines = octets.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  if (lines.length === 0) return { identity: null, entries: [], dropped };
  const { chainId, genesis } = parseLine(file, 1, lines[0] ?? '', headerSchema);
  const entries = lines.slice(1).map((line, i) => parseLine(file, i + 2, line, entrySchema));
  return { identity: { chainId, genesis }, entries, dropped };
}

function parseLine<T>(file: string, number: number, line: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(line));
  } catch (cause) {
    throw new JournalError(`${file}, line ${String(number)}: not a journal line; the file was damaged or edited`, {
      cause,
    });
  }
}

/** Appends lines; each call returns only when its line is on the disk. */
export class JournalWriter {
  readonly #descriptor: number;

  /** Opens the file for appending and writes the first line when the journal is new. */
  constructor(file: string, content: JournalContent, identity: ChainIdentity) {
    this.#descriptor = openSync(file, 'a', 0o600);
    if (content.identity !== null) return;
    this.#write({ format: FORMAT, ...identity });
    // The new name in its folder must survive a power cut too.
    const folder = openSync(path.dirname(file), 'r');
    fsyncSync(folder);
    closeSync(folder);
  }

  append(entry: JournalEntry): void {
    this.#write(entry);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #write(value: object): void {
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    for (let written = 0; written < line.length;) written += writeSync(this.#descriptor, line, written);
    fsyncSync(this.#descriptor);
  }
}
