// Puts the input of a hash together in one buffer that is kept: docs/spec/formats.md section 1 (`lp`, `u64`). An array of more
// than 64 octets costs a JavaScript engine about as much as hashing it does, and nearly every hash of ours is over a few
// short parts; without the buffer a commitment took three times as long.
//
// Used from start() to sha256() without anything in between, and never by two at once: everything here is synchronous, and
// a part is copied when it is given.

import { writeUtf8 } from './bytes.ts';
import { InvariantError } from './errors.ts';
import { sha256 } from './hash.ts';

const SMALL = 16 * 1024;

class HashInput {
  private buffer = new Uint8Array(SMALL);
  private at = 0;

  /** Forgets what was put together before. */
  start(): this {
    // A scan of many megabytes passes through once; its room is not kept.
    if (this.buffer.length > SMALL) this.buffer = new Uint8Array(SMALL);
    this.at = 0;
    return this;
  }

  octet(value: number): this {
    this.room(1);
    this.buffer[this.at++] = value;
    return this;
  }

  octets(part: Uint8Array): this {
    this.room(part.length);
    this.buffer.set(part, this.at);
    this.at += part.length;
    return this;
  }

  /** 8 octets, big-endian: a length or a count, so two halves of 32 bits are exact and cheaper than a bigint. */
  u64(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) throw new InvariantError(`u64 of ${value}`);
    this.room(8);
    this.u32(Math.floor(value / 0x1_0000_0000));
    this.u32(value >>> 0);
    return this;
  }

  /** `u64(length) ‖ part`; a text as UTF-8, in which a lone surrogate is refused. */
  lp(part: Uint8Array | string): this {
    if (typeof part !== 'string') return this.u64(part.length).octets(part);
    // UTF-8 takes at most three octets for a UTF-16 code unit. The length is known, and written, after the text.
    this.room(8 + 3 * part.length);
    const start = this.at;
    const length = writeUtf8(part, this.buffer, start + 8);
    this.u64(length);
    this.at += length;
    return this;
  }

  /** What was put together so far, in memory of its own. */
  copy(): Uint8Array {
    return this.buffer.slice(0, this.at);
  }

  sha256(): Uint8Array {
    return sha256(this.buffer.subarray(0, this.at));
  }

  private u32(value: number): void {
    this.buffer[this.at] = value >>> 24;
    this.buffer[this.at + 1] = value >>> 16;
    this.buffer[this.at + 2] = value >>> 8;
    this.buffer[this.at + 3] = value;
    this.at += 4;
  }

  private room(length: number): void {
    const needed = this.at + length;
    if (needed <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.buffer.length));
    larger.set(this.buffer.subarray(0, this.at));
    this.buffer = larger;
  }
}

const input = new HashInput();

/** Begins the input of a hash. */
export function hashInput(): HashInput {
  return input.start();
}
