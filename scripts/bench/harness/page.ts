// Puts generated tables into a page: between its two marks when the file has them, else they are the whole file. So the
// figures of docs/performance.md are printed by a run and typed by nobody.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export const BEGIN = '<!-- bench: begin -->';
export const END = '<!-- bench: end -->';

/** @throws when the file has one mark without the other, or the end before the beginning */
export function writePage(file: string, tables: string): void {
  writeFileSync(file, existsSync(file) ? withTables(readFileSync(file, 'utf8'), tables) : tables);
}

export function withTables(page: string, tables: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 && end < 0) return tables;
  if (begin < 0 || end < begin) throw new Error(`the page needs ${BEGIN} and, after it, ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${tables.trimEnd()}\n\n${page.slice(end)}`;
}
