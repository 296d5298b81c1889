// Log entries, submitters' keys and signatures.

import { describe, expect, test } from '@jest/globals';
import { p256 } from '@noble/curves/nist.js';
import {
  canonicalJson,
  entryFromJson,
  entryToJson,
  formatEntry,
  fromUtf8,
  jwkThumbprint,
  parseEntry,
  parseJson,
  parseJwk,
  sha256,
  signDetachedJws,
  statementBytes,
  toBase64Url,
  toHex,
  toJsonValue,
  utf8,
  verifyDetachedJws,
  type Entry,
  type Jwk,
  type PlainJson,
  type RecordVersionEntry,
} from '@medanchor/verifier';
import { codeOf, errorOf } from './support.ts';

const hash = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const uuid = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';
const time = '2026-02-28T23:59:59.999Z';
const seed = hash(3);
const { jwk, keyId } = signDetachedJws(utf8('x'), seed);
const contract = `0x${'ab'.repeat(20)}`;

const version: RecordVersionEntry = {
  kind: 'record-version',
  time,
  source: uuid,
  recordRef: hash(1),
  seq: 1n,
  previous: null,
  activity: 'create',
  scheme: 'fhir-json-static/1',
  commitment: hash(2),
};

const entries: Record<string, Entry> = {
  'a first version': version,
  'a later version, signed': {
    ...version,
    seq: 2n,
    previous: hash(9),
    activity: 'update',
    submitter: { keyId, jws: signDetachedJws(statementBytes({ ...version, activity: 'update' }), seed).jws },
  },
  'a delete': { ...version, seq: 3n, previous: hash(9), activity: 'delete', scheme: 'identity/1' },
  'an erasure': {
    kind: 'record-erasure',
    time,
    source: uuid,
    recordRef: hash(1),
    seq: 4n,
    previous: hash(8),
    basis: 'GDPR art. 17',
  },
  'a key': { kind: 'key', time, source: uuid, keyId, action: 'register', jwk },
  'a rotated key': { kind: 'key', time, source: uuid, keyId, action: 'rotate', jwk, replaces: keyId },
  'a revoked key': { kind: 'key', time, source: uuid, keyId, action: 'revoke' },
  'an ISMS revision': {
    kind: 'isms',
    time,
    object: 'risk-treatment',
    id: uuid,
    revision: 1n,
    previous: null,
    commitment: hash(4),
  },
  'a later ISMS revision': {
    kind: 'isms',
    time,
    object: 'risk',
    id: uuid,
    revision: 2n,
    previous: hash(5),
    commitment: hash(4),
  },
  evidence: { kind: 'evidence', time, id: uuid, commitment: hash(6) },
  'an anchoring epoch': {
    kind: 'anchor-epoch',
    time,
    epoch: 2n,
    chainId: 31337n,
    contract,
    logId: hash(7),
    reason: 'moved',
    previous: { chainId: 1n, contract, size: 0n, root: hash(0) },
  },
  'an epoch without a known predecessor': {
    kind: 'anchor-epoch',
    time,
    epoch: 3n,
    chainId: 1n,
    contract,
    logId: hash(7),
    reason: 'lost',
    previous: null,
  },
};

describe('every kind', () => {
  test.each(Object.entries(entries))('%s: parse and format are inverse', (_, entry) => {
    const bytes = formatEntry(entry);
    expect(parseEntry(bytes)).toEqual(entry);
    expect(toHex(formatEntry(parseEntry(bytes)))).toBe(toHex(bytes));
    expect(fromUtf8(bytes)).toContain('"format":"medanchor-entry/1"');
  });

  test.each(Object.entries(entries))('%s: every member is required or known, and none can be added', (_, entry) => {
    const plain = entryToJson(entry) as Record<string, PlainJson>;
    const optional = new Set(entry.kind === 'record-version' ? ['submitter'] : []);
    for (const name of Object.keys(plain)) {
      const { [name]: removed, ...rest } = plain;
      expect(removed).not.toBe(undefined);
      if (!optional.has(name)) expect(codeOf(() => entryFromJson(toJsonValue(rest)))).toBe('ENTRY_MALFORMED');
      expect(codeOf(() => entryFromJson(toJsonValue({ ...plain, [name]: [] })))).toBe('ENTRY_MALFORMED');
    }
    expect(errorOf(() => entryFromJson(toJsonValue({ ...plain, note: 'x' }))).message).toBe('/note: unknown member');
  });

  test('the octets of a first version, written out', () => {
    expect(fromUtf8(formatEntry(version))).toBe(
      `{"activity":"create","commitment":"${'02'.repeat(32)}","format":"medanchor-entry/1","kind":"record-version","previous":null,"recordRef":"${'01'.repeat(32)}","scheme":"fhir-json-static/1","seq":"1","source":"${uuid}","time":"${time}"}`,
    );
  });

  test('no change of one character of an entry is another spelling of it', () => {
    const text = fromUtf8(formatEntry(entries['a later version, signed'] as Entry));
    let accepted = 0;
    for (let at = 0; at < text.length; at++) {
      for (const character of ['0', 'a', ' ', '"', '']) {
        const mutated = text.slice(0, at) + character + text.slice(at + 1);
        if (mutated === text) continue;
        try {
          expect(fromUtf8(formatEntry(parseEntry(utf8(mutated))))).toBe(mutated);
          accepted++;
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^(ENTRY_MALFORMED|JSON_)/);
        }
      }
    }
    // Hex digits, the UUID and the base64url of the signature have other valid values.
    expect(accepted).toBeGreaterThan(100);
  });
});

describe('refused', () => {
  const plain = entryToJson(version) as Record<string, PlainJson>;
  const rows: [string, Record<string, PlainJson>, string][] = [
    ['another format', { format: 'medanchor-entry/2' }, '/format'],
    ['an unknown kind', { kind: 'other' }, '/kind'],
    ['a kind of Object.prototype', { kind: 'constructor' }, '/kind'],
    ['30 February', { time: '2026-02-30T00:00:00.000Z' }, '/time'],
    ['hour 24', { time: '2026-02-28T24:00:00.000Z' }, '/time'],
    ['a time without milliseconds', { time: '2026-02-28T00:00:00Z' }, '/time'],
    ['a time with an offset', { time: '2026-02-28T00:00:00.000+00:00' }, '/time'],
    ['a month of 13', { time: '2026-13-01T00:00:00.000Z' }, '/time'],
    ['a source that is no UUID', { source: 'ehr' }, '/source'],
    ['an upper-case UUID', { source: uuid.toUpperCase() }, '/source'],
    ['a short hash', { recordRef: '00' }, '/recordRef'],
    ['an upper-case hash', { recordRef: 'AB'.repeat(32) }, '/recordRef'],
    ['seq 0', { seq: '0' }, '/seq'],
    ['seq with a leading zero', { seq: '01' }, '/seq'],
    ['a first version with a previous one', { previous: '00'.repeat(32) }, '/previous'],
    ['a second version without a previous one', { seq: '2' }, '/previous'],
    ['an unknown activity', { activity: 'read' }, '/activity'],
    ['an unknown scheme', { scheme: 'raw/2' }, '/scheme'],
    ['no content without a delete', { scheme: 'identity/1' }, '/scheme'],
    ['a signature that is no JWS', { submitter: { keyId, jws: 'a.b.c' } }, '/submitter/jws'],
    ['a keyId that is no thumbprint', { submitter: { keyId: 'k', jws: `e30..${'A'.repeat(86)}` } }, '/submitter/keyId'],
  ];

  test.each(rows)('%s', (_, change, at) => {
    const error = errorOf(() => entryFromJson(toJsonValue({ ...plain, ...change })));
    expect([error.code, error.message.startsWith(at)]).toEqual(['ENTRY_MALFORMED', true]);
  });

  test.each<[string, Partial<Record<string, unknown>>, Entry]>([
    ['a revoked key with its jwk', { jwk }, entries['a revoked key'] as Entry],
    ['a key id of another key', { keyId: toBase64Url(hash(9)) }, entries['a key'] as Entry],
    ['a rotation that replaces nothing', { action: 'rotate' }, entries['a key'] as Entry],
    ['a registration that replaces', { replaces: keyId }, entries['a key'] as Entry],
    ['a first revision with a previous one', { previous: hash(1) }, entries['an ISMS revision'] as Entry],
    ['an object kind in capitals', { object: 'Risk' }, entries['an ISMS revision'] as Entry],
    ['an empty basis', { basis: '' }, entries['an erasure'] as Entry],
    ['a basis of 257 characters', { basis: 'x'.repeat(257) }, entries['an erasure'] as Entry],
    ['a basis with a newline', { basis: 'a\nb' }, entries['an erasure'] as Entry],
    ['epoch 1', { epoch: 1n }, entries['an anchoring epoch'] as Entry],
    ['a contract with capitals', { contract: contract.toUpperCase() }, entries['an anchoring epoch'] as Entry],
    ['seq 0', { seq: 0n }, version],
    ['seq 2^63', { seq: 2n ** 63n, previous: hash(1) }, version],
  ])('not even written: %s', (_, change, entry) => {
    expect(codeOf(() => formatEntry(Object.assign({}, entry, change) as Entry))).toBe('ENTRY_MALFORMED');
  });

  test('all faults are named at once', () => {
    const error = errorOf(() => entryFromJson(toJsonValue({ ...plain, seq: '0', time: 'now', more: 'x' })));
    expect(error.message).toBe(
      '/time: got a text of 3 characters, wanted a time YYYY-MM-DDThh:mm:ss.sssZ; /seq: got a text of 1 characters, wanted a decimal text from "1"; /more: unknown member',
    );
  });

  test('other JSON than an object', () => {
    for (const text of ['[]', '7', 'true', 'null', '"x"', '{}', '{"kind":"evidence","id":true}']) {
      expect(codeOf(() => entryFromJson(parseJson(utf8(text))))).toBe('ENTRY_MALFORMED');
    }
    expect(codeOf(() => entryFromJson(parseJson(utf8('{"kind":7}'))))).toBe('ENTRY_MALFORMED');
  });

  test('octets that are not canonical, or too many', () => {
    const text = canonicalJson(toJsonValue(plain));
    expect(codeOf(() => parseEntry(utf8(`${text}\n`)))).toBe('ENTRY_MALFORMED');
    expect(codeOf(() => parseEntry(utf8(text.replace(':', ': '))))).toBe('ENTRY_MALFORMED');
    expect(codeOf(() => parseEntry(utf8(text.replace('create', 'cre\\u0061te'))))).toBe('ENTRY_MALFORMED');
    expect(codeOf(() => parseEntry(new Uint8Array(16385)))).toBe('ENTRY_TOO_LARGE');
  });
});

describe('keys', () => {
  test('thumbprints of RFC 8037 appendix A.3', () => {
    const key: Jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
    expect(jwkThumbprint(key)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
    expect(parseJwk(toJsonValue({ ...key }))).toEqual(key);
  });

  test.each<[string, PlainJson]>([
    ['a private key', { ...jwk, d: jwk.x }],
    ['another curve', { ...jwk, crv: 'X25519' }],
    ['another type', { ...jwk, kty: 'RSA' }],
    ['31 octets', { ...jwk, x: toBase64Url(hash(1).subarray(1)) }],
    ['base64 with padding', { ...jwk, x: `${jwk.x}=` }],
    ['an EC key without y', { kty: 'EC', crv: 'P-256', x: jwk.x }],
    ['a text', 'key'],
  ])('refused: %s', (_, key) => {
    expect(codeOf(() => parseJwk(toJsonValue(key)))).toBe('JWK_MALFORMED');
  });
});

describe('detached JWS', () => {
  const payload = statementBytes(version);
  const { jws } = signDetachedJws(payload, seed);
  const [header = '', signature = ''] = jws.split('..');
  const withHeader = (value: PlainJson): string => `${toBase64Url(utf8(JSON.stringify(value)))}..${signature}`;

  test('the statement is what section 6.1 says', () => {
    expect(fromUtf8(payload)).toBe(
      `{"activity":"create","commitment":"${'02'.repeat(32)}","format":"medanchor-statement/1","scheme":"fhir-json-static/1","source":"${uuid}"}`,
    );
  });

  test('EdDSA verifies', () => {
    verifyDetachedJws(jws, payload, jwk);
    expect(codeOf(() => verifyDetachedJws(jws, utf8('other'), jwk))).toBe('JWS_SIGNATURE_INVALID');
  });

  test('ES256 verifies, with low and with high s', () => {
    const secret = hash(5);
    const point = p256.getPublicKey(secret, false);
    const key: Jwk = { kty: 'EC', crv: 'P-256', x: toBase64Url(point.slice(1, 33)), y: toBase64Url(point.slice(33)) };
    const head = toBase64Url(utf8(`{"alg":"ES256","kid":"${jwkThumbprint(key)}"}`));
    const low = p256.sign(utf8(`${head}.${toBase64Url(payload)}`), secret, { prehash: true, lowS: true });
    verifyDetachedJws(`${head}..${toBase64Url(low)}`, payload, key);
    const s = BigInt(`0x${toHex(low.slice(32))}`);
    const high = Uint8Array.of(
      ...low.slice(0, 32),
      ...Buffer.from((p256.Point.Fn.ORDER - s).toString(16).padStart(64, '0'), 'hex'),
    );
    verifyDetachedJws(`${head}..${toBase64Url(high)}`, payload, key);
    expect(codeOf(() => verifyDetachedJws(`${head}..${toBase64Url(low)}`, utf8('x'), key))).toBe(
      'JWS_SIGNATURE_INVALID',
    );
    const off: Jwk = { ...key, y: key.x };
    const offHead = toBase64Url(utf8(`{"alg":"ES256","kid":"${jwkThumbprint(off)}"}`));
    expect(codeOf(() => verifyDetachedJws(`${offHead}..${toBase64Url(low)}`, payload, off))).toBe(
      'JWS_SIGNATURE_INVALID',
    );
  });

  test.each<[string, string, string]>([
    ['nothing', '', 'JWS_MALFORMED'],
    ['an attached payload', `${header}.e30.${signature}`, 'JWS_MALFORMED'],
    ['no header', `..${signature}`, 'JWS_MALFORMED'],
    ['a signature of 63 octets', `${header}..${signature.slice(0, 84)}`, 'JWS_MALFORMED'],
    [
      'unused bits in the signature',
      `${header}..${signature.slice(0, 85)}${signature.at(-1) === 'B' ? 'C' : 'B'}`,
      'JWS_MALFORMED',
    ],
    ['a header of odd length', `e30A0..${signature}`, 'JWS_MALFORMED'],
    ['a header that is no JSON', `${toBase64Url(utf8('{'))}..${signature}`, 'JWS_MALFORMED'],
    ['a newline at the end', `${jws}\n`, 'JWS_MALFORMED'],
    ['a header of 2 KiB', `${'A'.repeat(2048)}..${signature}`, 'JWS_MALFORMED'],
    ['alg none', withHeader({ alg: 'none', kid: keyId }), 'JWS_HEADER'],
    ['alg of another key type', withHeader({ alg: 'ES256', kid: keyId }), 'JWS_HEADER'],
    ['no kid', withHeader({ alg: 'EdDSA' }), 'JWS_HEADER'],
    ['crit', withHeader({ alg: 'EdDSA', kid: keyId, crit: ['b64'] }), 'JWS_HEADER'],
    ['another kid', withHeader({ alg: 'EdDSA', kid: toBase64Url(sha256(utf8('x'))) }), 'JWS_HEADER'],
    ['header members in another order', withHeader({ kid: keyId, alg: 'EdDSA' }), 'JWS_SIGNATURE_INVALID'],
  ])('refused: %s', (_, forged, code) => {
    expect(codeOf(() => verifyDetachedJws(forged, payload, jwk))).toBe(code);
  });
});
