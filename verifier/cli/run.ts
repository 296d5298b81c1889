// medanchor-verify: checks a proof bundle with nothing but the bundle, the content, the chain and what the auditor trusts.

import {
  MAX_BUNDLE_BYTES,
  MAX_JSON_BYTES,
  parseBundle,
  verifyBundle,
  VerifyError,
  withChecks,
  type Bundle,
  type VerificationReport,
} from '../src/index.ts';
import { readArguments, type Arguments } from './args.ts';
import { runAccessLog } from './access-log.ts';
import { blockTime } from './block-time.ts';
import { cautionsFor } from './cautions.ts';
import { EXIT, exitCode, type Io } from './exit.ts';
import { Failure } from './failure.ts';
import { HELP } from './help.ts';
import { readInput } from './input.ts';
import { readLogKeys } from './log-keys.ts';
import { formatFailureJson, formatJson, formatReport } from './print.ts';
import { printable } from './printable.ts';
import { RpcClient } from './rpc.ts';

/** Records in any format; larger ones than JSON may be, since scans and images are. */
const MAX_CONTENT_BYTES = 16 * MAX_JSON_BYTES;

/** @returns the exit code: 0 intact, 1 altered, 2 malformed or usage, 3 could not be checked */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    if (argv[0] === 'access-log') return await runAccessLog(argv.slice(1), io);
    const args = readArguments(argv);
    if (args === 'help') io.out(HELP);
    else if (args === 'version') io.out(`medanchor-verify ${io.version}\n`);
    else return await check(args, io);
    return EXIT.intact;
  } catch (error) {
    const json = argv.includes('--json');
    if (error instanceof Failure) refuse(error, error.message, json, io);
    else if (error instanceof VerifyError) refuse(error, `the bundle is malformed: ${error.message}`, json, io);
    else throw error;
    return EXIT.unusable;
  }
}

async function check(args: Arguments, io: Io): Promise<number> {
  const trust = { ...args.trust, logKeys: await readLogKeys(args.logKeys, io.stdin) };
  const bundle = readBundle(await readInput({ role: 'BUNDLE', path: args.bundle, limit: MAX_BUNDLE_BYTES }, io.stdin));
  const content =
    args.content === null
      ? null
      : await readInput({ role: 'CONTENT', path: args.content, limit: MAX_CONTENT_BYTES }, io.stdin);
  const chain = args.rpc === null ? null : new RpcClient(args.rpc, args.timeoutMs);
  const seen = await verifyBundle(bundle, {
    trust,
    ...(content === null ? {} : { content }),
    ...(args.mediaType === null ? {} : { mediaType: args.mediaType }),
    ...(Object.keys(args.identity).length === 0 ? {} : { identity: args.identity }),
    ...(chain === null ? {} : { chain }),
  });
  const report = askForConfirmations(seen, BigInt(args.trust.confirmations ?? 1));
  const anchor = report.subject.confirmations === undefined ? null : bundle.anchor;
  const result = {
    bundle,
    report,
    anchor,
    blockTime: chain === null || anchor === null ? null : await blockTime(chain, anchor.block),
    exitCode: exitCode(report, chain === null),
    offline: chain === null,
    contentGiven: content !== null,
    cautions: cautionsFor(args, report, anchor),
  };
  io.out(args.json ? formatJson(result) : formatReport(result, io.style));
  return result.exitCode;
}

/** The bare proof of a log entry is what other tools of transparency logs read, and easily taken for a bundle. */
function readBundle(octets: Uint8Array): Bundle {
  const start = Buffer.from(octets.subarray(0, 64)).toString('latin1');
  if (start.startsWith('c2sp.org/tlog-proof')) {
    throw new Failure(
      'NOT_A_BUNDLE',
      'BUNDLE: this is a bare tlog-proof, which names neither a record nor an anchor; wanted is the whole proof bundle (JSON)',
    );
  }
  return parseBundle(octets);
}

/** A block that is not buried deep enough may still be replaced, so its anchor does not count yet for who asked for more. */
function askForConfirmations(report: VerificationReport, wanted: bigint): VerificationReport {
  const got = report.subject.confirmations;
  if (got === undefined || got >= wanted) return report;
  const reason = `The anchor is there, but with ${got} of the ${wanted} confirmations that were asked for.`;
  return withChecks(report, [
    { name: 'anchor', required: true, result: 'skipped', reason, code: 'TOO_FEW_CONFIRMATIONS' },
  ]);
}

function refuse({ code }: Failure | VerifyError, message: string, json: boolean, { out, err, style }: Io): void {
  if (json) out(formatFailureJson(code, message, EXIT.unusable));
  const hint = code === 'USAGE' ? '(medanchor-verify --help says how)\n' : '';
  err(`medanchor-verify: ${printable(message, !style.unicode)} [${code}]\n${hint}`);
}
