// LocalKeyProvider: wrap and unwrap are inverses in one context; anything else gives an error, for that key alone. KeyRing: each
// version goes to the provider that knows it.

import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { KeyUnwrapError } from '../../api/src/platform/keys/key-provider.port.ts';
import { KeyRing } from '../../api/src/platform/keys/key-ring.ts';
import { LocalKeyProvider } from '../../api/src/platform/keys/local-key-provider.file.ts';
import { recordKeyContext } from '../../api/src/ledger/store/record-key.ts';

const KEK = new Uint8Array(32).fill(0x42);
const CONTEXT = recordKeyContext('tenant-a', 'source-a', 'Patient/1');
const provider = new LocalKeyProvider(KEK);

async function wrapOne(key: Uint8Array, context = CONTEXT): Promise<Uint8Array> {
  const [wrapped] = await provider.wrap([{ key, context }]);
  return wrapped as Uint8Array;
}

async function unwrapOne(wrapped: Uint8Array, context = CONTEXT, by = provider): Promise<Uint8Array | KeyUnwrapError> {
  const [key] = await by.unwrap([{ wrapped, context }]);
  return key as Uint8Array | KeyUnwrapError;
}

function complaint(result: Uint8Array | KeyUnwrapError): string {
  return result instanceof KeyUnwrapError ? result.message : 'no complaint';
}

test('what was wrapped is unwrapped, in the order asked', async () => {
  const keys = Array.from({ length: 5 }, () => new Uint8Array(randomBytes(32)));
  const wrapped = await provider.wrap(keys.map((key, n) => ({ key, context: `context ${n}` })));
  const unwrapped = await provider.unwrap(wrapped.map((one, n) => ({ wrapped: one, context: `context ${n}` })));
  expect(unwrapped.map((key) => Buffer.from(key as Uint8Array).toString('hex'))).toEqual(
    keys.map((key) => Buffer.from(key).toString('hex')),
  );
  expect(await provider.wrap([])).toEqual([]);
  expect(await provider.unwrap([])).toEqual([]);
});

test('the wrapped form has 65 octets: version 1, KEK id, nonce, ciphertext, tag; and does not repeat', async () => {
  const key = new Uint8Array(32);
  const [one, two] = [await wrapOne(key), await wrapOne(key)];
  expect([one.length, one[0]]).toEqual([65, 1]);
  expect(Buffer.from(one.subarray(1, 5)).equals(two.subarray(1, 5))).toBe(true);
  expect(Buffer.from(one.subarray(5, 17)).equals(two.subarray(5, 17))).toBe(false);
  expect(Buffer.from(one.subarray(17, 49)).equals(two.subarray(17, 49))).toBe(false);
});

test('a process with the same KEK can unwrap it', async () => {
  const key = new Uint8Array(randomBytes(32));
  const other = new LocalKeyProvider(Uint8Array.from(KEK));
  expect(Buffer.from((await unwrapOne(await wrapOne(key), CONTEXT, other)) as Uint8Array).equals(key)).toBe(true);
});

test.each([
  ['another record', recordKeyContext('tenant-a', 'source-a', 'Patient/2')],
  ['another source', recordKeyContext('tenant-a', 'source-b', 'Patient/1')],
  ['another tenant', recordKeyContext('tenant-b', 'source-a', 'Patient/1')],
])('moved to %s it is refused', async (_where, context) => {
  expect(complaint(await unwrapOne(await wrapOne(randomBytes(32)), context))).toBe(
    'a wrapped key was changed or belongs to another record',
  );
});

test('under another KEK it is refused, and told apart from damage', async () => {
  const other = new LocalKeyProvider(new Uint8Array(32).fill(0x43));
  expect(complaint(await unwrapOne(await wrapOne(randomBytes(32)), CONTEXT, other))).toBe(
    'a wrapped key belongs to another KEK',
  );
});

test('one changed bit anywhere is refused', async () => {
  const wrapped = await wrapOne(randomBytes(32));
  for (let at = 0; at < wrapped.length; at += 1) {
    const changed = Uint8Array.from(wrapped);
    changed[at] = (changed[at] as number) ^ 0x01;
    const expected =
      at === 0
        ? 'a wrapped key is malformed'
        : at < 5
          ? 'a wrapped key belongs to another KEK'
          : 'a wrapped key was changed or belongs to another record';
    expect(`octet ${at}: ${complaint(await unwrapOne(changed))}`).toBe(`octet ${at}: ${expected}`);
  }
});

test.each([0, 1, 16, 32, 48, 64])('cut to %i octets it is refused', async (length) => {
  const wrapped = await wrapOne(randomBytes(32));
  expect(await unwrapOne(wrapped.subarray(0, length))).toBeInstanceOf(KeyUnwrapError);
});

test('a damaged key does not keep the others from being read', async () => {
  const keys = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const wrapped = [...(await provider.wrap(keys.map((key) => ({ key, context: CONTEXT }))))];
  wrapped[1] = new Uint8Array(65);
  const unwrapped = await provider.unwrap(wrapped.map((one) => ({ wrapped: one, context: CONTEXT })));
  expect(unwrapped.map((key) => (key instanceof Uint8Array ? Buffer.from(key).toString('hex') : 'refused'))).toEqual([
    keys[0]?.toString('hex'),
    'refused',
    keys[2]?.toString('hex'),
  ]);
});

test('contexts cannot be confused: a record id that looks like the rest of another name', () => {
  const tenant = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';
  const source = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c';
  expect(recordKeyContext(tenant, source, 'a:b')).toBe(`medanchor/record-key/1:${tenant}:${source}:a:b`);
  expect(recordKeyContext(tenant, source, `${source}:a`)).not.toBe(recordKeyContext(tenant, source, 'a'));
});

const OLDER = new Uint8Array(32).fill(0x41);

test('what an older KEK has wrapped is read, and nothing more is wrapped by it', async () => {
  const older = new LocalKeyProvider(OLDER);
  const ring = new LocalKeyProvider(KEK, [OLDER, new Uint8Array(32).fill(0x40)]);
  const key = randomBytes(32);
  const [wrapped] = await older.wrap([{ key, context: CONTEXT }]);
  expect(Buffer.from((await unwrapOne(wrapped as Uint8Array, CONTEXT, ring)) as Uint8Array).equals(key)).toBe(true);
  const [again] = await ring.wrap([{ key, context: CONTEXT }]);
  expect(complaint(await unwrapOne(again as Uint8Array, CONTEXT, older))).toBe('a wrapped key belongs to another KEK');
  expect(again?.subarray(0, 5)).toEqual(await ring.header());
  const headers = [await ring.header(), await older.header(), await new LocalKeyProvider(randomBytes(32)).header()];
  expect(await Promise.all(headers.map((header) => ring.knows(header)))).toEqual([true, true, false]);
  expect(await ring.knows(Uint8Array.of(2, ...(await older.header()).subarray(1)))).toBe(false);
});

test('a KEK that is named twice is refused', () => {
  expect(() => new LocalKeyProvider(KEK, [OLDER, Uint8Array.from(KEK)])).toThrow(
    'KEK_FILE and KEK_PREVIOUS_FILES name the same key twice: name each key once',
  );
});

test('a ring gives each version to the provider that knows it, in the order asked', async () => {
  const [a, b] = [await wrapOne(new Uint8Array(32).fill(1)), await wrapOne(new Uint8Array(32).fill(2))];
  const ofTwo = Uint8Array.from(a);
  ofTwo[0] = 2;
  const ofNine = Uint8Array.from(a);
  ofNine[0] = 9;
  const ring = new KeyRing(provider, new Map([[1, provider]]));
  const opened = await ring.unwrap(
    [a, ofTwo, b, ofNine, new Uint8Array()].map((wrapped) => ({ wrapped, context: CONTEXT })),
  );
  expect(opened.map((one) => (one instanceof Uint8Array ? one[0] : one.message))).toEqual([
    1,
    'a wrapped key needs a key provider that is not configured',
    2,
    'a wrapped key is malformed',
    'a wrapped key is malformed',
  ]);
  expect([await ring.knows(await provider.header()), await ring.knows(Uint8Array.of(2, 0, 0, 0, 0))]).toEqual([
    true,
    false,
  ]);
});
