// The process around run(): standard streams, locale, exit code. Node ends with 1 when something goes wrong that nobody caught,
// and 1 means "altered" here; so every such end is turned into 3, "could not be checked".

import { EXIT } from './exit.ts';
import { run } from './run.ts';

const VERSION = '0.1.0';

// POSIX: LC_ALL goes before LC_CTYPE, that before LANG; an empty value counts as not set.
const { LC_ALL, LC_CTYPE, LANG, NO_COLOR, TERM } = process.env;
const locale = LC_ALL || LC_CTYPE || LANG || '';

process.exitCode = EXIT.unproven;
process.on('uncaughtException', fault);
for (const stream of [process.stdout, process.stderr]) {
  // A reader that has left (`| head`) changes nothing about the result.
  stream.on('error', (error: NodeJS.ErrnoException) => error.code === 'EPIPE' || fault(error));
}

run(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  stdin: process.stdin,
  style: {
    colour: process.stdout.isTTY && !NO_COLOR && TERM !== 'dumb',
    unicode: /utf-?8/i.test(locale) || (process.platform === 'darwin' && locale === ''),
  },
  version: VERSION,
}).then((code) => (process.exitCode = code), fault);

/** Our own fault; never to be taken for a verdict. */
function fault(error: unknown): void {
  process.exitCode = EXIT.unproven;
  process.stderr.write(`medanchor-verify: internal error: ${error instanceof Error ? error.message : String(error)}\n`);
}
