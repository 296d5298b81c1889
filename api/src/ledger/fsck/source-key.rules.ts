// Does a row of `source_key` say what the log's `key` entries say? Pure, in both directions: every row must come from entries,
// and every entry must have left its row.
import { isDeepStrictEqual } from 'node:util';
import { type Entry, type KeyEntry } from '@medanchor/verifier';
import { finding, type FsckFinding, type FsckPlace } from '../store/fsck-finding.ts';
import { type FsckSourceKeyRow } from '../store/fsck-source.port.ts';

function placeOf(row: Pick<FsckSourceKeyRow, 'source' | 'keyId'>, field?: string): FsckPlace {
  const place = { table: 'source_key', source: row.source, key: row.keyId };
  return field === undefined ? place : { ...place, field };
}

function changed(row: Pick<FsckSourceKeyRow, 'source' | 'keyId'>, field: string, detail: string): FsckFinding {
  return finding('source-key-changed', placeOf(row, field), `key ${row.keyId}: ${detail}`);
}

/** @param entry what stands at an index; null: nothing that can be read */
export function faultsOfKeyRow(
  row: FsckSourceKeyRow,
  registered: Entry | null,
  ended: Entry | null,
): readonly FsckFinding[] {
  const faults: FsckFinding[] = [];
  const { source, keyId, jwk, registeredIndex, revokedIndex, replacedBy } = row;
  if (registered?.kind !== 'key' || registered.source !== source || registered.keyId !== keyId)
    faults.push(changed(row, 'registered_index', `the entry at index ${registeredIndex} does not register it`));
  else if (!isDeepStrictEqual(jwk, registered.jwk))
    faults.push(changed(row, 'jwk', `jwk is not the one that the entry at index ${registeredIndex} registers`));
  if (revokedIndex === null) return faults;
  if (ended?.kind !== 'key' || ended.source !== source || !endsKey(ended, keyId))
    faults.push(changed(row, 'revoked_index', `the entry at index ${revokedIndex} does not end it`));
  else if (replacedBy !== (ended.action === 'rotate' ? ended.keyId : null))
    faults.push(changed(row, 'replaced_by', `replaced_by is not what the entry at index ${revokedIndex} says`));
  return faults;
}

function endsKey(entry: KeyEntry, keyId: string): boolean {
  return entry.action === 'revoke' ? entry.keyId === keyId : entry.replaces === keyId;
}

/** @param rows those of the keys that the entry names */
export function faultsOfKeyEntry(
  index: bigint,
  entry: KeyEntry,
  rows: readonly FsckSourceKeyRow[],
): readonly FsckFinding[] {
  const faults: FsckFinding[] = [];
  const { source } = entry;
  const expect = (
    keyId: string,
    field: 'registered_index' | 'revoked_index',
    at: (row: FsckSourceKeyRow) => bigint | null,
  ): void => {
    const row = rows.find((one) => one.source === source && one.keyId === keyId);
    if (row === undefined)
      faults.push(
        finding(
          'source-key-missing',
          placeOf({ source, keyId }),
          `entry ${index} is about key ${keyId}, which has no row`,
        ),
      );
    else if (at(row) !== index)
      faults.push(changed(row, field, `${field} is ${at(row) ?? 'empty'}, the log says ${index}`));
  };
  if (entry.action === 'revoke') expect(entry.keyId, 'revoked_index', (row) => row.revokedIndex);
  else expect(entry.keyId, 'registered_index', (row) => row.registeredIndex);
  if (entry.replaces !== undefined) expect(entry.replaces, 'revoked_index', (row) => row.revokedIndex);
  return faults;
}
