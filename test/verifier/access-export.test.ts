// The export of an access log, line by line: what follows from it, and every way in which a line can fail to be what it says.

import { describe, expect, test } from '@jest/globals';
import {
  accessAnchorResource,
  accessCommitment,
  accessEventHash,
  accessEventResource,
  AccessExportCheck,
  accessGenesis,
  canonicalFhir,
  formatAccessEvent,
  formatBundle,
  utf8,
  type AccessAnchorDocument,
  type AccessEventDocument,
  type ChainedAccessEvent,
} from '@medanchor/verifier';
import { bundle as anotherBundle, bundleOf } from './bundle-fixture.ts';
import { errorOf } from './support.ts';

const CHAIN = '11111111-1111-4111-8111-111111111111';
const OTHER_CHAIN = '22222222-2222-4222-8222-222222222222';
const ORIGIN = 'log.example/1';
const ANCHOR_ID = '44444444-4444-4444-8444-444444444444';
const SALT = new Uint8Array(32).fill(5);

const EVENT: AccessEventDocument = {
  chain: CHAIN,
  time: '2026-01-02T03:04:05.678Z',
  action: 'version.read',
  outcome: 'success',
  caller: null,
  decision: null,
  entity: null,
  purposeOfUse: null,
  breakGlass: null,
  address: null,
  requestId: 'r',
};

/** Events of one chain, each following from the one before. */
function chained(...events: readonly Partial<AccessEventDocument>[]): readonly ChainedAccessEvent[] {
  let previousHash = accessGenesis(CHAIN);
  return events.map((given, at) => {
    const event = formatAccessEvent({ ...EVENT, ...given });
    const link = { seq: BigInt(at + 1), event, previousHash, hash: accessEventHash(previousHash, event) };
    previousHash = link.hash;
    return link;
  });
}

const [first, second, third] = chained({}, { requestId: 's' }, { requestId: 't' }) as [
  ChainedAccessEvent,
  ChainedAccessEvent,
  ChainedAccessEvent,
];
const line = (event: ChainedAccessEvent, origin = ORIGIN): string => canonicalFhir(accessEventResource(event, origin));
const anchor = (changed: Partial<AccessAnchorDocument> = {}): AccessAnchorDocument => ({
  id: ANCHOR_ID,
  chain: CHAIN,
  first: 1n,
  last: 2n,
  head: second.hash,
  salt: SALT,
  index: 4n,
  ...changed,
});
const committed = (batch: AccessAnchorDocument, id = ANCHOR_ID): string =>
  formatBundle(
    bundleOf({ kind: 'evidence', time: EVENT.time, id, commitment: accessCommitment(batch.salt, batch) }, null),
  );

function check(...lines: readonly string[]): AccessExportCheck {
  const reading = new AccessExportCheck();
  for (const one of lines) reading.add(utf8(one));
  return reading;
}

const complaint = (...lines: readonly string[]): string => {
  const { code, message } = errorOf(() => check(...lines));
  return `${code} ${message}`;
};

test('nothing yet', () => {
  const empty = new AccessExportCheck();
  expect([empty.events, empty.anchors, empty.chain, empty.origin, empty.range, empty.proven]).toEqual([
    0n,
    0n,
    null,
    null,
    null,
    null,
  ]);
});

test('events and openings; the last bundle says how far it is proven', () => {
  const read = check(
    line(first),
    line(second),
    accessAnchorResource(anchor({ index: null }), null),
    accessAnchorResource(anchor(), committed(anchor())),
    line(third),
  );
  expect([read.events, read.anchors, read.range]).toEqual([3n, 2n, { first: 1n, last: 3n }]);
  expect(read.proven?.seq).toBe(2n);
  expect(read.proven?.bundle.entry).toMatchObject({ kind: 'evidence', id: ANCHOR_ID });
});

test('a part from the middle begins where it begins', () => {
  expect(check(line(second), line(third)).range).toEqual({ first: 2n, last: 3n });
});

test('signing in and out is an authentication, in the words of DICOM', () => {
  const [signedIn, signedOut] = chained({ action: 'sign-in' }, { action: 'sign-out' }) as [
    ChainedAccessEvent,
    ChainedAccessEvent,
  ];
  expect(accessEventResource(signedIn, ORIGIN)).toMatchObject({
    type: { code: '110114', display: 'User Authentication' },
    subtype: [{ code: '110122', display: 'Login' }, { code: 'sign-in' }],
    action: 'E',
  });
  expect(accessEventResource(signedOut, ORIGIN)).toMatchObject({ subtype: [{ code: '110123' }, { code: 'sign-out' }] });
  expect(check(line(signedIn), line(signedOut)).events).toBe(2n);
});

describe('a line that is not what it says', () => {
  const otherChain = formatAccessEvent({ ...EVENT, chain: OTHER_CHAIN });
  const stranger = { ...second, event: otherChain };
  const rootless = JSON.stringify({ ...JSON.parse(line(first)), source: { observer: 7 } });

  test.each<[string, readonly string[], string]>([
    ['no resource', ['[]'], 'line 1: neither an AuditEvent nor the opening of a batch'],
    ['another resource', ['{"resourceType":"Patient"}'], 'line 1: neither an AuditEvent nor'],
    ['no extension', ['{"resourceType":"AuditEvent"}'], 'line 1: "seq" is missing in its extension'],
    [
      'an extension of others',
      ['{"resourceType":"AuditEvent","extension":[{"url":"urn:x","extension":[{"url":"seq","valueString":"1"}]}]}'],
      '"seq" is missing',
    ],
    [
      'an extension without texts',
      [
        '{"resourceType":"AuditEvent","extension":[{"url":"urn:medanchor:access-log:event","extension":["seq",{"url":"seq","valueBoolean":true}]}]}',
      ],
      '"seq" is missing',
    ],
    ['no observer', [rootless], 'line 1: it names no log as its observer'],
    ['another log', [line(first), line(second, 'log.example/2')], 'line 2: it names another log as its observer'],
    ['another chain', [line(first), line(stranger)], 'line 2: it belongs to another chain than the lines before'],
    ['a gap', [line(first), line(third)], 'line 2: it is event 3, but event 2 is the next one'],
    [
      'a beginning that is none',
      [line({ ...first, previousHash: second.hash })],
      'line 1: event 1 does not follow from the one before',
    ],
    ['a changed event', [line({ ...first, event: second.event })], 'line 1: event 1 was changed'],
    [
      'a resource that says something else',
      [line(first).replace('"outcome":"0"', '"outcome":"8"')],
      'line 1: the AuditEvent of event 1 does not say what the event that was hashed says',
    ],
    ['an opening with more to it', [line(first), line(second), openingWith('x')], 'line 3: it is not the opening of'],
    [
      'an opening of other events',
      [line(first), accessAnchorResource(anchor(), null)],
      'line 2: it opens a batch that does not end with the event before this line',
    ],
    [
      'an opening of another chain',
      [line(first), line(second), accessAnchorResource(anchor({ chain: OTHER_CHAIN }), null)],
      'line 3: it opens a batch that does not end with',
    ],
    [
      'a head that was anchored before the chain was rewritten',
      [line(first), line(second), accessAnchorResource(anchor({ head: third.hash }), null)],
      'the chain was rewritten',
    ],
    [
      'the bundle of another anchor',
      [line(first), line(second), accessAnchorResource(anchor(), committed(anchor(), OTHER_CHAIN))],
      'line 3: its bundle is of another entry of the log',
    ],
    [
      'the bundle of a version',
      [line(first), line(second), accessAnchorResource(anchor(), formatBundle(anotherBundle))],
      'line 3: its bundle is of another entry of the log',
    ],
    [
      'an entry that commits to other events',
      [line(first), line(second), accessAnchorResource(anchor(), committed(anchor({ first: 2n })))],
      'line 3: the entry of the log does not commit to events 1 to 2',
    ],
  ])('%s', (_what, lines, words) => {
    expect(complaint(...lines)).toMatch(/^ACCESS_EXPORT_MALFORMED line /);
    expect(complaint(...lines)).toContain(words);
  });

  test('an opening that is none', () => {
    const text = accessAnchorResource(anchor(), null).replaceAll(ANCHOR_ID, 'x');
    expect(errorOf(() => check(line(first), line(second), text)).code).toBe('ACCESS_ANCHOR_MALFORMED');
  });

  function openingWith(more: string): string {
    return accessAnchorResource(anchor(), null).replace('"id":', `"language":"${more}","id":`);
  }
});
