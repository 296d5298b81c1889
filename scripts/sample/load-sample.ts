// Fills an empty ledger with the sample, through the HTTP API like any record system, so that the first thing a newcomer
// sees is real data, anchored and verifiable. It never touches a ledger that holds anything else.
//
// An interrupted load is taken up by the next start: as long as every entry of the log is a version of the sample, the
// missing ones are sent. Once anything else was recorded, the ledger is its owner's and nothing is ever added.

import path from 'node:path';
import { verifyPath, type LedgerClient } from './ledger-client.ts';
import { SAMPLE_FOLDER, SAMPLE_HISTORY, SAMPLE_SOURCE, SHOWCASE, toSubmission } from './sample-history.ts';

/** The default anchoring interval is ten seconds. A slower one is waited for no longer: the sample is recorded by then. */
const ANCHOR_WAIT_MS = 15_000;

export interface SampleTarget {
  /** Which parts the launcher runs itself: anything else is somebody's real database or chain. */
  readonly embedded: { readonly database: boolean; readonly chain: boolean };
  /** MEDANCHOR_SAMPLE. */
  readonly wanted: 'on' | 'off';
}

export interface SampleOptions {
  /** One line about what is happening now. */
  readonly step: (text: string) => void;
  /** Looked at between two submissions: Ctrl-C does not wait for the rest. */
  readonly stopped?: () => boolean;
}

export interface SampleState {
  /** Versions of the sample that this call recorded. */
  readonly added: number;
  /** Whether the whole sample is in the ledger. */
  readonly complete: boolean;
}

export function sampleIsAllowed({ embedded, wanted }: SampleTarget): boolean {
  return wanted === 'on' && embedded.database && embedded.chain;
}

/** Resolves when what was added is anchored, or the time for that is over. */
export async function loadSample(client: LedgerClient, { step, stopped }: SampleOptions): Promise<SampleState> {
  const missing = await missingVersions(client);
  if (missing === null) return { added: 0, complete: false };
  if (missing.length === 0) return { added: 0, complete: true };
  step(`loading the sample: ${String(missing.length)} versions of an invented patient's records`);
  for (const [position, version] of missing.entries()) {
    if (stopped?.() === true) return { added: position, complete: false };
    const last = position === missing.length - 1;
    if (last) step('waiting for their anchor');
    // One after the other: the order of arrival is the order of the versions.
    await client.submit(toSubmission(version), last ? { wait: 'anchored', timeoutMs: ANCHOR_WAIT_MS } : undefined);
  }
  return { added: missing.length, complete: true };
}

/** In order; null when the ledger is not the sample's. */
async function missingVersions(client: LedgerClient): Promise<typeof SAMPLE_HISTORY | null> {
  const sequenced = BigInt((await client.log()).sizes.sequenced);
  if (sequenced === 0n) return SAMPLE_HISTORY;
  const present = new Map<string, ReadonlySet<string>>();
  for (const recordId of new Set(SAMPLE_HISTORY.map((version) => version.recordId))) {
    present.set(recordId, new Set(await client.versionIds({ source: SAMPLE_SOURCE, recordId })));
  }
  const missing = SAMPLE_HISTORY.filter((version) => present.get(version.recordId)?.has(version.versionId) !== true);
  const others = sequenced - BigInt(SAMPLE_HISTORY.length - missing.length);
  return missing.length === 0 || others === 0n ? missing : null;
}

/** For the launcher's page: where the files are, and a command that checks one of them. */
export function describeSample(apiUrl: string, workingFolder: string): string {
  const folder = path.relative(workingFolder, SAMPLE_FOLDER) || '.';
  const file = path.join(folder, SHOWCASE.file ?? '');
  const url = `${apiUrl}${verifyPath({ source: SAMPLE_SOURCE, recordId: SHOWCASE.recordId })}`;
  const token = '-H "Authorization: Bearer $(npm run --silent token)"';
  return [
    `The ledger holds a sample: ${String(SAMPLE_HISTORY.length)} versions of an invented patient's records, from ${folder}.`,
    'Check one of them; then check a copy in which you changed one digit:',
    '',
    `  curl -sS --data-binary ${quoted(`@${file}`)} -H 'Content-Type: ${SHOWCASE.mediaType}' ${token} ${quoted(url)}`,
  ].join('\n');
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
