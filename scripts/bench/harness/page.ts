// Puts generated tables into a page: between its two marks when the file has them, else they are the whole file. So the
// figures of docs/performance.md are printed by a run and typed by nobody.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

export const BEGIN = '<!-- bench: begin -->';
export const END = '<!-- bench: end -->';

/** Formatted as the repository formats its pages. @throws when the marks of the file are not a pair */
export async function writePage(file: string, tables: string): Promise<void> {
  const page = existsSync(file) ? withTables(readFileSync(file, 'utf8'), tables) : tables;
  writeFileSync(file, await format(page, { ...(await resolveConfig(file)), parser: 'markdown' }));
}

export function withTables(page: string, tables: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 && end < 0) return tables;
  if (begin < 0 || end < begin) throw new Error(`the page needs ${BEGIN} and, after it, ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${tables.trimEnd()}\n\n${page.slice(end)}`;
}
