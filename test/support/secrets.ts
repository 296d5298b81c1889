// Octets that must never come out, and a search for them in whatever did: raw, in hexadecimal, in base64 and base64url at every
// alignment, as a list of numbers (a Buffer in JSON), and percent-encoded text.

import { createGunzip } from 'node:zlib';
import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';

export class Secrets {
  readonly #forms = new Map<string, readonly Buffer[]>();

  get size(): number {
    return this.#forms.size;
  }

  /** @param octets 16 at least: what is shorter is found by chance */
  add(name: string, octets: Uint8Array): void {
    if (octets.length < 16) throw new Error(`${name} is too short to be searched for`);
    const bytes = Buffer.from(octets);
    this.#forms.set(name, [
      bytes,
      Buffer.from(bytes.toString('hex')),
      ...[0, 1, 2].flatMap((before) => base64At(bytes, before)).map((form) => Buffer.from(form.toLowerCase())),
      Buffer.from([...bytes].join(',')),
    ]);
  }

  addText(name: string, text: string): void {
    this.add(name, Buffer.from(text));
    const forms = this.#forms.get(name) ?? [];
    this.#forms.set(name, [
      ...forms,
      Buffer.from(text.toLowerCase()),
      Buffer.from(encodeURIComponent(text).toLowerCase()),
    ]);
  }

  /** Names of the secrets in it. */
  in(haystack: Buffer): readonly string[] {
    // Case is folded, so that HEX is found as hex; a raw octet string is searched for as it is too.
    const folded = Buffer.from(haystack.toString('latin1').toLowerCase(), 'latin1');
    return [...this.#forms]
      .filter(([, forms]) => forms.some((form) => haystack.includes(form) || folded.includes(form)))
      .map(([name]) => name);
  }
}

/** What is the same in the base64 of anything that has these octets after `before` others (modulo 3). */
function base64At(bytes: Buffer, before: number): readonly string[] {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]);
  const first = Math.ceil((before * 4) / 3);
  const last = Math.floor(whole.length / 3) * 4;
  return [whole.toString('base64').slice(first, last), whole.toString('base64url').slice(first, last)];
}

/** The members of a backup, uncompressed. */
export function unpacked(file: string): Promise<Buffer> {
  return buffer(createReadStream(file).pipe(createGunzip()));
}
