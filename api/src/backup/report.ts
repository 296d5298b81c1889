// What backup and restore say to the operator, who may read it at 3 a.m.: what was done, what was proved, what to do next.
import { type AnchoredHead, type ChainReader } from './chain-history.ts';
import { type WrittenBackup } from './backup.service.ts';
import { type BackupManifest, type LogSummary } from './manifest.ts';
import { type RestoredLog, type RestoreReport } from './restore.service.ts';

/** Newer anchors are listed from both ends; a log anchored every ten seconds has thousands a day. */
const LISTED = 5;

export function describeBackup(file: string, { manifest, octets }: WrittenBackup): string {
  const rows = manifest.tables.reduce((sum, table) => sum + BigInt(table.rows), 0n);
  return [
    `${file}: ${octets} octets, ${manifest.tables.length} tables, ${rows} rows, as of ${manifest.createdAt}`,
    ...manifest.logs.map(describeLog),
    describeKeks(manifest),
    'No key is in it. A restore needs the KEK and the checkpoint key from their own escrow; without the KEK no record can be proved again.',
  ].join('\n');
}

export function describeManifest(file: string, manifest: BackupManifest): string {
  const rows = manifest.tables.reduce((sum, table) => sum + BigInt(table.rows), 0n);
  return [
    `${file} is whole: every octet has the sum it should have.`,
    `  made       ${manifest.createdAt}, from PostgreSQL ${manifest.server}, schema ${manifest.migrations.at(-1) ?? 'none'}`,
    `  holds      ${manifest.tables.length} tables, ${rows} rows`,
    ...manifest.logs.map(describeLog),
    describeKeks(manifest),
  ].join('\n');
}

function describeLog({ origin, sequenced, size, root, epoch, anchor, verifierKey }: LogSummary): string {
  const at = epoch === null ? '' : `, epoch ${epoch.epoch} in ${epoch.contract} on chain ${epoch.chainId}`;
  return [
    `  log        ${origin}: ${sequenced} entries, tree of ${size} with root ${root}`,
    `             ${anchor === null ? `not anchored${at}` : `anchored up to ${anchor.size}${at}`}`,
    `             checkpoint key ${verifierKey}`,
  ].join('\n');
}

function describeKeks({ kekIds }: BackupManifest): string {
  return `  keys       ${kekIds.length === 0 ? 'no record is wrapped with a KEK file' : `records are wrapped with the KEK ${kekIds.join(', ')}`}`;
}

export async function describeRestore(report: RestoreReport, chain: ChainReader | null): Promise<string> {
  const lines: string[] = [];
  for (const log of report.logs) lines.push(...(await describeRestoredLog(log, chain)));
  const { tried, opened } = report.keys;
  lines.push(`  keys       ${opened} of ${tried} sampled record keys open with KEK_FILE`);
  if (report.erasedAgain > 0)
    lines.push(
      `  erasures   ${report.erasedAgain} records that were erased after this backup was made are erased again, with new entries in the log`,
    );
  if (report.findings.length > 0) lines.push('', 'Findings:', ...report.findings.map((finding) => `  - ${finding}`));
  lines.push('', conclusion(report));
  return lines.join('\n');
}

async function describeRestoredLog(
  { summary, tree, chain }: RestoredLog,
  reader: ChainReader | null,
): Promise<string[]> {
  const good = tree.findings.length === 0;
  const lines = [
    `  log        ${summary.origin}`,
    `  entries    ${tree.entries}, each hashed again`,
    `  tree       ${summary.size} entries, root ${summary.root}${good ? ', rebuilt from the entries' : ''}`,
    `  compared   ${tree.tiles} tiles, ${tree.checkpoints} checkpoints: ${good ? 'all agree' : 'NOT all agree, see the findings'}`,
    `  chain      ${chain.verdict}: ${chain.detail}`,
  ];
  const { proven } = chain;
  if (proven !== null) lines.push(`             proven by ${await describeAnchor(proven, reader)}`);
  if (chain.newer.length === 0) return lines;
  const many = chain.newer.length === 1 ? 'anchor is' : 'anchors are';
  lines.push(`             ${chain.newer.length} ${many} newer than this backup:`);
  for (const anchor of chain.newer.slice(0, LISTED))
    lines.push(`               ${await describeAnchor(anchor, reader)}`);
  const tail = chain.newer.slice(Math.max(LISTED, chain.newer.length - LISTED));
  if (chain.newer.length > 2 * LISTED) lines.push(`               … ${chain.newer.length - 2 * LISTED} more …`);
  for (const anchor of tail) lines.push(`               ${await describeAnchor(anchor, reader)}`);
  return lines;
}

async function describeAnchor(
  { size, root, block, transaction }: AnchoredHead,
  reader: ChainReader | null,
): Promise<string> {
  const time = (await reader?.timeOf(block))?.toISOString() ?? 'time unknown';
  return `size ${size}, root ${root}, block ${block} (${time})${transaction === '' ? '' : `, transaction ${transaction}`}`;
}

function conclusion({ restored, findings, logs }: RestoreReport): string {
  if (!restored) {
    return 'Refused: nothing was restored, the database is as empty as before. To look at the data all the same: --accept-findings.';
  }
  if (findings.length > 0)
    return (
      'Restored in spite of the findings, as asked. Do not serve this database before you know what each of them means: ' +
      'docs/operations.md, "Damage".'
    );
  const behind = logs.filter(({ chain }) => chain.verdict === 'behind');
  if (behind.length > 0) {
    return (
      'Restored, but the chain knows more than this backup. The service will accept versions, sign nothing, and report chain-mismatch. ' +
      'Look for a newer backup or a replica first; docs/operations.md, "The backup is older than the chain", says what else can be done.'
    );
  }
  if (logs.some(({ chain }) => chain.verdict === 'unproven')) {
    return (
      'Restored, but UNPROVEN: the log agrees with itself, and no anchor could be compared. Start the service only when the chain is back: ' +
      'it says chain-unreachable or chain-mismatch until then.'
    );
  }
  return (
    'Restored and proven: nothing that was anchored is missing. What was accepted after the last anchor and is not in this backup ' +
    'left no trace on chain; record systems find it by sending their latest versions again.'
  );
}

/** 0 proven and complete; 1 findings, or older than the chain; 3 could not be checked. */
export function exitCodeOf({ restored, findings, logs }: RestoreReport): 0 | 1 | 3 {
  if (!restored || findings.length > 0) return 1;
  const verdicts = logs.map(({ chain }) => chain.verdict);
  if (verdicts.includes('behind') || verdicts.includes('forked')) return 1;
  return verdicts.includes('unproven') ? 3 : 0;
}
