// Vectors for what the log says of a submitter's key: docs/spec/formats.md sections 6.2, 9 and 10. A small log for each case: the
// entries that it needs, in their order, and one version among them.

import {
  commitment,
  formatCheckpoint,
  formatEntry,
  formatTlogProof,
  inclusionProof,
  keyStatementBytes,
  leafHash,
  rootFromLeaves,
  signDetachedJws,
  signNote,
  statementBytes,
  type Bundle,
  type Entry,
  type KeyEntry,
} from '@medanchor/verifier';
import { ORIGIN, signer, statement } from './good-bundle.ts';
import { filled } from './vector-file.ts';

const time = '2026-11-24T10:00:00.000Z';
const { source } = statement;
const OTHER_SOURCE = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c';
/** The seeds of two keys. */
const [FIRST, SECOND] = [4, 6];

type Act = Omit<KeyEntry, 'kind' | 'time'>;
const jwsOf = (act: Act, seed: number): string => signDetachedJws(keyStatementBytes(act), filled(seed)).jws;
const keyOf = (seed: number) => signDetachedJws(new Uint8Array(), filled(seed));

function register(seed: number, of = source): KeyEntry {
  const { jwk, keyId } = keyOf(seed);
  const act: Act = { source: of, keyId, action: 'register', jwk };
  return { kind: 'key', time, ...act, possession: jwsOf(act, seed) };
}

function rotate(from: number, to: number, authority = from): KeyEntry {
  const { jwk, keyId } = keyOf(to);
  const act: Act = { source, keyId, action: 'rotate', jwk, replaces: keyOf(from).keyId };
  return { kind: 'key', time, ...act, possession: jwsOf(act, to), authority: jwsOf(act, authority) };
}

function revoke(seed: number): KeyEntry {
  const act: Act = { source, keyId: keyOf(seed).keyId, action: 'revoke' };
  return { kind: 'key', time, ...act, authority: jwsOf(act, seed) };
}

const components = [{ name: 'identity', commitment: filled(7) }] as const;

function version(seed: number): Entry {
  const signed = {
    activity: 'delete',
    commitment: commitment('identity/1', components),
    scheme: 'identity/1',
    source,
  } as const;
  const { keyId, jws } = signDetachedJws(statementBytes(signed), filled(seed));
  const rest = { recordRef: filled(8), seq: 1n, previous: null };
  return { kind: 'record-version', time, ...signed, ...rest, submitter: { keyId, jws } };
}

function bundleOf(...entries: readonly Entry[]): Bundle {
  const leaves = entries.map((entry) => leafHash(formatEntry(entry)));
  const size = BigInt(entries.length);
  const at = entries.findIndex(({ kind }) => kind === 'record-version');
  const checkpoint = signNote(formatCheckpoint({ origin: ORIGIN, size, root: rootFromLeaves(leaves) }), [signer]);
  const proofOf = (index: number): Uint8Array[] => inclusionProof(BigInt(index), size, leaves);
  return {
    entry: entries[at] as Entry,
    opening: { scheme: 'identity/1', mediaType: '', components },
    proof: formatTlogProof({ index: BigInt(at), hashes: proofOf(at), checkpoint }),
    anchor: null,
    keyHistory: entries.flatMap((entry, index) =>
      entry.kind === 'key' ? [{ entry, index: BigInt(index), proof: proofOf(index) }] : [],
    ),
  };
}

const good = bundleOf(register(FIRST), version(FIRST));
const [item] = good.keyHistory ?? [];
if (item === undefined) throw new TypeError('the good history has an item');

/** Name, bundle, and the code of the failed `submitter-key` check; null when it passes. */
export const KEY_HISTORIES: readonly (readonly [name: string, bundle: Bundle, code: string | null])[] = [
  ['a registered key', good, null],
  ['a key revoked afterwards', bundleOf(register(FIRST), version(FIRST), revoke(FIRST)), null],
  ['a key in place of another', bundleOf(register(FIRST), rotate(FIRST, SECOND), version(SECOND)), null],
  ['a key of another source', bundleOf(register(FIRST, OTHER_SOURCE), version(FIRST)), 'SUBMITTER_KEY_SOURCE'],
  ['a key registered later', bundleOf(version(FIRST), register(FIRST)), 'SUBMITTER_KEY_TOO_LATE'],
  ['a key revoked before', bundleOf(register(FIRST), revoke(FIRST), version(FIRST)), 'SUBMITTER_KEY_REVOKED'],
  ['a key replaced before', bundleOf(register(FIRST), rotate(FIRST, SECOND), version(FIRST)), 'SUBMITTER_KEY_REVOKED'],
  [
    'a key whose predecessor did not vouch for it',
    bundleOf(register(FIRST), rotate(FIRST, SECOND, SECOND), version(SECOND)),
    'SUBMITTER_KEY_HISTORY',
  ],
  [
    'a key entry that is not in the log',
    { ...good, keyHistory: [{ ...item, entry: register(FIRST, OTHER_SOURCE) }] },
    'SUBMITTER_KEY_HISTORY',
  ],
];
