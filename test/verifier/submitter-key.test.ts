// Was the key that signed its source's key when the version was recorded? Answered by the log's own `key` entries, offline. One good
// history, then one thing wrong at a time.

import { describe, expect, test } from '@jest/globals';
import {
  commitment,
  formatBundle,
  formatCheckpoint,
  formatEntry,
  formatTlogProof,
  inclusionProof,
  jwkThumbprint,
  keyIdOfJws,
  keyStatementBytes,
  leafHash,
  noteSigner,
  parseBundle,
  rootFromLeaves,
  signDetachedJws,
  signNote,
  statementBytes,
  verifyBundle,
  type Bundle,
  type Entry,
  type KeyEntry,
  type RecordVersionEntry,
} from '@medanchor/verifier';
import { codeOf } from './support.ts';

const ORIGIN = 'keys.example/log/1';
const SOURCE = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';
const OTHER_SOURCE = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c';
const time = '2026-11-24T10:00:00.000Z';
const seeds = {
  first: new Uint8Array(32).fill(1),
  second: new Uint8Array(32).fill(2),
  third: new Uint8Array(32).fill(3),
};
type Name = keyof typeof seeds;

const keyOf = (name: Name) => signDetachedJws(new Uint8Array(), seeds[name]);

function sign(entry: Omit<KeyEntry, 'kind' | 'time'>, by: Name): string {
  return signDetachedJws(keyStatementBytes(entry), seeds[by]).jws;
}

function register(name: Name, source = SOURCE): KeyEntry {
  const { jwk, keyId } = keyOf(name);
  const act = { source, keyId, action: 'register', jwk } as const;
  return { kind: 'key', time, ...act, possession: sign(act, name) };
}

function rotate(from: Name, to: Name, authority: Name | null = from): KeyEntry {
  const { jwk, keyId } = keyOf(to);
  const act = { source: SOURCE, keyId, action: 'rotate', jwk, replaces: keyOf(from).keyId } as const;
  return {
    kind: 'key',
    time,
    ...act,
    possession: sign(act, to),
    ...(authority === null ? { reason: 'the card was lost' } : { authority: sign(act, authority) }),
  };
}

function revoke(name: Name): KeyEntry {
  return { kind: 'key', time, source: SOURCE, keyId: keyOf(name).keyId, action: 'revoke', reason: 'lost' };
}

function version(by: Name): RecordVersionEntry {
  const component = { name: 'identity', commitment: new Uint8Array(32).fill(7) } as const;
  const statement = {
    activity: 'delete',
    commitment: commitment('identity/1', [component]),
    scheme: 'identity/1',
    source: SOURCE,
  } as const;
  const { jws, keyId } = signDetachedJws(statementBytes(statement), seeds[by]);
  return {
    kind: 'record-version',
    time,
    ...statement,
    recordRef: new Uint8Array(32).fill(8),
    seq: 1n,
    previous: null,
    submitter: { keyId, jws },
  };
}

/** A log of these entries, and the bundle of the one version among them; it shows every key entry but those left out. */
function bundleOf(entries: readonly Entry[], hidden: readonly number[] = []): Bundle {
  const leaves = entries.map((entry) => leafHash(formatEntry(entry)));
  const size = BigInt(entries.length);
  const at = entries.findIndex(({ kind }) => kind === 'record-version');
  const root = rootFromLeaves(leaves);
  const signer = noteSigner(ORIGIN, new Uint8Array(32).fill(9));
  return {
    entry: entries[at] as Entry,
    opening: {
      scheme: 'identity/1',
      mediaType: '',
      components: [{ name: 'identity', commitment: new Uint8Array(32).fill(7) }],
    },
    proof: formatTlogProof({
      index: BigInt(at),
      hashes: inclusionProof(BigInt(at), size, leaves),
      checkpoint: signNote(formatCheckpoint({ origin: ORIGIN, size, root }), [signer]),
    }),
    anchor: null,
    keyHistory: entries.flatMap((entry, index) =>
      entry.kind === 'key' && !hidden.includes(index)
        ? [{ entry, index: BigInt(index), proof: inclusionProof(BigInt(index), size, leaves) }]
        : [],
    ),
  };
}

async function judged(bundle: Bundle): Promise<readonly string[]> {
  const report = await verifyBundle(parseBundle(formatBundle(bundle)), { trust: {} });
  return report.checks
    .filter(({ name }) => name.startsWith('submitter-'))
    .map(({ result, code }) => (code === undefined ? result : `${result} ${code}`));
}

async function reasonOf(bundle: Bundle): Promise<string> {
  const report = await verifyBundle(bundle, { trust: {} });
  return report.checks.find(({ name }) => name === 'submitter-key')?.reason ?? '';
}

describe('a key in force', () => {
  test('registered before the version: passed, and the reason says what cannot be proved', async () => {
    const bundle = bundleOf([register('first'), version('first')]);
    expect(await judged(bundle)).toEqual(['passed', 'passed']);
    expect(await reasonOf(bundle)).toBe(
      `Key ${keyOf('first').keyId} was in force: registered for this source at index 0 (with a proof of possession), and the ` +
        'bundle shows no revocation before index 1. A bundle cannot prove that none was left out; the ledger can tell.',
    );
  });

  test('revoked or replaced after the version: what was signed before stays good', async () => {
    expect(await judged(bundleOf([register('first'), version('first'), revoke('first')]))).toEqual([
      'passed',
      'passed',
    ]);
    expect(await judged(bundleOf([register('first'), version('first'), rotate('first', 'second')]))).toEqual([
      'passed',
      'passed',
    ]);
  });

  test('in place of others, each of which vouched for the next', async () => {
    const entries = [register('first'), rotate('first', 'second'), rotate('second', 'third'), version('third')];
    expect(await judged(bundleOf(entries))).toEqual(['passed', 'passed']);
    expect(await reasonOf(bundleOf(entries))).toContain(
      '(with a proof of possession, in place of one that vouched for it, in place of one that vouched for it)',
    );
  });

  test('put there by an administrator: passed, and said', async () => {
    const bundle = bundleOf([register('first'), rotate('first', 'second', null), version('second')]);
    expect(await judged(bundle)).toEqual(['passed', 'passed']);
    expect(await reasonOf(bundle)).toContain('by an administrator in place of another');
  });

  test('without a proof of possession: passed, and said', async () => {
    const { possession: _, ...bare } = register('first');
    expect(await reasonOf(bundleOf([bare, version('first')]))).toContain('without a proof of possession');
  });

  test('without a history there is nothing to say', async () => {
    const { keyHistory: _, ...bundle } = bundleOf([register('first'), version('first')]);
    expect(await judged(bundle)).toEqual(['skipped NOT_GIVEN', 'skipped NOT_GIVEN']);
  });
});

describe('a forged provenance', () => {
  test('by a key that was never registered', async () => {
    const bundle = bundleOf([register('first'), version('second')]);
    expect(await judged(bundle)).toEqual(['skipped NOT_GIVEN', 'failed SUBMITTER_KEY_UNREGISTERED']);
    expect(await judged({ ...bundle, submitterKey: keyOf('second').jwk })).toEqual([
      'passed',
      'failed SUBMITTER_KEY_UNREGISTERED',
    ]);
  });

  test('by a key of another source', async () => {
    expect(await judged(bundleOf([register('first', OTHER_SOURCE), version('first')]))).toEqual([
      'passed',
      'failed SUBMITTER_KEY_SOURCE',
    ]);
  });

  test('by a key that was registered later', async () => {
    expect(await judged(bundleOf([version('first'), register('first')]))).toEqual([
      'passed',
      'failed SUBMITTER_KEY_TOO_LATE',
    ]);
  });

  test('by a key that was revoked or replaced before', async () => {
    expect(await judged(bundleOf([register('first'), revoke('first'), version('first')]))).toEqual([
      'passed',
      'failed SUBMITTER_KEY_REVOKED',
    ]);
    expect(await judged(bundleOf([register('first'), rotate('first', 'second'), version('first')]))).toEqual([
      'passed',
      'failed SUBMITTER_KEY_REVOKED',
    ]);
  });

  test('the revocation left out of the bundle is not seen, as the reason warns', async () => {
    const bundle = bundleOf([register('first'), revoke('first'), version('first')], [1]);
    expect(await judged(bundle)).toEqual(['passed', 'passed']);
    expect(await reasonOf(bundle)).toContain('cannot prove that none was left out');
  });

  test('in place of a key that was revoked before it could vouch', async () => {
    const entries = [register('first'), revoke('first'), rotate('first', 'second'), version('second')];
    expect(await judged(bundleOf(entries))).toEqual(['passed', 'failed SUBMITTER_KEY_REVOKED']);
  });

  test('in place of a key that nobody shows', async () => {
    const entries = [register('first'), rotate('first', 'second'), version('second')];
    expect(await judged(bundleOf(entries, [0]))).toEqual(['passed', 'failed SUBMITTER_KEY_UNREGISTERED']);
  });

  test('an authority or a possession that is somebody else’s', async () => {
    const entries = [register('first'), rotate('first', 'second', 'third'), version('second')];
    expect(await judged(bundleOf(entries))).toEqual(['passed', 'failed SUBMITTER_KEY_HISTORY']);
    const registered = { ...register('first'), possession: register('second').possession as string };
    expect(await judged(bundleOf([registered, version('first')]))).toEqual(['passed', 'failed SUBMITTER_KEY_HISTORY']);
  });

  test('a key entry exchanged for one that is not in the log', async () => {
    const bundle = bundleOf([register('first'), version('first')]);
    const [item] = bundle.keyHistory ?? [];
    if (item === undefined) throw new Error('no history');
    const forged = { ...bundle, keyHistory: [{ ...item, entry: register('first', OTHER_SOURCE) }] };
    expect(await judged(forged)).toEqual(['passed', 'failed SUBMITTER_KEY_HISTORY']);
    expect(await judged({ ...bundle, keyHistory: [{ ...item, index: 1n }] })).toEqual([
      'passed',
      'failed SUBMITTER_KEY_HISTORY',
    ]);
  });
});

describe('the form', () => {
  const bundle = bundleOf([register('first'), version('first'), revoke('first')]);
  const text = formatBundle(bundle);
  const [first, second] = bundle.keyHistory ?? [];

  test('only key entries, in rising order', () => {
    if (first === undefined || second === undefined) throw new Error('no history');
    expect(codeOf(() => formatBundle({ ...bundle, keyHistory: [second, first] }))).toBe('BUNDLE_MALFORMED');
    expect(codeOf(() => formatBundle({ ...bundle, keyHistory: [first, first] }))).toBe('BUNDLE_MALFORMED');
    const other = JSON.stringify({ id: SOURCE, kind: 'evidence' });
    expect(codeOf(() => parseBundle(text.replace('"action":"revoke"', `"action":${other}`)))).toBe('BUNDLE_MALFORMED');
    const evidence = { kind: 'evidence', time, id: SOURCE, commitment: new Uint8Array(32) } as const;
    const smuggled = { ...bundle, keyHistory: [{ ...first, entry: evidence as unknown as KeyEntry }] };
    expect(codeOf(() => formatBundle(smuggled))).toBe('BUNDLE_MALFORMED');
  });

  test('possession is not for revoke, authority is not for register', () => {
    const { possession } = register('first');
    expect(codeOf(() => formatEntry({ ...revoke('first'), possession: possession as string }))).toBe('ENTRY_MALFORMED');
    expect(codeOf(() => formatEntry({ ...register('first'), authority: possession as string }))).toBe(
      'ENTRY_MALFORMED',
    );
  });

  test('the key id of a JWS can be read without the key', () => {
    expect(keyIdOfJws(keyOf('first').jws)).toBe(jwkThumbprint(keyOf('first').jwk));
    expect(codeOf(() => keyIdOfJws('not a JWS'))).toBe('JWS_MALFORMED');
  });

  test('an entry that is no record version has no submitter', async () => {
    const entries: Entry[] = [register('first'), version('first')];
    const { opening: _, keyHistory: __, ...rest } = bundleOf(entries);
    const report = await verifyBundle({ ...rest, entry: register('first'), opening: null }, { trust: {} });
    expect(report.checks.find(({ name }) => name === 'submitter-key')).toMatchObject({
      result: 'skipped',
      code: 'NOT_SIGNED',
    });
  });
});
