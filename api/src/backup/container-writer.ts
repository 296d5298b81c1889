// Writes the backup's file: a tar archive under gzip, so that it can be looked into and checked without this program
// (`tar -xzf`, `sha256sum -c SHA256SUMS`).
//
// The file gets its name only when all of it is on the disk. Until then it is called `NAME.<process id>.partial`; a failed
// run removes that, a killed one leaves it, and nothing takes it for a backup: its last member is missing.
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import tar from 'tar-stream';
import { SUMS_NAME } from './manifest.ts';

/** Hexadecimal digits of random hashes compress to half by Huffman coding alone; higher levels cost time and gain little. */
const GZIP_LEVEL = 1;

/** The target cannot be written: says which file, and what the system said. */
export class BackupTargetError extends Error {
  override readonly name = 'BackupTargetError';
}

export class ContainerWriter {
  readonly #target: string;
  readonly #partial: string;
  readonly #time: Date;
  readonly #pack = tar.pack();
  /** Ends with the file's last octet, or with what went wrong. */
  readonly #written: Promise<void>;
  readonly #sums: string[] = [];

  /**
   * @param time stands in every member
   * @throws {BackupTargetError} when the target exists: a backup is never overwritten
   */
  constructor(target: string, time: Date) {
    this.#target = path.resolve(target);
    this.#partial = `${this.#target}.${process.pid}.${randomUUID().slice(0, 8)}.partial`;
    this.#time = time;
    if (existsSync(this.#target)) {
      throw new BackupTargetError(`${this.#target} exists; a backup is never overwritten. Choose another name`);
    }
    if (!existsSync(path.dirname(this.#target))) {
      throw new BackupTargetError(`there is no folder ${path.dirname(this.#target)}`);
    }
    this.#written = pipeline(
      this.#pack,
      createGzip({ level: GZIP_LEVEL }),
      createWriteStream(this.#partial, { flags: 'wx', mode: 0o600, flush: true }),
    );
    // Whoever waits for it gets the error; when nobody does, because the database failed first, it is not unhandled.
    this.#written.catch(() => undefined);
  }

  /** Adds a member; resolves when it has been taken, so that at most a few pieces are in memory. */
  async add(name: string, content: Buffer): Promise<void> {
    this.#sums.push(`${createHash('sha256').update(content).digest('hex')}  ${name}\n`);
    await this.#entry(name, content);
  }

  async #entry(name: string, content: Buffer): Promise<void> {
    const taken = new Promise<void>((resolve, reject) => {
      this.#pack.entry({ name, size: content.length, mode: 0o600, mtime: this.#time }, content, (error) =>
        error instanceof Error ? reject(error) : resolve(),
      );
    });
    taken.catch(() => undefined);
    // A full disk ends the pipeline, and then nobody takes the entry any more.
    await Promise.race([taken, this.#failure()]);
  }

  async #failure(): Promise<never> {
    await this.#told(this.#written);
    throw new BackupTargetError(`${this.#target}: the file was closed early`);
  }

  async #told(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (cause) {
      throw new BackupTargetError(`${this.#target} cannot be written: ${reason(cause)}`, { cause });
    }
  }

  /** Writes the list of sums, makes everything durable, and gives the file its name. @returns its size in octets */
  async finish(): Promise<number> {
    await this.#entry(SUMS_NAME, Buffer.from(this.#sums.join('')));
    this.#pack.finalize();
    await this.#told(this.#written);
    if (existsSync(this.#target)) throw new BackupTargetError(`${this.#target} appeared in the meantime`);
    await this.#told(rename(this.#partial, this.#target));
    const folder = await open(path.dirname(this.#target), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    const file = await open(this.#target, 'r');
    try {
      return (await file.stat()).size;
    } finally {
      await file.close();
    }
  }

  /** Gives up: nothing is left behind. */
  async discard(): Promise<void> {
    this.#pack.destroy();
    await this.#written.catch(() => undefined);
    await rm(this.#partial, { force: true });
  }
}

function reason(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'ENOSPC') return 'the disk is full (ENOSPC)';
  if (code === 'EDQUOT') return 'the disk quota is used up (EDQUOT)';
  if (code === 'EFBIG') return 'the file would exceed the limit on file sizes (EFBIG)';
  return String(message);
}
