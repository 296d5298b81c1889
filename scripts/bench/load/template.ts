// A text with marks of a fixed width, filled in by copying and overwriting a few octets: what a load generator sends must
// cost next to nothing to make. Marks: <record> (10 digits), <version> (4), <value> (dd.dd, no leading zero) and <date>
// (2025-mm-dd). A filled text depends on record and version alone, so the same numbers always give the same octets.

const MARK = /<(record|version|value|date)>/g;

const BLANK = { record: '0000000000', version: '0000', value: '10.00', date: '2025-01-01' } as const;

type Mark = keyof typeof BLANK;

interface Place {
  readonly mark: Mark;
  readonly at: number;
}

export class Template {
  readonly #blank: Buffer;
  readonly #places: readonly Place[];

  constructor(text: string) {
    const places: Place[] = [];
    let blank = '';
    let done = 0;
    for (const found of text.matchAll(MARK)) {
      const mark = found[1] as Mark;
      blank += text.slice(done, found.index);
      places.push({ mark, at: Buffer.byteLength(blank) });
      blank += BLANK[mark];
      done = found.index + found[0].length;
    }
    this.#blank = Buffer.from(blank + text.slice(done));
    this.#places = places;
  }

  /** Octets of every filled text. */
  get length(): number {
    return this.#blank.length;
  }

  /** @param record from 0, @param version from 1 */
  fill(record: number, version: number): Buffer {
    const out = Buffer.allocUnsafe(this.#blank.length);
    this.fillInto(out, 0, record, version);
    return out;
  }

  /** Writes the filled text into `out` and returns the offset after it. */
  fillInto(out: Buffer, at: number, record: number, version: number): number {
    this.#blank.copy(out, at);
    for (const place of this.#places) write(out, at + place.at, place.mark, record, version);
    return at + this.#blank.length;
  }
}

function write(out: Buffer, at: number, mark: Mark, record: number, version: number): void {
  if (mark === 'record') return digits(out, at, 10, record);
  if (mark === 'version') return digits(out, at, 4, version);
  if (mark === 'date') {
    digits(out, at + 5, 2, 1 + (Math.floor(record / 28) % 12));
    return digits(out, at + 8, 2, 1 + (record % 28));
  }
  const value = 1000 + ((record * 7919 + version * 1049) % 9000);
  digits(out, at, 2, Math.floor(value / 100));
  digits(out, at + 3, 2, value % 100);
}

function digits(out: Buffer, at: number, width: number, number: number): void {
  let rest = number;
  for (let i = at + width - 1; i >= at; i--) {
    const next = Math.floor(rest / 10);
    out[i] = 48 + rest - next * 10;
    rest = next;
  }
}
