// What the preparation tells the user: short lines, a heartbeat while something takes long, and errors that say what to
// do. Plain JavaScript for any Node from 18 on.

/** An error whose message is all the user needs; it is shown without a stack. */
export class PrepareError extends Error {
  /** @param {string} message @param {ErrorOptions} [options] */
  constructor(message, options) {
    super(message, options);
    this.name = 'PrepareError';
  }
}

/** @param {string} text */
export function say(text) {
  process.stderr.write(`medanchor: ${text}\n`);
}

/**
 * Says what goes on now, and again every five seconds until it is stopped.
 * @param {string} what
 * @param {() => string} [detail]
 */
export function heartbeat(what, detail) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  say(`${what} …`);
  const timer = setInterval(() => {
    const more = detail?.() ?? '';
    say(`${what} … ${seconds()} s${more === '' ? '' : `, ${more}`}`);
  }, 5000);
  return { stop: () => clearInterval(timer), seconds };
}

/**
 * What a failed npm run means, in words.
 * @param {string} doing
 * @param {string} output
 */
export function explainNpm(doing, output) {
  const last = output.trim().split('\n').slice(-12).join('\n  ');
  const because = CAUSES.find(([pattern]) => pattern.test(output))?.[1] ?? 'npm failed';
  return new PrepareError(`${doing} did not work: ${because}\n\n  ${last}`);
}

/** @type {readonly (readonly [RegExp, string])[]} */
const CAUSES = [
  [/ENOSPC|no space left/i, 'the disk is full'],
  [/EACCES|EPERM|EROFS|permission denied/i, 'there is no permission to write; see the path below'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i,
    'the npm registry cannot be reached; the first start needs the network',
  ],
  [
    /CERT|certificate/i,
    "the npm registry's certificate was not accepted (behind a company proxy, set NODE_EXTRA_CA_CERTS)",
  ],
  [/ETARGET|E404|notarget/i, 'the npm registry does not have a package that is needed'],
  [/EUSAGE|in sync/i, 'package.json and package-lock.json do not agree'],
];
