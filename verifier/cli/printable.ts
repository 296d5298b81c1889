// Hostile text on its way to a terminal. Names in a bundle and messages of an endpoint are chosen by others; an escape sequence
// or a change of writing direction in them could repaint the very line that says "altered".

/** Controls, marks of formatting (direction, zero width), line separators, private use, unassigned. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
const NOT_ASCII = /[^\x20-\x7e]/gu;
const MAX_LENGTH = 2000;

/** One line of bounded length, without anything that a terminal obeys; with `ascii`, nothing but ASCII. */
export function printable(text: string, ascii = false): string {
  const cut = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text;
  const safe = cut.replace(UNPRINTABLE, escapeOf);
  return ascii ? safe.replace(NOT_ASCII, escapeOf) : safe;
}

/** JSON in ASCII and nothing else, so it means the same in every locale and does nothing to a terminal. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/[^\x20-\x7e\n]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`);
}

function escapeOf(character: string): string {
  return `\\u{${hex(character.codePointAt(0) ?? 0, 1)}}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
