// prove.rules: whoever changed a stored entry, note, tile or component must not make us hand out a forged-looking bundle.

import { describe, expect, test } from '@jest/globals';
import { formatEntry, formatTlogProof, parseEntry, parseTlogProof, utf8, type Bundle } from '@medanchor/verifier';
import { IntegrityFaultError } from '../../api/src/ledger/integrity-fault.ts';
import { assertProves, assertStoredCheckpoint, readStoredEntry } from '../../api/src/ledger/prove/prove.rules.ts';
import { octets } from '../support/submissions.ts';
import { bundle, bundleOf, checkpointOf, entry } from '../verifier/bundle-fixture.ts';
import { flipped } from '../verifier/support.ts';

const fault = (message: string): unknown => expect.objectContaining({ name: 'IntegrityFaultError', message });

describe('a stored entry', () => {
  test('is read', () => {
    expect(readStoredEntry({ index: 4n, entry: formatEntry(entry) })).toEqual(parseEntry(formatEntry(entry)));
  });

  test.each([
    ['cut off', formatEntry(entry).subarray(0, -1)],
    ['empty: its row is gone', new Uint8Array(0)],
    ['written in another way', utf8(` ${new TextDecoder().decode(formatEntry(entry))}`)],
  ])('%s is our fault, not the client’s', (_, bytes) => {
    expect(() => readStoredEntry({ index: 4n, entry: bytes })).toThrow(
      fault('the stored entry 4 cannot be read any more'),
    );
  });

  test('that is no octets at all is a fault of the program, and stays one', () => {
    expect(() => readStoredEntry({ index: 4n, entry: null as unknown as Uint8Array })).toThrow(TypeError);
  });
});

describe('a stored checkpoint', () => {
  const root = octets(9);
  const note = checkpointOf(root, 11n);

  test('that was signed for this size and root', () => {
    expect(() => assertStoredCheckpoint({ note, size: 11n, root })).not.toThrow();
  });

  test.each([
    [
      'of another size',
      { note, size: 12n, root },
      'the stored checkpoint of size 12 does not say what stands beside it',
    ],
    [
      'of another root',
      { note, size: 11n, root: octets(8) },
      'the stored checkpoint of size 11 does not say what stands beside it',
    ],
    [
      'that is no note',
      { note: note.replace('\n\n', '\n'), size: 11n, root },
      'the stored checkpoint of size 11 cannot be read any more',
    ],
  ])('%s', (_, stored, message) => {
    expect(() => assertStoredCheckpoint(stored)).toThrow(fault(message));
  });
});

describe('a bundle', () => {
  test('that proves its entry', () => {
    expect(() => assertProves(bundle)).not.toThrow();
  });

  test('of an entry without an opening needs its place only', () => {
    const plain = {
      kind: 'evidence' as const,
      time: '2026-11-23T10:00:00.000Z',
      id: '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
      commitment: octets(3),
    };
    expect(() => assertProves(bundleOf(plain, null))).not.toThrow();
    // What stands beside an entry that commits to no components is not compared with it.
    expect(() => assertProves(bundleOf(plain, bundle.opening))).not.toThrow();
  });

  const notInTree = 'the stored entry 4 is not in the tree that was signed at size 11';
  const notCommitted = 'the stored components of entry 4 are not those that it commits to';
  const proof = parseTlogProof(bundle.proof);
  const opening = bundle.opening as NonNullable<Bundle['opening']>;
  test.each<[string, Bundle, string]>([
    ['whose entry was changed', { ...bundle, entry: { ...entry, time: '2026-11-23T10:00:00.001Z' } }, notInTree],
    [
      'whose tile was changed',
      {
        ...bundle,
        proof: formatTlogProof({ ...proof, hashes: proof.hashes.with(0, octets(1)) }),
      },
      notInTree,
    ],
    [
      'whose component was changed',
      {
        ...bundle,
        opening: {
          ...opening,
          components: opening.components.map((component, position) =>
            position === 1 ? { ...component, commitment: flipped(component.commitment) } : component,
          ),
        },
      },
      notCommitted,
    ],
  ])('%s', (_, forged, message) => {
    expect(() => assertProves(forged)).toThrow(fault(message));
  });

  test('says why in its cause', () => {
    let caught: unknown;
    try {
      assertProves({ ...bundle, entry: { ...entry, time: '2026-11-23T10:00:00.001Z' } });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(IntegrityFaultError);
    expect((caught as Error).cause).toMatchObject({ name: 'VerifyError', code: 'INCLUSION_MISMATCH' });
  });
});
