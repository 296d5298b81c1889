// Reads a backup's file. Members come one after the other and are never held in memory as a whole, except the small ones
// of our own making, which are bounded.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import {
  BackupDamagedError,
  HEADER_NAME,
  headerOf,
  MANIFEST_NAME,
  memberName,
  parseHeader,
  parseManifest,
  SUMS_NAME,
  type BackupHeader,
  type BackupManifest,
} from './manifest.ts';

/** A manifest of a million logs is not ours. The sums of a terabyte in pieces of 4 MiB take 25 MB. */
const SMALL_LIMIT = 64 * 1024 * 1024;

export interface Member {
  readonly name: string;
  readonly content: AsyncIterable<Buffer>;
}

/** The first member alone: what this backup is of. Proves nothing about the rest. @throws {BackupDamagedError} */
export async function readHeader(file: string): Promise<BackupHeader> {
  for await (const { name, content } of members(file)) {
    if (name !== HEADER_NAME) break;
    return parseHeader(await text(name, content));
  }
  throw new BackupDamagedError(`${file} does not begin with ${HEADER_NAME}: it is not a backup of MedAnchor`);
}

/**
 * Reads the whole file and checks every octet of it against its sums, and the sums against the manifest.
 *
 * @throws {BackupDamagedError} naming the file and the part
 */
export async function verifyContainer(file: string): Promise<BackupManifest> {
  const sums: string[] = [];
  const pieces: { name: string; octets: number }[] = [];
  const tables = new Map<string, { hash: Hash; octets: number; members: number }>();
  let header: BackupHeader | undefined;
  let manifest: BackupManifest | undefined;
  let listed: string | undefined;
  for await (const { name, content } of members(file)) {
    if (listed !== undefined) throw new BackupDamagedError(`${file}: ${name} comes after ${SUMS_NAME}`);
    if (name === SUMS_NAME) {
      listed = await text(name, content);
      continue;
    }
    const hash = createHash('sha256');
    if (name === HEADER_NAME || name === MANIFEST_NAME) {
      const read = await text(name, content);
      hash.update(read);
      if (name === HEADER_NAME) header = parseHeader(read);
      else manifest = parseManifest(read);
    } else {
      const folder = name.slice(0, name.lastIndexOf('/'));
      const table = tables.get(folder) ?? { hash: createHash('sha256'), octets: 0, members: 0 };
      tables.set(folder, table);
      let octets = 0;
      for await (const part of content) {
        hash.update(part);
        table.hash.update(part);
        octets += part.length;
      }
      table.octets += octets;
      table.members += 1;
      pieces.push({ name, octets });
    }
    sums.push(`${hash.digest('hex')}  ${name}\n`);
  }
  if (listed === undefined) {
    throw new BackupDamagedError(
      `${file} is not whole: its last part, ${SUMS_NAME}, is missing (cut off, or never finished)`,
    );
  }
  assertListed(file, listed, sums);
  if (header === undefined || manifest === undefined) {
    throw new BackupDamagedError(`${file} lacks ${header === undefined ? HEADER_NAME : MANIFEST_NAME}`);
  }
  if (JSON.stringify(headerOf(manifest)) !== JSON.stringify(header)) {
    throw new BackupDamagedError(`${file}: ${HEADER_NAME} and ${MANIFEST_NAME} contradict each other`);
  }
  assertTables(file, manifest, tables, pieces);
  return manifest;
}

function assertListed(file: string, listed: string, sums: readonly string[]): void {
  const lines = listed.split(/(?<=\n)/);
  sums.forEach((sum, position) => {
    const line = lines[position] ?? '';
    if (line === sum) return;
    const name = sum.slice(66, -1);
    throw new BackupDamagedError(
      line.slice(66, -1) === name
        ? `${file} is damaged: ${name} does not have the sum that ${SUMS_NAME} lists`
        : `${file}: ${SUMS_NAME} does not list ${name} in its place`,
    );
  });
  if (lines.length !== sums.length)
    throw new BackupDamagedError(`${file}: ${SUMS_NAME} lists members that are not there`);
}

function assertTables(
  file: string,
  manifest: BackupManifest,
  found: ReadonlyMap<string, { hash: Hash; octets: number; members: number }>,
  pieces: readonly { name: string }[],
): void {
  const expected = manifest.tables.flatMap(({ name, members: count }, position) =>
    Array.from({ length: count }, (_, piece) => memberName(position, name, piece)),
  );
  const odd = pieces.findIndex(({ name }, position) => name !== expected[position]);
  if (odd !== -1)
    throw new BackupDamagedError(`${file}: ${pieces[odd]?.name ?? ''} is not where ${MANIFEST_NAME} has it`);
  if (pieces.length < expected.length) throw new BackupDamagedError(`${file} lacks ${expected[pieces.length] ?? ''}`);
  manifest.tables.forEach(({ name, octets, sha256 }, position) => {
    const table = found.get(memberName(position, name, 0).replace(/\/[^/]*$/, ''));
    const sum = table?.hash.digest('hex') ?? createHash('sha256').digest('hex');
    if (sum !== sha256 || String(table?.octets ?? 0) !== octets) {
      throw new BackupDamagedError(`${file}: the table ${name} is not the one that ${MANIFEST_NAME} describes`);
    }
  });
}

/**
 * The members in order; each must be read before the next is asked for.
 *
 * @throws {BackupDamagedError} when the file is no gzip, ends too early, or goes on after the end of the archive
 */
export async function* members(file: string): AsyncGenerator<Member> {
  if (!existsSync(file)) throw new BackupDamagedError(`there is no file ${file}`);
  const gunzip = createGunzip();
  const extract = tar.extract();
  // Errors reach the reader through the archive's stream as well; here they only must not go unhandled.
  const ended = pipeline(createReadStream(file), gunzip, extract);
  ended.catch(() => undefined);
  let at = 'the beginning';
  const damaged = (cause: unknown): BackupDamagedError =>
    new BackupDamagedError(`${file} is damaged or cut off (in or after ${at}): ${(cause as Error).message}`, { cause });
  try {
    const entries = extract[Symbol.asyncIterator]();
    for (;;) {
      const next = await entries.next().catch((cause: unknown) => {
        throw damaged(cause);
      });
      if (next.done === true) break;
      at = next.value.header.name;
      yield { name: at, content: guarded(next.value as unknown as AsyncIterable<Buffer>, damaged) };
    }
    await ended.catch((cause: unknown) => {
      throw damaged(cause);
    });
  } finally {
    extract.destroy();
  }
  // gzip allows anything after its end and says nothing; we wrote nothing there.
  if (gunzip.bytesWritten !== statSync(file).size) throw new BackupDamagedError(`${file} goes on after its end`);
}

async function* guarded(entry: AsyncIterable<Buffer>, damaged: (cause: unknown) => Error): AsyncGenerator<Buffer> {
  try {
    for await (const part of entry) yield part;
  } catch (cause) {
    throw damaged(cause);
  }
}

async function text(name: string, content: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of content) {
    length += part.length;
    if (length > SMALL_LIMIT) throw new BackupDamagedError(`${name} is larger than ${SMALL_LIMIT} octets`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
