// Events of the access log: the direct way of writing one gives the text of the codec, and what cannot be an event is refused.

import { describe, expect, test } from '@jest/globals';
import {
  accessCommitment,
  breakGlassCommitment,
  accessEventHash,
  accessEventResource,
  accessGenesis,
  AccessExportCheck,
  canonicalJson,
  formatAccessEvent,
  NO_TENANT,
  parseAccessEvent,
  parseJson,
  toHex,
  utf8,
  type AccessEventDocument,
} from '@medanchor/verifier';
import fc from 'fast-check';
import { codeOf } from './support.ts';

const EVENT: AccessEventDocument = {
  chain: '11111111-1111-4111-8111-111111111111',
  time: '2026-01-02T03:04:05.678Z',
  action: 'version.read',
  outcome: 'success',
  caller: { kind: 'client', issuer: 'i', subject: 's', clientId: 'c', roles: ['auditor'], sessionId: null },
  decision: { result: 'allow', policyVersion: '1', reasons: ['role-allows'] },
  entity: { source: '33333333-3333-4333-8333-333333333333', recordRef: new Uint8Array(32).fill(1), seq: 1n },
  purposeOfUse: null,
  breakGlass: null,
  address: null,
  requestId: 'r',
};

const anyText = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.constant('"\\\u2028\u0001\t/é😀'));
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one, { nil: null });
const word = fc.stringMatching(/^[a-z][a-z.-]{0,10}$/);
const events: fc.Arbitrary<AccessEventDocument> = fc.record({
  chain: fc.constantFrom(EVENT.chain, NO_TENANT),
  time: fc.constant(EVENT.time),
  action: word,
  outcome: fc.constantFrom('success' as const, 'denied' as const, 'failure' as const),
  caller: maybe(
    fc.record({
      kind: fc.constantFrom('client' as const, 'person' as const, 'operator' as const, 'service' as const),
      issuer: anyText,
      subject: anyText,
      clientId: anyText,
      roles: fc.array(word, { maxLength: 4 }),
      sessionId: maybe(anyText),
    }),
  ),
  decision: maybe(
    fc.record({
      result: fc.constantFrom('allow' as const, 'deny' as const),
      policyVersion: anyText,
      reasons: fc.array(word, { maxLength: 4 }),
    }),
  ),
  entity: maybe(
    fc.oneof(
      fc.record({
        source: fc.uuid(),
        recordRef: maybe(fc.uint8Array({ minLength: 32, maxLength: 32 })),
        seq: maybe(fc.bigInt({ min: 1n, max: 0x7fff_ffff_ffff_ffffn })),
      }),
      fc.record({ type: word, id: anyText }),
    ),
  ),
  purposeOfUse: maybe(anyText),
  breakGlass: maybe(anyText),
  address: maybe(anyText),
  requestId: maybe(anyText),
});

test('whatever the event, its text is canonical, and reads back as the event', () => {
  fc.assert(
    fc.property(events, (event) => {
      const text = formatAccessEvent(event);
      expect(canonicalJson(parseJson(utf8(text)))).toBe(text);
      expect(parseAccessEvent(text)).toEqual(event);
    }),
    { numRuns: 500 },
  );
});

test('whatever the event, its resource is one line of an export that follows from it', () => {
  fc.assert(
    fc.property(events, (event) => {
      const text = formatAccessEvent(event);
      const previousHash = accessGenesis(event.chain);
      const hash = accessEventHash(previousHash, text);
      const line = JSON.stringify(accessEventResource({ seq: 1n, event: text, previousHash, hash }, 'log.example/1'));
      const check = new AccessExportCheck();
      check.add(utf8(line));
      expect([check.events, check.chain, check.origin]).toEqual([1n, event.chain, 'log.example/1']);
    }),
  );
});

test.each<[string, Partial<Record<keyof AccessEventDocument, unknown>>]>([
  ['an action that is no word', { action: 'Read it' }],
  ['an outcome of its own', { outcome: 'maybe' }],
  ['a time with microseconds', { time: '2026-01-02T03:04:05.678901Z' }],
  ['a chain that is no UUID', { chain: 'default' }],
  ['a text that is too long', { requestId: 'x'.repeat(1025) }],
  ['a pseudonym of 31 octets', { entity: { ...EVENT.entity, recordRef: new Uint8Array(31) } }],
  ['version 0', { entity: { ...EVENT.entity, seq: 0n } }],
  ['a role that is no word', { caller: { ...EVENT.caller, roles: ['Chief Physician'] } }],
])('%s: refused', (_what, wrong) => {
  expect(codeOf(() => formatAccessEvent({ ...EVENT, ...wrong } as AccessEventDocument))).toBe('ACCESS_EVENT_MALFORMED');
});

test('a lone surrogate is refused', () => {
  expect(codeOf(() => formatAccessEvent({ ...EVENT, requestId: '\ud800' }))).toBe('JSON_LONE_SURROGATE');
});

test('another spelling of the same event is refused', () => {
  const text = formatAccessEvent(EVENT);
  for (const other of [` ${text}`, text.replace('"action"', '"\\u0061ction"'), text.replace('{', '{"x":null,')])
    expect(codeOf(() => parseAccessEvent(other))).toBe('ACCESS_EVENT_MALFORMED');
});

describe('literal values', () => {
  test('where a chain begins', () => {
    expect(toHex(accessGenesis(NO_TENANT))).toBe('7880d7c4a465936dedf77040250502cd8b6eb49945590c1aafe936a3dca69d4d');
  });

  test('what an event commits to of a reason', () => {
    expect(toHex(breakGlassCommitment(new Uint8Array(32).fill(1), 'Bewusstlos, Größe unbekannt'))).toBe(
      'c676ec09db6c42d46ed28d5eaff7c919219b22aeb2b7de3ce588b8b61bf5ecee',
    );
  });

  test('what an entry of the log commits to', () => {
    const batch = { chain: NO_TENANT, first: 1n, last: 3n, head: new Uint8Array(32).fill(2) };
    expect(toHex(accessCommitment(new Uint8Array(32).fill(1), batch))).toBe(
      'a292976d6b26ab0e01e94b8a858ccd22b6e9c7314cf1ae970efd538f418c8ee5',
    );
  });
});
