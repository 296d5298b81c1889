// How the entries of one batch stand in its row: each with its length as two octets, big-endian, as in a C2SP entry
// bundle. Unlike a bundle, a batch may hold more than 256 entries (SEQUENCER_BATCH_SIZE), and its parser is our own: what
// it cannot read was changed behind our back.
import { InvariantError, MAX_ENTRY_BYTES } from '@medanchor/verifier';

const PREFIX = 2;

export function formatEntries(entries: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) throw new InvariantError(`an entry of ${entry.length} octets in a batch`);
    parts.push(Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry);
  }
  return Buffer.concat(parts);
}

/** @throws {InvariantError} when the octets are not a list of entries */
export function parseEntries(octets: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < octets.length) {
    const [high, low] = [octets[at], octets[at + 1]];
    const end = at + PREFIX + (high ?? 0) * 256 + (low ?? 0);
    if (low === undefined || end > octets.length) throw new InvariantError('the entries of a stored batch are cut off');
    entries.push(octets.subarray(at + PREFIX, end));
    at = end;
  }
  return entries;
}
