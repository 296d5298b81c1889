// The process around run(): standard streams, locale, exit code.
import { run } from './run.ts';

const VERSION = '0.1.0';

const locale = process.env['LC_ALL'] ?? process.env['LC_CTYPE'] ?? process.env['LANG'] ?? '';

try {
  process.exitCode = await run(process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    style: {
      colour: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
      unicode: /utf-?8/i.test(locale) || process.platform === 'darwin',
    },
    version: VERSION,
  });
} catch (error) {
  // Our own fault; never to be taken for a verdict.
  process.stderr.write(`medanchor-verify: internal error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 3;
}
