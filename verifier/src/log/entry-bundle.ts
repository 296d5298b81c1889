// Entry bundles: https://c2sp.org/tlog-tiles. 1 to 256 entries, each with its length as two octets, big-endian.

import { InvariantError, VerifyError } from '../errors.ts';
import { TILE_WIDTH } from './tile-path.ts';

const MAX_ENTRY_LENGTH = 0xffff;

export function formatEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0 || entries.length > TILE_WIDTH) {
    throw new InvariantError(`an entry bundle of ${entries.length} entries`);
  }
  let length = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_LENGTH) throw new InvariantError(`an entry of ${entry.length} octets in a bundle`);
    length += 2 + entry.length;
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const entry of entries) {
    out[at] = entry.length >> 8;
    out[at + 1] = entry.length;
    out.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return out;
}

export function parseEntryBundle(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [high, low] = [bytes[at], bytes[at + 1]];
    if (high === undefined || low === undefined) throw malformed('a length is cut off');
    const end = at + 2 + high * 256 + low;
    if (end > bytes.length) throw malformed('an entry is cut off');
    entries.push(bytes.slice(at + 2, end));
    at = end;
  }
  if (entries.length === 0 || entries.length > TILE_WIDTH)
    throw malformed(`${entries.length} entries, wanted 1 to 256`);
  return entries;
}

function malformed(what: string): VerifyError {
  return new VerifyError('ENTRY_BUNDLE_MALFORMED', `not an entry bundle: ${what}`);
}
