// medanchor-verify access-log EXPORT: whether an exported access log is what the log commits to. Line by line, so the file may be
// larger than memory. docs/spec/formats.md section 11.4.

import { createReadStream } from 'node:fs';
import { AccessExportCheck, VerifyError, verifyBundle, type VerificationReport } from '../src/index.ts';
import { readArguments, type Arguments } from './args.ts';
import { EXIT, exitCode, type Io } from './exit.ts';
import { Failure, usage } from './failure.ts';
import type { ByteStream } from './input.ts';
import { readLogKeys } from './log-keys.ts';
import { asciiJson, printable } from './printable.ts';
import { RpcClient } from './rpc.ts';

/** An event has at most some thousand octets; a line that carries a proof bundle has more. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

interface Finding {
  readonly exitCode: number;
  readonly reason: string;
  readonly report: VerificationReport | null;
}

/** @param argv what follows `access-log` @returns the exit code, as of a bundle */
export async function runAccessLog(argv: readonly string[], io: Io): Promise<number> {
  const args = readArguments(argv);
  if (args === 'help' || args === 'version') throw usage('access-log: wanted is EXPORT and how to check it');
  if (args.content !== null || Object.keys(args.identity).length > 0)
    throw usage('access-log: an export has no CONTENT and is about no single record');
  const trust = { ...args.trust, logKeys: await readLogKeys(args.logKeys, io.stdin) };
  const check = new AccessExportCheck();
  const found = await judge(check, args, trust, io.stdin);
  const range = check.range;
  const facts = {
    chain: check.chain,
    log: check.origin,
    first: range?.first.toString() ?? null,
    last: range?.last.toString() ?? null,
    provenTo: check.proven?.seq.toString() ?? null,
    batches: check.anchors.toString(),
  };
  if (args.json) {
    const checks = found.report?.checks ?? [];
    io.out(
      `${asciiJson({ ...facts, checks, reason: found.reason, offline: args.rpc === null, exitCode: found.exitCode })}\n`,
    );
    return found.exitCode;
  }
  const lines = [
    range === null
      ? 'Events:   none'
      : `Events:   ${range.first} to ${range.last} of chain ${check.chain}, as recorded by ${check.origin}`,
    `Batches:  ${check.anchors}`,
    ...(found.report?.checks ?? [])
      .filter(({ result }) => result !== 'skipped')
      .map(({ name, result, reason }) => `Check:    ${name} ${result}: ${reason}`),
    `Result:   ${found.reason}`,
  ];
  io.out(`${lines.map((line) => printable(line, !io.style.unicode)).join('\n')}\n`);
  return found.exitCode;
}

async function judge(
  check: AccessExportCheck,
  args: Arguments,
  trust: Parameters<typeof verifyBundle>[1]['trust'],
  stdin: ByteStream,
): Promise<Finding> {
  try {
    for await (const line of linesOf(args.bundle, stdin)) check.add(line);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    return {
      exitCode: EXIT.altered,
      reason: `The export does not hold: ${error.message} [${error.code}]`,
      report: null,
    };
  }
  const { proven, range } = check;
  if (range === null) return unproven('There is no event in the export.');
  if (proven === null)
    return unproven(
      `Events ${range.first} to ${range.last} follow from each other, but nothing in the export ties them to the log.`,
    );
  const chain = args.rpc === null ? null : new RpcClient(args.rpc, args.timeoutMs);
  const report = await verifyBundle(proven.bundle, { trust, ...(chain === null ? {} : { chain }) });
  const code = exitCode(report, chain === null);
  if (code !== EXIT.intact) return { exitCode: code, reason: report.reason, report };
  if (report.subject.origin !== check.origin)
    return {
      exitCode: EXIT.altered,
      reason: `The events name ${check.origin} as their observer, the proof is of ${report.subject.origin}.`,
      report,
    };
  if (proven.seq < range.last)
    return {
      ...unproven(
        `Events ${range.first} to ${proven.seq} are what was recorded; events ${proven.seq + 1n} to ${range.last} are not covered by the log yet.`,
      ),
      report,
    };
  return {
    exitCode: EXIT.intact,
    reason: `Events ${range.first} to ${range.last} are what was recorded, without a gap.`,
    report,
  };
}

function unproven(reason: string): Finding {
  return { exitCode: EXIT.unproven, reason, report: null };
}

/** Each line without its line feed; the last one may lack it. */
async function* linesOf(path: string, stdin: ByteStream): AsyncGenerator<Uint8Array> {
  const role = `EXPORT: ${path === '-' ? 'standard input' : path}`;
  let rest = Buffer.alloc(0);
  try {
    for await (const part of path === '-' ? stdin : (createReadStream(path) as ByteStream)) {
      rest = Buffer.concat([rest, part]);
      for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a)) {
        yield rest.subarray(0, end);
        rest = rest.subarray(end + 1);
      }
      if (rest.length > MAX_LINE_BYTES)
        throw new Failure('FILE_TOO_LARGE', `${role} has a line of more than ${MAX_LINE_BYTES} octets`);
    }
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (error instanceof Failure || error instanceof VerifyError || typeof code !== 'string') throw error;
    throw new Failure('FILE_UNREADABLE', `${role} cannot be read (${code})`, { cause: error });
  }
  if (rest.length > 0) yield rest;
}
