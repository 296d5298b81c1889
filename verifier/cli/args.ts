// The command line of medanchor-verify. Says what is wrong with an argument and what is allowed. Strict: an option given twice,
// one without effect and a value that could only fail later are mistakes of the auditor, and must not turn into a verdict
// about somebody's record. Reads no file.

import { parseArgs } from 'node:util';
import { assertIdentity, normaliseMediaType, VerifyError, type RecordIdentity, type Trust } from '../src/index.ts';
import { usage } from './failure.ts';
import { DEFAULT_CONFIRMATIONS, DEFAULT_TIMEOUT_SECONDS } from './help.ts';

export interface Arguments {
  readonly bundle: string;
  readonly content: string | null;
  readonly mediaType: string | null;
  readonly identity: Partial<RecordIdentity>;
  /** As given: keys, or @ and a path. */
  readonly logKeys: readonly string[];
  readonly trust: Omit<Trust, 'logKeys'>;
  /** null: offline. */
  readonly rpc: URL | null;
  readonly timeoutMs: number;
  readonly json: boolean;
}

export type Command = Arguments | 'help' | 'version';

const OPTIONS = {
  rpc: { type: 'string' },
  contract: { type: 'string' },
  'chain-id': { type: 'string' },
  confirmations: { type: 'string' },
  'log-key': { type: 'string', multiple: true },
  source: { type: 'string' },
  record: { type: 'string' },
  'version-id': { type: 'string' },
  'media-type': { type: 'string' },
  timeout: { type: 'string' },
  offline: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

const OPTION_NAMES = Object.keys(OPTIONS);

/** @throws {Failure} USAGE */
export function readArguments(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help === true) return 'help';
  if (values.version === true) return 'version';
  const [bundle, content, ...rest] = positionals;
  if (bundle === undefined) throw usage('BUNDLE is missing');
  if (rest.length > 0) throw usage(`at most BUNDLE and CONTENT are allowed, got ${positionals.length} names`);
  if (bundle === '-' && content === '-') throw usage('only one of BUNDLE and CONTENT can be standard input');
  const mediaType = values['media-type'];
  if (mediaType !== undefined && content === undefined)
    throw usage('--media-type is that of CONTENT, which is missing');

  const offline = values.offline === true;
  const idle = (['rpc', 'confirmations', 'timeout'] as const).find((name) => values[name] !== undefined);
  if (offline && idle !== undefined) throw usage(`--offline and --${idle}: only one of them is allowed`);
  if (!offline && (values.rpc === undefined || values.contract === undefined)) {
    throw usage('--rpc URL and --contract ADDRESS are needed, or --offline');
  }
  return {
    bundle,
    content: content ?? null,
    mediaType: mediaType === undefined ? null : readMediaType(mediaType),
    identity: readIdentity({ source: values.source, recordId: values.record, versionId: values['version-id'] }),
    logKeys: values['log-key'] ?? [],
    trust: {
      confirmations: wholeNumber('--confirmations', values.confirmations, 1_000_000) ?? DEFAULT_CONFIRMATIONS,
      ...(values.contract === undefined ? {} : { contract: readAddress(values.contract) }),
      ...chainIdOf(wholeNumber('--chain-id', values['chain-id'], Number.MAX_SAFE_INTEGER)),
    },
    rpc: values.rpc === undefined ? null : readUrl(values.rpc),
    timeoutMs: 1000 * (wholeNumber('--timeout', values.timeout, 3600) ?? DEFAULT_TIMEOUT_SECONDS),
    json: values.json === true,
  };
}

function parse(argv: readonly string[]) {
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, tokens: true });
  } catch (cause) {
    // The first sentence says what is wrong; what follows is advice about a syntax that nobody here needs.
    const [what = ''] = (cause as Error).message.split('. ', 1);
    throw usage(`${what}; allowed are ${OPTION_NAMES.map((name) => `--${name}`).join(' ')}`, cause);
  }
  const seen = new Set<string>();
  for (const token of parsed.tokens) {
    if (token.kind !== 'option' || token.name === 'log-key') continue;
    // parseArgs lets the last one win without a word, be it the contract's address.
    if (seen.has(token.name)) throw usage(`--${token.name} is given twice; once is allowed`);
    seen.add(token.name);
  }
  return parsed;
}

function wholeNumber(option: string, text: string | undefined, maximum: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : NaN;
  if (!(value <= maximum)) throw usage(`${option} must be a whole number from 1 to ${maximum}`);
  return value;
}

function chainIdOf(value: number | undefined): Pick<Trust, 'chainId'> {
  return value === undefined ? {} : { chainId: BigInt(value) };
}

function readAddress(text: string): string {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw usage('--contract must be 0x and 40 hexadecimal digits');
  return text.toLowerCase();
}

/** An endpoint's URL may carry an access token, so no message quotes it. */
function readUrl(text: string): URL {
  // Not URL.parse: it came after Node 20.
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw usage('--rpc must be an http:// or https:// URL');
  try {
    // They go into a header (rpc.ts), decoded.
    decodeURIComponent(url.username + url.password);
  } catch (error) {
    throw usage('--rpc: user and password must be percent-encoded', error);
  }
  return url;
}

/** A malformed type would make the content unreadable, and that would look like an altered record. */
function readMediaType(text: string): string {
  try {
    return normaliseMediaType(text);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    throw usage('--media-type must be type/subtype, such as application/fhir+json', error);
  }
}

function readIdentity(named: { readonly [K in keyof RecordIdentity]: string | undefined }): Partial<RecordIdentity> {
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  try {
    assertIdentity({ source: 'any', recordId: 'any', versionId: 'any', ...given });
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    throw usage(`--source, --record or --version-id: ${error.message}`, error);
  }
  return given;
}
