// A sweep in words, for a terminal. Pure.
import { toHex } from '@medanchor/verifier';
import { type FsckPlace } from '../store/fsck-finding.ts';
import { summaryOf, type FsckProgress, type FsckReport } from './report.ts';

const BAR = 24;
const MARK = { passed: 'ok      ', failed: 'FAILED  ', skipped: 'skipped ' } as const;

/** One line: how far, how fast, how long still. `seconds` since the first entry. */
export function formatProgress({ phase, done, total, findings }: FsckProgress, from: bigint, seconds: number): string {
  const found = findings === 0n ? '' : `  ${findings} findings`;
  if (total === null) return `${phase}${done === 0n ? '' : ` ${done}`}${found}`;
  const share = total === 0n ? 1 : Number(done) / Number(total);
  const filled = Math.round(share * BAR);
  const rate = seconds > 0 ? Number(done - from) / seconds : 0;
  const left = rate > 0 ? `  ${Math.round(rate)}/s  ${Math.ceil(Number(total - done) / rate)} s left` : '';
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  return `${phase} [${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${percent} %  ${done}/${total}${left}${found}`;
}

/** The report, several lines, ended by a newline. */
export function formatReport(report: FsckReport): string {
  const { run, mode, entries, from, size, root, seconds, checks, chain, findings, findingCount, resumedAt } = report;
  const what = from === 0n ? `${entries} entries` : `${entries} entries from ${from} on`;
  const again = resumedAt === null ? '' : `, gone on with at ${resumedAt}`;
  const lines = [
    `${mode} sweep ${run}: ${what} in ${seconds.toFixed(1)} s${again}`,
    `  size  ${size}`,
    `  root  ${root === null ? 'cannot be computed: entries are missing' : toHex(root)}`,
    `  chain ${chain.size === null ? chain.status : `${chain.status}, size ${chain.size}`}`,
    '',
    ...checks.map(({ name, result, reason }) => `  ${MARK[result]} ${name}${reason === '' ? '' : `: ${reason}`}`),
    '',
    ...findings.map(({ code, severity, where, detail }) => `${severity} ${code} (${formatPlace(where)})\n  ${detail}`),
  ];
  if (findingCount > BigInt(findings.length))
    lines.push(`and ${findingCount - BigInt(findings.length)} more: GET /v1/fsck/findings?run=${run}`);
  lines.push(
    findingCount === 0n
      ? checks.some(({ result }) => result === 'skipped')
        ? 'Nothing wrong was found, but not everything could be checked.'
        : 'Nothing wrong was found.'
      : `${findingCount} findings: what is stored is not what was recorded. Keep this database as it is, and see api/src/ledger/fsck/README.md.`,
  );
  return `${lines.join('\n')}\n`;
}

function formatPlace({ table, ...rest }: FsckPlace): string {
  return [table, ...Object.entries(rest).map(([name, value]) => `${name} ${value}`)].join(' ');
}

/** For machines: sizes as decimal strings, hashes in hex. */
export function jsonOfReport(report: FsckReport): string {
  return JSON.stringify(
    { ...report, ...summaryOf(report) },
    (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
    2,
  );
}
