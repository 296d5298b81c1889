// The report for people and for programs. Never prints content, salts or keys; the single fields that a bundle discloses are
// there to be read, so they are shown once their check has passed.

import { toHex, type Bundle, type BundleAnchor, type Check, type Flag, type VerificationReport } from '../src/index.ts';
import { asciiJson, printable } from './printable.ts';

export interface Style {
  readonly colour: boolean;
  readonly unicode: boolean;
}

export interface Result {
  readonly bundle: Bundle;
  readonly report: VerificationReport;
  /** The bundle's anchor once the chain has confirmed it; null before. */
  readonly anchor: BundleAnchor | null;
  /** When the anchor's block was made, as the chain says; null when not known. */
  readonly blockTime: string | null;
  readonly exitCode: number;
  readonly offline: boolean;
  readonly contentGiven: boolean;
  readonly cautions: readonly string[];
}

const MARKS = {
  unicode: { passed: '✓', failed: '✗', skipped: '–' },
  ascii: { passed: 'ok', failed: 'FAILED', skipped: '-' },
} as const;
const COLOURS = { passed: 32, failed: 31, skipped: 33 } as const;

const FLAGS = {
  'precision-differs': 'a number is written with other digits',
  'narrative-changed': 'the narrative (text for people) is not the committed one',
  'labels-changed': 'the security labels are not the committed ones',
  superseded: 'a newer version exists',
  erased: 'the record was erased since, and its key destroyed',
} as const satisfies Record<Flag, string>;

export function formatReport(result: Result, style: Style): string {
  const { report, bundle, anchor } = result;
  const lines = report.checks.map((check) => formatCheck(check, style));
  lines.push('', `About:    ${aboutOf(report)}`);
  const fields = passed(report, 'fields') && isBound(report) ? bundle.disclosed?.fields : undefined;
  for (const { path, value } of fields ?? []) {
    lines.push(`Field:    ${path} = ${value}`);
  }
  if (anchor !== null) {
    const time = result.blockTime === null ? '' : `, ${result.blockTime}`;
    lines.push(
      `Anchored: size ${anchor.size} in block ${anchor.block} of chain ${anchor.chainId}${time}` +
        ` (${report.subject.confirmations ?? 1n} confirmations)`,
      `          contract ${anchor.contract}, transaction ${anchor.transaction}`,
    );
    if (passed(report, 'inclusion')) {
      lines.push('          The entry was in the log by then, and the log up to it can no longer be changed unseen.');
    }
  }
  lines.push(...report.flags.map((flag) => `Flag:     ${flag}: ${FLAGS[flag]}`));
  lines.push(...result.cautions.map((caution) => `Note:     ${caution}`));
  lines.push(`Result:   ${resultOf(result)}`);
  return `${lines.map((line) => painted(line, style)).join('\n')}\n`;
}

/** The same members as the answer of POST /v1/proofs/verify, and those that only this command has. */
export function formatJson({ report, anchor, blockTime, exitCode, offline, contentGiven, cautions }: Result): string {
  const { subject } = report;
  return `${asciiJson({
    verdict: report.verdict,
    flags: report.flags,
    status: report.status,
    outcome: report.outcome,
    reason: report.reason,
    checks: report.checks.map(({ name, result, required, reason, code }) => ({ name, result, required, reason, code })),
    subject: {
      kind: subject.kind,
      index: subject.index.toString(),
      leafHash: toHex(subject.leafHash),
      origin: subject.origin,
      size: subject.size.toString(),
      root: toHex(subject.root),
      identity: subject.identity ?? null,
      confirmations: subject.confirmations?.toString() ?? null,
    },
    anchor:
      anchor === null
        ? null
        : {
            chainId: anchor.chainId.toString(),
            contract: anchor.contract,
            transaction: anchor.transaction,
            block: anchor.block.toString(),
            blockTime,
          },
    offline,
    contentGiven,
    cautions,
    exitCode,
  })}\n`;
}

export function formatFailureJson(code: string, message: string, exitCode: number): string {
  return `${asciiJson({ error: { code, message }, exitCode })}\n`;
}

function aboutOf(report: VerificationReport): string {
  const { identity, index, origin, kind } = report.subject;
  const entry = `entry ${index} of ${origin}`;
  if (!isBound(report)) return `nothing that holds: what the bundle tells is not what ${entry} says`;
  if (identity !== undefined) {
    return `version ${identity.versionId} of ${identity.recordId} from ${identity.source} (${entry})`;
  }
  return kind === 'record-version'
    ? `a record version that the bundle does not show (${entry})`
    : `${entry}, of kind ${kind}`;
}

function resultOf({ report, offline, exitCode }: Result): string {
  if (offline && exitCode === 0) {
    return 'Everything but the anchor was checked and holds; a trusted key of the log has signed for it.';
  }
  return report.reason;
}

/** Whether what the bundle opens is what the log holds. Until then its identity and fields are only claims, and not shown. */
function isBound(report: VerificationReport): boolean {
  return (
    passed(report, 'inclusion') && !report.checks.some((one) => one.name === 'commitment' && one.result === 'failed')
  );
}

function passed(report: VerificationReport, name: Check['name']): boolean {
  return report.checks.some((check) => check.name === name && check.result === 'passed');
}

function formatCheck({ name, result, reason, code }: Check, { unicode }: Style): string {
  const mark = MARKS[unicode ? 'unicode' : 'ascii'][result];
  const padding = ' '.repeat(unicode ? 1 : Math.max(1, 7 - mark.length));
  return `${mark}${padding}${name.padEnd(21)} ${reason}${code === undefined || result === 'passed' ? '' : ` [${code}]`}`;
}

/** Escapes first and colours last, so that the only escape sequences in a line are ours. */
function painted(line: string, { colour, unicode }: Style): string {
  const safe = printable(line, !unicode);
  const results = Object.entries(MARKS[unicode ? 'unicode' : 'ascii']) as [Check['result'], string][];
  const found = results.find(([, mark]) => safe.startsWith(`${mark} `));
  if (!colour || found === undefined) return safe;
  const [result, mark] = found;
  return `\u001b[${COLOURS[result]}m${mark}\u001b[0m${safe.slice(mark.length)}`;
}
