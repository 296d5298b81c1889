// The report for people and for programs. Never prints content, salts or keys.
import { toHex, type Bundle, type Check, type VerificationReport } from '../src/index.ts';

export interface Style {
  readonly colour: boolean;
  readonly unicode: boolean;
}

const MARKS = {
  unicode: { passed: '✓', failed: '✗', skipped: '–' },
  ascii: { passed: 'ok', failed: 'FAILED', skipped: '-' },
} as const;
const COLOURS = { passed: 32, failed: 31, skipped: 33 } as const;

export interface Result {
  readonly bundle: Bundle;
  readonly report: VerificationReport;
  /** When the anchor's block was made, as the chain says; null when not known. */
  readonly blockTime: string | null;
  readonly exitCode: number;
  readonly offline: boolean;
  readonly contentGiven: boolean;
}

export function formatReport(result: Result, style: Style): string {
  const { report, bundle } = result;
  const lines = report.checks.map((check) => formatCheck(check, style));
  const { identity } = report.subject;
  const about = printable(
    identity === undefined
      ? `entry ${report.subject.index} of ${report.subject.origin}`
      : `version ${identity.versionId} of ${identity.recordId} from ${identity.source} (entry ${report.subject.index} of ${report.subject.origin})`,
  );
  lines.push('', `About:    ${about}`);
  for (const { path, value } of passed(report, 'fields') ? (bundle.disclosed?.fields ?? []) : []) {
    lines.push(printable(`Field:    ${path} = ${value}`));
  }
  if (passed(report, 'anchor') && bundle.anchor !== null) {
    const { chainId, contract, size, transaction, block } = bundle.anchor;
    lines.push(
      `Anchored: size ${size} in block ${block} of chain ${chainId}${result.blockTime === null ? '' : `, ${result.blockTime}`}` +
        ` (${report.subject.confirmations ?? 1n} confirmations)`,
      `          contract ${contract}, transaction ${transaction}`,
    );
  }
  if (!result.contentGiven) lines.push('Content:  none was given; only the proof was checked');
  if (report.flags.length > 0) lines.push(`Flags:    ${report.flags.join(', ')}`);
  if (result.offline)
    lines.push(
      'Chain:    not asked (--offline); who signed the checkpoint could have signed another one for somebody else',
    );
  lines.push(printable(`Result:   ${report.reason}`));
  return `${lines.join('\n')}\n`;
}

/**
 * Bundles and endpoints are hostile, and terminals obey control characters: those, and the marks that turn the direction of
 * text, are shown as escapes.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function passed(report: VerificationReport, name: Check['name']): boolean {
  return report.checks.some((check) => check.name === name && check.result === 'passed');
}

function formatCheck({ name, result, reason, code }: Check, { colour, unicode }: Style): string {
  const mark = MARKS[unicode ? 'unicode' : 'ascii'][result];
  const shown = colour ? `\u001b[${COLOURS[result]}m${mark}\u001b[0m` : mark;
  const padding = ' '.repeat(unicode ? 1 : Math.max(1, 7 - mark.length));
  return `${shown}${padding}${name.padEnd(21)} ${printable(reason)}${code === undefined || result === 'passed' ? '' : ` [${code}]`}`;
}

/** The same members as the answer of POST /v1/proofs/verify, and the exit code. */
export function formatJson({ report, bundle, blockTime, exitCode }: Result): string {
  const { subject } = report;
  return `${JSON.stringify(
    {
      verdict: report.verdict,
      flags: report.flags,
      status: report.status,
      outcome: report.outcome,
      reason: report.reason,
      checks: report.checks,
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
        bundle.anchor === null
          ? null
          : {
              chainId: bundle.anchor.chainId.toString(),
              contract: bundle.anchor.contract,
              transaction: bundle.anchor.transaction,
              block: bundle.anchor.block.toString(),
              blockTime,
            },
      exitCode,
    },
    null,
    2,
  )}\n`;
}
