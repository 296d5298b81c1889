// LocalKeyProvider: wrap and unwrap are inverses in one context; anything else gives an error, for that key alone.

import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { KeyUnwrapError } from '../../api/src/platform/keys/key-provider.port.ts';
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
