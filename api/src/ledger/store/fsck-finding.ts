// The words of the tamper sweep: what can be found, how bad it is, and which check it belongs to. Shared by the stage and
// the store that keeps its findings. README of ../fsck says what each code means and what the operator should do.

/**
 * fault: something stored is not what was recorded, or the chain says otherwise. warning: nothing recorded is affected,
 * but a row is where none should be.
 */
export type FsckSeverity = 'fault' | 'warning';

/** Parts of a sweep; each is reported as passed, failed or skipped. */
export const FSCK_CHECKS = [
  'entries',
  'versions',
  'records',
  'keys',
  'tiles',
  'checkpoints',
  'counters',
  'anchors',
  'chain',
  'access-log',
] as const;
export type FsckCheckName = (typeof FSCK_CHECKS)[number];

/** Every code with its check and severity. Codes are stable. */
export const FSCK_CODES = {
  'entries-missing': ['entries', 'fault'],
  'batch-overlaps': ['entries', 'fault'],
  'batch-beyond-sequence': ['entries', 'fault'],
  'batch-unreadable': ['entries', 'fault'],
  'batch-count-wrong': ['entries', 'fault'],
  'entry-changed': ['entries', 'fault'],
  'entry-unreadable': ['entries', 'fault'],
  'leaf-hash-changed': ['entries', 'fault'],
  'version-missing': ['versions', 'fault'],
  'version-unexpected': ['versions', 'fault'],
  'version-changed': ['versions', 'fault'],
  'version-chain-broken': ['versions', 'fault'],
  'identity-changed': ['versions', 'fault'],
  'source-renamed': ['records', 'fault'],
  'record-missing': ['records', 'fault'],
  'record-changed': ['records', 'fault'],
  'record-key-damaged': ['records', 'fault'],
  'record-head-wrong': ['records', 'fault'],
  'erasure-missing': ['records', 'fault'],
  'erasure-unexpected': ['records', 'fault'],
  'erasure-changed': ['records', 'fault'],
  'erasure-not-applied': ['records', 'fault'],
  'erasure-unrecorded': ['records', 'fault'],
  'source-key-missing': ['keys', 'fault'],
  'source-key-changed': ['keys', 'fault'],
  'tile-missing': ['tiles', 'fault'],
  'tile-changed': ['tiles', 'fault'],
  'tile-width-wrong': ['tiles', 'fault'],
  'tile-unexpected': ['tiles', 'warning'],
  'checkpoint-missing': ['checkpoints', 'fault'],
  'checkpoint-beyond-tree': ['checkpoints', 'fault'],
  'checkpoint-root-wrong': ['checkpoints', 'fault'],
  'checkpoint-note-wrong': ['checkpoints', 'fault'],
  'checkpoint-signature-invalid': ['checkpoints', 'fault'],
  'checkpoints-contradict-entries': ['checkpoints', 'fault'],
  'sequence-wrong': ['counters', 'fault'],
  'tree-size-wrong': ['counters', 'fault'],
  'tree-root-wrong': ['counters', 'fault'],
  'signed-head-wrong': ['counters', 'fault'],
  'epoch-wrong': ['anchors', 'fault'],
  'anchor-root-wrong': ['anchors', 'fault'],
  'anchor-not-on-chain': ['anchors', 'fault'],
  'anchor-changed': ['anchors', 'fault'],
  'anchor-unrecorded': ['anchors', 'warning'],
  'chain-ahead': ['chain', 'fault'],
  'chain-root-differs': ['chain', 'fault'],
  'chain-mismatch': ['chain', 'fault'],
  'access-event-changed': ['access-log', 'fault'],
  'access-events-missing': ['access-log', 'fault'],
  'access-event-unexpected': ['access-log', 'fault'],
  'access-chain-broken': ['access-log', 'fault'],
  'access-chain-rewritten': ['access-log', 'fault'],
  'access-head-wrong': ['access-log', 'fault'],
  'access-anchor-changed': ['access-log', 'fault'],
  'access-anchor-missing': ['access-log', 'fault'],
} as const satisfies Record<string, readonly [FsckCheckName, FsckSeverity]>;
export type FsckCode = keyof typeof FSCK_CODES;

/**
 * Where a finding is: the table, what names the row in it, and the field or hash in question. Indexes, sizes and row ids
 * are decimal strings, so that a place reads the same in the report, the database and JSON. Never patient data: records
 * are named by their row id.
 */
export interface FsckPlace {
  readonly table: string;
  /** Index of a log entry. */
  readonly index?: string;
  /** A range of entries: from (inclusive) to (exclusive). */
  readonly from?: string;
  readonly to?: string;
  /** `first_index` of a batch row. */
  readonly batch?: string;
  /** A chain of the access log; `seq` is then the number of an event. */
  readonly chain?: string;
  /** Row id of a record, number of its version. */
  readonly record?: string;
  readonly seq?: string;
  readonly source?: string;
  /** Id of a source's public key. */
  readonly key?: string;
  /** A tile, and the position of one of its hashes. */
  readonly level?: number;
  readonly tile?: string;
  readonly hash?: number;
  /** Size of a checkpoint or of a head on chain. */
  readonly size?: string;
  /** Row id of an anchor, or its transaction. */
  readonly anchor?: string;
  readonly transaction?: string;
  readonly epoch?: number;
  /** The column that is not what it should be. */
  readonly field?: string;
}

export interface FsckFinding {
  readonly code: FsckCode;
  readonly severity: FsckSeverity;
  readonly where: FsckPlace;
  /** One sentence for the operator. */
  readonly detail: string;
}

export function finding(code: FsckCode, where: FsckPlace, detail: string): FsckFinding {
  return { code, severity: FSCK_CODES[code][1], where, detail };
}

/** Equal for the same damage in two runs; the sentence is not part of it. */
export function fingerprintOf({ code, where }: Pick<FsckFinding, 'code' | 'where'>): string {
  const members = Object.entries(where).filter(([, value]) => value !== undefined);
  return [code, ...members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`)].join(' ');
}
