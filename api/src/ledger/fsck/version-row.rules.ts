// Does a version's row say what its log entry says? Pure: the row, the record that it points to, and the entry's octets.
//
// The entry that the row stands for is written out and compared with the stored octets: when they are equal, every column
// that the entry mentions is right and the entry is canonical, without parsing it. Only when they differ is the entry
// read and compared member by member, to name what differs. (An entry with a submitter's signature always goes that way.)
import {
  canonicalObject,
  commitment,
  componentCommitment,
  componentDigest,
  componentSalt,
  equalBytes,
  normaliseMediaType,
  parseEntry,
  toHex,
  utf8,
  VerifyError,
  versionSalt,
  type Activity,
  type ComponentCommitment,
  type ComponentName,
  type Entry,
  type Scheme,
} from '@medanchor/verifier';
import { type FsckPlace } from '../store/fsck-finding.ts';
import { type FsckRecordRow, type FsckVersionRow } from '../store/fsck-source.port.ts';

export interface RowFault {
  readonly field: string;
  readonly detail: string;
}

/** The time as entries write it, or null when the column holds more than milliseconds. */
function entryTime(recordedAt: string): string | null {
  return recordedAt.endsWith('000Z') ? `${recordedAt.slice(0, -4)}Z` : null;
}

/** The row's components, or null when its two columns do not belong together. */
export function componentsOf(row: FsckVersionRow): readonly ComponentCommitment[] | null {
  const names = row.componentNames.split(',') as ComponentName[];
  if (row.componentCommitments.length !== names.length * 32) return null;
  return names.map((name, at) => ({ name, commitment: row.componentCommitments.subarray(at * 32, at * 32 + 32) }));
}

function commitmentOf(row: FsckVersionRow): Uint8Array | null {
  const components = componentsOf(row);
  try {
    return components === null ? null : commitment(row.scheme as Scheme, components);
  } catch {
    // Unknown scheme, or not its components.
    return null;
  }
}

/**
 * Whether these octets are the entry that the row and its record stand for.
 *
 * @param previous leaf hash of the record's version before, null for the first
 */
export function isEntryOf(
  entry: Uint8Array,
  row: FsckVersionRow,
  record: FsckRecordRow,
  previous: Uint8Array | null,
): boolean {
  const committed = commitmentOf(row);
  const time = entryTime(row.recordedAt);
  if (committed === null || time === null || !ACTIVITIES.has(row.activity)) return false;
  // What parseEntry would refuse goes the long way.
  if ((row.seq === 1n) !== (previous === null) || (row.scheme === 'identity/1' && row.activity !== 'delete'))
    return false;
  const expected =
    `{"activity":"${row.activity}","commitment":"${hex(committed)}","format":"medanchor-entry/1","kind":"record-version",` +
    `"previous":${previous === null ? 'null' : `"${hex(previous)}"`},"recordRef":"${hex(record.recordRef)}","scheme":"${row.scheme}",` +
    `"seq":"${row.seq}","source":"${record.sourceId}","time":"${time}"}`;
  const octets = Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength);
  return octets.length === expected.length && octets.toString('latin1') === expected;
}

const ACTIVITIES: ReadonlySet<string> = new Set(['create', 'update', 'delete', 'import'] satisfies Activity[]);

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Nothing is left in the row that names or opens the version: how an erasure leaves it. */
export function isCleared(row: FsckVersionRow): boolean {
  const { versionId, mediaType, componentNames, componentCommitments } = row;
  return versionId === null && mediaType === '' && componentNames === '' && componentCommitments.length === 0;
}

/** The entry, or what keeps it from being one. */
export function readEntry(octets: Uint8Array): { entry: Entry } | { unreadable: string } {
  try {
    return { entry: parseEntry(octets) };
  } catch (error) {
    if (error instanceof VerifyError) return { unreadable: error.message };
    throw error;
  }
}

/**
 * Every column that contradicts the entry. `previous` is not among them: whether the chain of versions holds is decided
 * by the entries alone.
 */
export function faultsOfRow(entry: Entry, row: FsckVersionRow, record: FsckRecordRow | null): readonly RowFault[] {
  if (entry.kind !== 'record-version')
    return [{ field: 'index', detail: `the entry at this index is of kind ${entry.kind}, not a version` }];
  const faults: RowFault[] = [];
  const compare = (field: string, got: string, wanted: string): void => {
    if (got !== wanted) faults.push({ field, detail: `${field} is ${got}, the entry says ${wanted}` });
  };
  compare('seq', row.seq.toString(), entry.seq.toString());
  compare('activity', row.activity, entry.activity);
  compare('scheme', row.scheme, entry.scheme);
  compare('recorded_at', row.recordedAt, entry.time.replace('Z', '000Z'));
  if (record !== null && !equalBytes(record.recordRef, entry.recordRef))
    faults.push({
      field: 'record',
      detail: `the row points to a record of pseudonym ${toHex(record.recordRef)}, the entry names ${toHex(entry.recordRef)}`,
    });
  // What opens the commitment went with the record's key.
  if (record?.erased === true && isCleared(row)) return faults;
  const committed = commitmentOf({ ...row, scheme: entry.scheme });
  if (committed === null)
    faults.push({
      field: 'component_names',
      detail: `component_names are not those of ${entry.scheme}, or not as many as there are commitments`,
    });
  else if (!equalBytes(committed, entry.commitment))
    faults.push({
      field: 'component_commitments',
      detail: `component_names and component_commitments do not hash to the commitment in the entry`,
    });
  return faults;
}

/**
 * The media type is committed together with the content, which nobody keeps: whether it was changed shows when content is
 * compared. Here only what no version can have is found.
 */
export function mediaTypeFault(row: FsckVersionRow): RowFault | null {
  const wrong = (detail: string): RowFault => ({ field: 'media_type', detail });
  if (row.scheme === 'identity/1')
    return row.mediaType === '' ? null : wrong('a version without content has no media type');
  if (row.mediaType === '') return wrong(`a version of scheme ${row.scheme} has a media type`);
  const known = NORMAL.get(row.mediaType);
  if (known === true) return null;
  try {
    if (normaliseMediaType(row.mediaType) !== row.mediaType) return wrong('the media type is not in its normal form');
  } catch {
    return wrong('the media type cannot be read');
  }
  if (NORMAL.size < 1000) NORMAL.set(row.mediaType, true);
  return null;
}

const NORMAL = new Map<string, true>();

/** Whether the `identity` component opens with the names that the rows give to record, version and source. */
export function opensIdentity(row: FsckVersionRow, key: Uint8Array, recordId: string, source: string): boolean {
  if (row.versionId === null) return false;
  if (row.componentNames !== 'identity' && !row.componentNames.startsWith('identity,')) return false;
  const octets = utf8(canonicalObject({ recordId, source, versionId: row.versionId }));
  const salt = componentSalt(versionSalt(key, row.versionId), 'identity');
  const expected = componentCommitment(salt, componentDigest('identity', 'application/json', octets));
  return equalBytes(expected, row.componentCommitments.subarray(0, 32));
}

export function placeOf(row: Pick<FsckVersionRow, 'index' | 'record' | 'seq'>, field?: string): FsckPlace {
  const place = {
    table: 'version',
    index: row.index.toString(),
    record: row.record.toString(),
    seq: row.seq.toString(),
  };
  return field === undefined ? place : { ...place, field };
}
