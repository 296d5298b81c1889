// Where passkeys can be offered, what a counter says, and what a passkey is called.

import { describe, expect, test } from '@jest/globals';
import {
  assertionSchema,
  counterHolds,
  isLongEnough,
  parseAnswer,
  passkeyName,
  relyingPartyOf,
} from '../../api/src/identity/passkeys/passkey.rules.ts';

describe('the relying party', () => {
  test.each([
    ['https://ledger.larkmoor.example', { id: 'ledger.larkmoor.example', origin: 'https://ledger.larkmoor.example' }],
    ['https://larkmoor.example:8443', { id: 'larkmoor.example', origin: 'https://larkmoor.example:8443' }],
    ['http://localhost:3000', { id: 'localhost', origin: 'http://localhost:3000' }],
    ['http://ledger.localhost:3000', { id: 'ledger.localhost', origin: 'http://ledger.localhost:3000' }],
  ])('of %s', (publicUrl, party) => {
    expect(relyingPartyOf(publicUrl)).toEqual(party);
  });

  test.each(['http://127.0.0.1:3000', 'https://192.0.2.7', 'https://[2001:db8::7]', 'http://ledger.larkmoor.example'])(
    'there is none of %s',
    (publicUrl) => {
      expect(relyingPartyOf(publicUrl)).toBeNull();
    },
  );
});

test.each([
  [0, 0, true],
  [0, 1, true],
  [7, 8, true],
  [7, 4_294_967_295, true],
  [7, 7, false],
  [7, 6, false],
  [7, 0, false],
])('a counter of %i, then of %i: %s', (stored, given, holds) => {
  expect(counterHolds(stored, given)).toBe(holds);
});

test('an RSA key has 2048 bits', () => {
  expect([255, 256, 512].map((length) => isLongEnough(new Uint8Array(length)))).toEqual([false, true, true]);
  expect(isLongEnough(undefined)).toBe(true);
});

test.each([
  ['Laptop', 'Laptop'],
  ['  two\u0000 \n words\u202e ', 'two words'],
  ['', 'Passkey of 2026-11-25'],
  [' \t ', 'Passkey of 2026-11-25'],
  ['𝒂'.repeat(70), '𝒂'.repeat(60)],
])('%j is called %j', (typed, name) => {
  expect(passkeyName(typed, new Date('2026-11-25T23:59:59Z'))).toBe(name);
});

describe('an answer', () => {
  const response = { clientDataJSON: 'AA', authenticatorData: 'AA', signature: 'AA' };
  const answer = { id: 'AA', rawId: 'AA', type: 'public-key', response };

  test('is taken without a user handle, with more members than are looked at', () => {
    expect(parseAnswer(assertionSchema, JSON.stringify({ ...answer, clientExtensionResults: {} }))).toEqual(answer);
  });

  test.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['no response', JSON.stringify({ ...answer, response: undefined })],
    ['another type', JSON.stringify({ ...answer, type: 'password' })],
    ['base64 of another alphabet', JSON.stringify({ ...answer, response: { ...response, signature: 'A+/=' } })],
    ['octets without end', JSON.stringify({ ...answer, response: { ...response, signature: 'A'.repeat(6001) } })],
  ])('is none: %s', (_what, text) => {
    expect(parseAnswer(assertionSchema, text)).toBeUndefined();
  });
});
