// medanchor-verify: checks a proof bundle with nothing but the bundle, the content, the chain and what the auditor trusts.
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import {
  MAX_BUNDLE_BYTES,
  MAX_JSON_BYTES,
  parseBundle,
  verifyBundle,
  VerifyError,
  type Bundle,
  type Eip1193Provider,
  type VerificationReport,
} from '../src/index.ts';
import { readArguments, USAGE, UsageError, type Arguments } from './args.ts';
import { formatJson, formatReport, printable, type Style } from './print.ts';
import { RpcClient } from './rpc.ts';

export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly style: Style;
  readonly version: string;
}

const EXIT = { intact: 0, altered: 1, unusable: 2, unproven: 3 } as const;
/** Records in any format; larger ones than JSON may be, since scans and images are. */
const MAX_CONTENT_BYTES = 64 * MAX_JSON_BYTES;

/** @returns the exit code: 0 intact, 1 altered, 2 malformed or usage, 3 could not be checked */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  if (argv.includes('--help')) {
    io.out(USAGE);
    return 0;
  }
  if (argv.includes('--version')) {
    io.out(`medanchor-verify ${io.version}\n`);
    return 0;
  }
  let args: Arguments;
  let bundle: Bundle;
  let content: Uint8Array | null;
  try {
    args = readArguments(argv);
    bundle = parseBundle(readInput(args.bundle, MAX_BUNDLE_BYTES, 'BUNDLE'));
    content = args.content === null ? null : readInput(args.content, MAX_CONTENT_BYTES, 'CONTENT');
  } catch (error) {
    if (error instanceof UsageError)
      io.err(`medanchor-verify: ${printable(error.message)}\n(medanchor-verify --help says how)\n`);
    else if (error instanceof VerifyError)
      io.err(`medanchor-verify: the bundle is malformed: ${printable(error.message)} [${error.code}]\n`);
    else throw error;
    return EXIT.unusable;
  }
  return await check(args, bundle, content, io);
}

async function check(args: Arguments, bundle: Bundle, content: Uint8Array | null, io: Io): Promise<number> {
  const chain = args.rpc === null ? null : new RpcClient(args.rpc, args.timeoutMs);
  const report = await verifyBundle(bundle, {
    trust: args.trust,
    ...(content === null ? {} : { content }),
    ...(args.mediaType === null ? {} : { mediaType: args.mediaType }),
    ...(Object.keys(args.identity).length === 0 ? {} : { identity: args.identity }),
    ...(chain === null ? {} : { chain }),
  });
  const anchored = report.checks.some(({ name, result }) => name === 'anchor' && result === 'passed');
  const result = {
    bundle,
    report,
    blockTime:
      chain === null || !anchored || bundle.anchor === null ? null : await blockTime(chain, bundle.anchor.block),
    exitCode: exitCode(report, chain === null),
    offline: chain === null,
    contentGiven: content !== null,
  };
  io.out(args.json ? formatJson(result) : formatReport(result, io.style));
  return result.exitCode;
}

/**
 * Offline the anchor is missing by request: then everything else must hold, and a key that the auditor trusts must have
 * signed the checkpoint, or nothing at all ties the bundle to the log.
 */
function exitCode(report: VerificationReport, offline: boolean): number {
  if (!offline || report.outcome !== 'unproven') return EXIT[report.outcome];
  const held = (name: string): boolean => report.checks.some((one) => one.name === name && one.result === 'passed');
  const missing = report.checks.filter((one) => one.required && one.result === 'skipped' && one.name !== 'anchor');
  return missing.length === 0 && held('checkpoint-signature') ? EXIT.intact : EXIT.unproven;
}

/** When the block was made, as its header says. Not part of any check, so a failure only leaves it out. */
async function blockTime(chain: Eip1193Provider, block: bigint): Promise<string | null> {
  try {
    const header = (await chain.request({
      method: 'eth_getBlockByNumber',
      params: [`0x${block.toString(16)}`, false],
    })) as {
      timestamp?: unknown;
    } | null;
    const seconds =
      typeof header?.timestamp === 'string' && /^0x[0-9a-f]{1,12}$/.test(header.timestamp)
        ? Number(header.timestamp)
        : NaN;
    return new Date(seconds * 1000).toISOString();
  } catch {
    return null;
  }
}

/** @throws {UsageError} naming the file and what is wrong with it */
function readInput(name: string, limit: number, role: string): Uint8Array {
  if (name === '-') {
    const bytes = new Uint8Array(readFileSync(0));
    if (bytes.length > limit) throw new UsageError(`${role} on standard input is larger than ${limit} octets`);
    return bytes;
  }
  let file: number;
  try {
    file = openSync(name, 'r');
  } catch (error) {
    throw new UsageError(`${role}: ${name} cannot be read (${(error as { code?: string }).code ?? 'unknown reason'})`, {
      cause: error,
    });
  }
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw new UsageError(`${role}: ${name} is a folder`);
    if (stat.size > limit) throw new UsageError(`${role}: ${name} is larger than ${limit} octets`);
    return stat.isFile() ? readAll(file, stat.size) : new Uint8Array(readFileSync(file));
  } finally {
    closeSync(file);
  }
}

/** No more than was measured: a file that grows under us cannot exceed the limit. */
function readAll(file: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const read = readSync(file, bytes, length, size - length, length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}
