// The plan's book of keys, and the sweep's comparison of rows and entries: every rule with one thing wrong.

import { describe, expect, test } from '@jest/globals';
import { signDetachedJws, type KeyEntry } from '@medanchor/verifier';
import { KeyBook } from '../../api/src/ledger/append/source-key.rules.ts';
import { assertReplaceable } from '../../api/src/identity/source-keys.rules.ts';
import { faultsOfKeyEntry, faultsOfKeyRow } from '../../api/src/ledger/fsck/source-key.rules.ts';
import type { SourceKey } from '../../api/src/ledger/model.ts';
import { sourceKeyName } from '../../api/src/ledger/store/entry-store.port.ts';

const source = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';
const elsewhere = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c';
const [a, b] = [1, 2].map((octet) => signDetachedJws(new Uint8Array(), new Uint8Array(32).fill(octet))) as [
  ReturnType<typeof signDetachedJws>,
  ReturnType<typeof signDetachedJws>,
];
const entry = (members: Partial<KeyEntry>): KeyEntry => ({
  kind: 'key',
  time: '2026-11-24T10:00:00.000Z',
  source,
  keyId: a.keyId,
  action: 'register',
  ...members,
});
const register = entry({ jwk: a.jwk });
const rotate = entry({ action: 'rotate', keyId: b.keyId, jwk: b.jwk, replaces: a.keyId });
const revoke = entry({ action: 'revoke' });
const row: SourceKey = {
  source,
  keyId: a.keyId,
  jwk: a.jwk,
  registeredIndex: 4n,
  revokedIndex: null,
  replacedBy: null,
};
const bookOf = (...keys: readonly SourceKey[]): KeyBook =>
  new KeyBook(new Map(keys.map((key) => [sourceKeyName(key.source, key.keyId), key])));

describe('the book', () => {
  test('says why a key cannot be used', () => {
    expect(bookOf().refusalOfUse(source, a.keyId)?.code).toBe('signature-key-unknown');
    expect(bookOf(row).refusalOfUse(source, a.keyId)).toBe(null);
    expect(bookOf(row).refusalOfUse(elsewhere, a.keyId)?.code).toBe('signature-key-unknown');
    expect(bookOf({ ...row, revokedIndex: 9n }).refusalOfUse(source, a.keyId)?.detail).toContain(
      'was revoked at index 9',
    );
    expect(bookOf({ ...row, revokedIndex: 9n, replacedBy: b.keyId }).refusalOfUse(source, a.keyId)?.detail).toContain(
      `replaced by ${b.keyId}`,
    );
  });

  test('lets a key begin once and end once', () => {
    expect(bookOf().refusalOf(register)).toBe(null);
    expect(bookOf(row).refusalOf(register)?.code).toBe('key-exists');
    expect(bookOf({ ...row, revokedIndex: 9n }).refusalOf(register)?.code).toBe('key-revoked');
    expect(bookOf().refusalOf(revoke)?.code).toBe('unknown-key');
    expect(bookOf({ ...row, revokedIndex: 9n }).refusalOf(revoke)?.code).toBe('key-revoked');
    expect(bookOf().refusalOf(rotate)?.code).toBe('unknown-key');
    expect(bookOf({ ...row, revokedIndex: 9n }).refusalOf(rotate)?.code).toBe('key-revoked');
    expect(bookOf(row).refusalOf(rotate)).toBe(null);
  });

  test('leaves the rows as the entries say', () => {
    const book = bookOf(row);
    book.apply(rotate, 7n);
    book.apply(entry({ action: 'revoke', keyId: b.keyId }), 8n);
    expect(book.changed).toEqual([
      { ...row, keyId: b.keyId, jwk: b.jwk, registeredIndex: 7n, revokedIndex: 8n, replacedBy: null },
      { ...row, revokedIndex: 7n, replacedBy: b.keyId },
    ]);
  });
});

test('a key in place of 99 others can be replaced once more, one in place of 100 cannot', () => {
  const keys = Array.from({ length: 101 }, (_, at) => ({
    keyId: `k${at}`,
    replacedBy: at === 100 ? null : `k${at + 1}`,
  }));
  expect(() => assertReplaceable(keys, 'k99')).not.toThrow();
  expect(() => assertReplaceable(keys, 'k100')).toThrow('revoke it and register a new one');
  expect(() => assertReplaceable([], 'k0')).not.toThrow();
});

describe('a row against its entries', () => {
  const fields = (changes: Partial<SourceKey>, begun: KeyEntry | null, ended: KeyEntry | null): readonly unknown[] =>
    faultsOfKeyRow({ ...row, ...changes }, begun, ended).map(({ where }) => where.field);

  test.each([
    ['right, and in force', {}, register, null, []],
    ['right, and revoked', { revokedIndex: 9n }, register, revoke, []],
    ['right, and replaced', { revokedIndex: 9n, replacedBy: b.keyId }, register, rotate, []],
    ['no entry', {}, null, null, ['registered_index']],
    ['an entry of another source', {}, { ...register, source: elsewhere }, null, ['registered_index']],
    ['an entry of another key', {}, rotate, null, ['registered_index']],
    ['another key in the row', { jwk: b.jwk }, register, null, ['jwk']],
    ['no end where it should be', { revokedIndex: 9n }, register, null, ['revoked_index']],
    [
      'the end of another source’s key',
      { revokedIndex: 9n },
      register,
      { ...revoke, source: elsewhere },
      ['revoked_index'],
    ],
    ['the end of another key', { revokedIndex: 9n }, register, { ...revoke, keyId: b.keyId }, ['revoked_index']],
    [
      'a successor that the log does not name',
      { revokedIndex: 9n, replacedBy: b.keyId },
      register,
      revoke,
      ['replaced_by'],
    ],
  ] as const)('%s', (_, changes, begun, ended, expected) => {
    expect(fields(changes, begun, ended)).toEqual(expected);
  });
});

describe('an entry against its rows', () => {
  const codes = (of: KeyEntry, ...rows: readonly SourceKey[]): readonly string[] =>
    faultsOfKeyEntry(4n, of, rows).map(({ code, where }) => `${code} ${where.field ?? ''}`.trim());
  const replaced = { ...row, registeredIndex: 1n, revokedIndex: 4n, replacedBy: b.keyId };
  const successor = { ...row, keyId: b.keyId, jwk: b.jwk };

  test('both ways', () => {
    expect(codes(register, row)).toEqual([]);
    expect(codes(register)).toEqual(['source-key-missing']);
    expect(codes(register, { ...row, registeredIndex: 3n })).toEqual(['source-key-changed registered_index']);
    expect(codes(rotate, replaced, successor)).toEqual([]);
    expect(codes(rotate, { ...replaced, revokedIndex: null }, successor)).toEqual(['source-key-changed revoked_index']);
    expect(codes(revoke, { ...row, revokedIndex: 4n })).toEqual([]);
    expect(codes(revoke, row)).toEqual(['source-key-changed revoked_index']);
  });
});
