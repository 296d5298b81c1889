// The command line of medanchor-verify. Says what is wrong with an argument and what is allowed.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { noteVerifier, VerifyError, type RecordIdentity, type Trust } from '../src/index.ts';

/** A mistake in the command line; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Arguments {
  readonly bundle: string;
  readonly content: string | null;
  readonly mediaType: string | null;
  readonly identity: Partial<RecordIdentity>;
  readonly trust: Trust;
  /** null: offline. */
  readonly rpc: string | null;
  readonly timeoutMs: number;
  readonly json: boolean;
}

export const USAGE = `usage: medanchor-verify BUNDLE [CONTENT] --rpc URL --contract ADDRESS [options]
       medanchor-verify BUNDLE [CONTENT] --offline --log-key KEY [options]

BUNDLE   a proof bundle (JSON); CONTENT the record as it was received; - is standard input

  --rpc URL              JSON-RPC endpoint of the chain: your own node, or one that you trust
  --contract ADDRESS     the AnchorRegistry, learned from a source that you trust (never from the bundle)
  --chain-id N           the chain that the endpoint must serve
  --confirmations N      blocks that make an anchor confirmed (default 1)
  --log-key KEY          verifier key of the log (name+hash+base64), or @FILE; may be repeated
  --source, --record, --version-id NAME
                         what the bundle should be about
  --media-type TYPE      media type of CONTENT (default: the one that was recorded)
  --timeout SECONDS      patience with the chain, in all (default 30)
  --offline              check all but the chain
  --json                 the report as JSON
  --help, --version

exit code  0  intact: what is required was checked and holds. Offline: all but the anchor, with a --log-key
           1  altered: something does not hold
           2  the command line, the bundle or a file cannot be used
           3  could not be checked: not anchored yet, the chain cannot be reached, or no key was given offline
`;

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
} as const;

/** @throws {UsageError} */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  const [bundle, content, ...rest] = positionals;
  if (bundle === undefined) throw new UsageError('BUNDLE is missing');
  if (rest.length > 0) throw new UsageError(`at most BUNDLE and CONTENT are allowed, got ${positionals.length} names`);
  if (bundle === '-' && content === '-') throw new UsageError('only one of BUNDLE and CONTENT can be standard input');
  const offline = values.offline === true;
  if (offline && values.rpc !== undefined) throw new UsageError('--offline and --rpc: only one of them is allowed');
  if (!offline && (values.rpc === undefined || values.contract === undefined)) {
    throw new UsageError('--rpc URL and --contract ADDRESS are needed, or --offline');
  }
  const identity = {
    ...(values.source === undefined ? {} : { source: values.source }),
    ...(values.record === undefined ? {} : { recordId: values.record }),
    ...(values['version-id'] === undefined ? {} : { versionId: values['version-id'] }),
  };
  const trust: Trust = {
    logKeys: (values['log-key'] ?? []).map(readLogKey),
    confirmations: wholeNumber('--confirmations', values.confirmations ?? '1', 1, 1_000_000),
    ...(values.contract === undefined ? {} : { contract: readAddress(values.contract) }),
    ...(values['chain-id'] === undefined
      ? {}
      : { chainId: BigInt(wholeNumber('--chain-id', values['chain-id'], 1, Number.MAX_SAFE_INTEGER)) }),
  };
  return {
    bundle,
    content: content ?? null,
    mediaType: values['media-type'] ?? null,
    identity,
    trust,
    rpc: values.rpc === undefined ? null : readUrl(values.rpc),
    timeoutMs: 1000 * wholeNumber('--timeout', values.timeout ?? '30', 1, 3600),
    json: values.json === true,
  };
}

function parse(
  argv: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function wholeNumber(option: string, text: string, minimum: number, maximum: number): number {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : NaN;
  if (!(value >= minimum && value <= maximum)) {
    throw new UsageError(`${option} must be a whole number from ${minimum} to ${maximum}`);
  }
  return value;
}

function readAddress(text: string): string {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new UsageError('--contract must be 0x and 40 hexadecimal digits');
  return text.toLowerCase();
}

function readUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new UsageError('--rpc must be an http:// or https:// URL');
  return text;
}

function readLogKey(text: string): string {
  let key = text;
  if (text.startsWith('@')) {
    try {
      key = readFileSync(text.slice(1), 'utf8').trim();
    } catch (error) {
      throw new UsageError(`--log-key: ${text.slice(1)} cannot be read`, { cause: error });
    }
  }
  try {
    noteVerifier(key);
  } catch (error) {
    if (error instanceof VerifyError) throw new UsageError(`--log-key: ${error.message}`, { cause: error });
    throw error;
  }
  return key;
}
