// What can be said behind `npm run bench --`.

import { parseArgs } from 'node:util';
import { messageOf } from '../prepare/error-facts.mjs';
import type { Section } from './harness/section.ts';

export const USAGE = `usage: npm run bench -- [SECTION …] [--quick] [--list] [--json FILE] [--markdown FILE]
                               [--profile FOLDER]
  SECTION …         only these sections (default: all); --list names them
  --quick           small sizes and short times: shows that it works, gives no figures to quote
  --json FILE       where the results go (default: bench-results/<time>.json)
  --markdown FILE   the tables as Markdown; into a file that has the marks of docs/performance.md, between them
  --profile FOLDER  CPU profiles of the API (.cpuprofile, for Chrome's or VS Code's viewer); costs some speed`;

export interface BenchArguments {
  readonly sections: readonly Section[];
  readonly quick: boolean;
  readonly list: boolean;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  readonly profile: string | undefined;
}

/** A text says what is wrong. */
export function parseBenchArguments(args: readonly string[], known: readonly Section[]): BenchArguments | string {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return messageOf(error);
  }
  const { values, positionals } = parsed;
  const unknown = positionals.filter((name) => !known.some((section) => section.name === name));
  if (unknown.length > 0) {
    return `there is no section ${unknown.join(', ')}; there are ${known.map(({ name }) => name).join(', ')}`;
  }
  return {
    sections: positionals.length === 0 ? known : known.filter(({ name }) => positionals.includes(name)),
    quick: values.quick === true,
    list: values.list === true,
    json: values.json,
    markdown: values.markdown,
    profile: values.profile,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean' },
      list: { type: 'boolean' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      profile: { type: 'string' },
    },
  });
}
