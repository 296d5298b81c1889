// The client by itself: when it repeats a request, how it gets tokens, what it signs, and what it opens.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  backendTokens,
  commitVersion,
  discloseFromBundle,
  generateSigningKey,
  LedgerRefusal,
  LedgerUnreachable,
  MedAnchorClient,
  MemoryKeyStore,
  openBundle,
  RecordKeyMissing,
  registeredClient,
  signingKeyOf,
} from '@medanchor/client';
import {
  commitRecord,
  digestRecord,
  formatBundle,
  parseBundle,
  toHex,
  utf8,
  verifyBundle,
  verifyDetachedJws,
  VerifyError,
  versionSalt,
  type Bundle,
} from '@medanchor/verifier';
import { exportJWK, generateKeyPair, importJWK, jwtVerify } from 'jose';
import { bundleOf, content, entry, identity } from '../verifier/bundle-fixture.ts';

let server: Server | undefined;

afterEach(async () => {
  const running = server;
  server = undefined;
  if (running !== undefined) await new Promise((resolve) => running.close(resolve));
});

type Reply = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];
type Asked = { readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: string };

/** Answers with these, in order, and then with the last one for ever. */
async function answering(...replies: readonly Reply[]): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      asked.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts).toString() });
      const [status, body, headers] = replies[Math.min(asked.length, replies.length) - 1] as Reply;
      response.writeHead(status, { connection: 'close', ...headers }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const VERSION = {
  recordId: identity.recordId,
  versionId: identity.versionId,
  content,
  mediaType: 'application/fhir+json',
} as const;
const OVERLOADED: Reply = [503, { code: 'overloaded', detail: 'too much' }, { 'retry-after': '0' }];
const RECEIPT: Reply = [201, { index: '7', attestation: { by: 'ledger' } }];

describe('repetition', () => {
  test('what may pass is sent again, the same octets each time', async () => {
    const { url, asked } = await answering(OVERLOADED, OVERLOADED, RECEIPT);
    const receipt = await new MedAnchorClient({ url, source: 'ehr' }).submit(VERSION);
    expect([receipt.index, asked.length]).toEqual(['7', 3]);
    expect(new Set(asked.map(({ body }) => body))).toEqual(new Set([Buffer.from(content).toString()]));
    expect(asked[0]?.path).toBe('/v1/records/ehr/Observation%2Fo/versions?versionId=1');
  });

  test('what will not pass is said at once, with its code', async () => {
    const { url, asked } = await answering([409, { code: 'history-rewritten', detail: 'other content' }]);
    const refusal = await new MedAnchorClient({ url, source: 'ehr' }).submit(VERSION).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(LedgerRefusal);
    expect(refusal).toMatchObject({ status: 409, code: 'history-rewritten' });
    expect(asked).toHaveLength(1);
  });

  test('an answer that is no problem document is a refusal all the same', async () => {
    const { url } = await answering([418, 'teapot']);
    await expect(new MedAnchorClient({ url, source: 'ehr' }).submit(VERSION)).rejects.toMatchObject({
      code: 'http-error',
      status: 418,
    });
  });

  test('it gives up after the attempts that it may make', async () => {
    const { url, asked } = await answering(OVERLOADED);
    await expect(new MedAnchorClient({ url, source: 'ehr', attempts: 2 }).submit(VERSION)).rejects.toMatchObject({
      code: 'overloaded',
    });
    expect(asked).toHaveLength(2);
    const nowhere = new MedAnchorClient({ url: 'http://127.0.0.1:1', source: 'ehr', attempts: 1 });
    await expect(nowhere.submit(VERSION)).rejects.toBeInstanceOf(LedgerUnreachable);
  });
});

describe('tokens', () => {
  test('private_key_jwt by RFC 7523, kept until shortly before its end, and one request at a time', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
    const { url, asked } = await answering(
      [200, { access_token: 'first', expires_in: 300 }],
      [200, { access_token: 'second', expires_in: 300 }],
    );
    let now = Date.now();
    const tokens = backendTokens({
      tokenEndpoint: `${url}/token`,
      clientId: 'ehr-backend',
      key: { ...(await exportJWK(privateKey)), kid: 'k1', alg: 'ES384' },
      scope: 'ledger/version.write',
      now: () => now,
    });
    expect(await Promise.all([tokens(), tokens()])).toEqual(['first', 'first']);
    now += 269_000;
    expect(await tokens()).toBe('first');
    now += 2000;
    expect(await tokens()).toBe('second');
    expect(asked).toHaveLength(2);
    const form = new URLSearchParams(asked[0]?.body);
    expect([form.get('grant_type'), form.get('scope')]).toEqual(['client_credentials', 'ledger/version.write']);
    const { payload, protectedHeader } = await jwtVerify(form.get('client_assertion') ?? '', publicKey, {
      audience: `${url}/token`,
      issuer: 'ehr-backend',
      subject: 'ehr-backend',
    });
    expect(protectedHeader).toEqual({ alg: 'ES384', kid: 'k1', typ: 'JWT' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(240);
    expect(payload.jti).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a registered client is read from its file, and what is missing is named without what stands there', () => {
    const file = {
      client_id: 'c1',
      token_endpoint: 'https://ledger.example/oidc/token',
      scope: 'ledger/verify',
      private_key: { kty: 'EC', d: 'secret', kid: 'k1', alg: 'ES384' },
    };
    expect(registeredClient(JSON.stringify(file))).toEqual({
      clientId: 'c1',
      tokenEndpoint: 'https://ledger.example/oidc/token',
      scope: 'ledger/verify',
      key: { kty: 'EC', d: 'secret', kid: 'k1', alg: 'ES384' },
    });
    const { kid: _, ...nameless } = file.private_key;
    for (const [text, fault] of [
      ['{"d":"secret"', 'this is none'],
      ['[]', 'the file is no JSON object'],
      [JSON.stringify({ ...file, client_id: 7 }), 'client_id is no text'],
      [JSON.stringify({ ...file, scope: '' }), 'scope is no text'],
      [JSON.stringify({ ...file, private_key: 'secret' }), 'private_key is no JSON object'],
      [JSON.stringify({ ...file, private_key: nameless }), 'private_key.kid is no text'],
    ] as const) {
      expect(() => registeredClient(text)).toThrow(fault);
      expect(() => registeredClient(text)).not.toThrow('secret');
    }
  });

  test('a refused client is said, without its assertion', async () => {
    const { privateKey } = await generateKeyPair('ES384', { extractable: true });
    const { url } = await answering([401, { error: 'invalid_client' }]);
    const tokens = backendTokens({
      tokenEndpoint: url,
      clientId: 'ehr-backend',
      key: { ...(await exportJWK(privateKey)), kid: 'k1', alg: 'ES384' },
      scope: 'x',
    });
    await expect(tokens()).rejects.toThrow('no access token: 401 invalid_client');
  });

  test('each request carries the token of its time', async () => {
    const { url, asked } = await answering(RECEIPT);
    let count = 0;
    const client = new MedAnchorClient({ url, source: 'ehr', token: async () => `t${(count += 1)}` });
    await client.submit(VERSION);
    await client.submit(VERSION);
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
  });
});

describe('signing', () => {
  test.each(['EdDSA', 'ES256'] as const)(
    '%s: a JWS that the verifier takes, from a key that can be kept',
    async (alg) => {
      const { key, privateJwk } = await generateSigningKey(alg);
      const again = await signingKeyOf(privateJwk);
      expect(again.keyId).toBe(key.keyId);
      expect(Object.keys(key.publicJwk)).not.toContain('d');
      const payload = utf8('a statement');
      verifyDetachedJws(await again.sign(payload), payload, key.publicJwk);
      await importJWK({ ...key.publicJwk }, alg);
    },
  );

  const salt = versionSalt(new Uint8Array(32).fill(5), identity.versionId);
  const prepared = (of: Uint8Array, fields: boolean): Reply => {
    const digest = digestRecord(of, VERSION.mediaType, identity, { fields });
    const { commitment } = commitRecord(digest, new Uint8Array(32).fill(5), identity.versionId);
    return [
      200,
      { commitment: toHex(commitment), versionSalt: toHex(salt), sourceId: '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b' },
    ];
  };

  test('of content: only what the client can make again from its own content is signed', async () => {
    const { key: signingKey } = await generateSigningKey();
    const honest = await answering(prepared(content, true), RECEIPT);
    await new MedAnchorClient({ url: honest.url, source: 'ehr', signingKey }).submit({
      ...VERSION,
      activity: 'create',
    });
    expect(honest.asked.map(({ path }) => path.split('?')[0])).toEqual([
      '/v1/records/ehr/Observation%2Fo/versions/prepare',
      '/v1/records/ehr/Observation%2Fo/versions',
    ]);
    expect(String(honest.asked[1]?.headers['x-medanchor-signature'])).toMatch(/^[\w-]+\.\.[\w-]{86}$/);
  });

  test('a ledger that wants another content signed gets nothing', async () => {
    const { key: signingKey } = await generateSigningKey();
    const other = utf8(Buffer.from(content).toString().replace('6.30', '9.90'));
    const { url, asked } = await answering(prepared(other, true), RECEIPT);
    const client = new MedAnchorClient({ url, source: 'ehr', signingKey });
    await expect(client.submit({ ...VERSION, activity: 'create' })).rejects.toMatchObject({
      code: 'COMMITMENT_MISMATCH',
    });
    expect(asked).toHaveLength(1);
  });

  test('without an activity nothing is sent', async () => {
    const { key: signingKey } = await generateSigningKey();
    const { url, asked } = await answering(RECEIPT);
    await expect(new MedAnchorClient({ url, source: 'ehr', signingKey }).submit(VERSION)).rejects.toThrow('activity');
    expect(asked).toHaveLength(0);
  });
});

describe('digest mode', () => {
  const recordKey = new Uint8Array(32).fill(6);
  const committed = commitVersion({ identity, content, mediaType: VERSION.mediaType }, recordKey);
  const body = JSON.parse(committed.body) as { components: { name: never; commitment: string }[]; mediaType: string };
  const closed: Bundle = bundleOf(
    { ...entry, recordRef: committed.recordRef, commitment: committed.commitment, scheme: committed.scheme },
    {
      scheme: committed.scheme,
      mediaType: body.mediaType,
      components: body.components.map(({ name, commitment }) => ({
        name,
        commitment: Uint8Array.from(Buffer.from(commitment, 'hex')),
      })),
    },
  );

  test('what is sent holds neither content nor names', async () => {
    const { url, asked } = await answering(RECEIPT);
    await new MedAnchorClient({ url, source: 'ehr', recordKeys: new MemoryKeyStore() }).submitDigest(VERSION);
    const sent = JSON.stringify(asked);
    for (const secret of ['glucose', '6.30', 'Observation', 'final', toHex(recordKey)])
      expect(sent).not.toContain(secret);
    expect(asked[0]?.path).toMatch(/^\/v1\/records\/ehr\/[0-9a-f]{64}\/versions\?versionId=1$/);
  });

  test('the patient is named when the caller says so, in both modes', async () => {
    const { url, asked } = await answering(RECEIPT);
    const client = new MedAnchorClient({ url, source: 'ehr', recordKeys: new MemoryKeyStore() });
    await client.submitDigest({ ...VERSION, subject: 'Patient/p1' });
    await client.submit({ ...VERSION, subject: 'Patient/p1' });
    expect(asked.map(({ path }) => new URLSearchParams(path.split('?')[1]).get('subject'))).toEqual([
      'Patient/p1',
      'Patient/p1',
    ]);
  });

  test('two processes that meet a record at once end up with one key', async () => {
    const store = new MemoryKeyStore();
    const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    expect(await store.putIfAbsent('r', one)).toEqual(one);
    expect(await store.putIfAbsent('r', two)).toEqual(one);
  });

  test('a bundle is completed, and then opens like one of content mode', async () => {
    const opened = parseBundle(formatBundle(openBundle(closed, recordKey, identity, content)));
    const report = await verifyBundle(opened, { trust: {}, content, identity });
    expect([report.verdict, report.checks.find(({ name }) => name === 'identity')?.result]).toEqual([
      'identical',
      'passed',
    ]);
    const before = await verifyBundle(closed, { trust: {}, content, identity });
    expect([before.verdict, before.outcome]).toEqual([null, 'unproven']);
  });

  test('single fields are disclosed, and nothing else', async () => {
    const disclosed = discloseFromBundle(closed, recordKey, identity, content, ['/status']);
    expect(disclosed.disclosed?.fields.map(({ path, value }) => [path, value])).toEqual([['/status', '"final"']]);
    expect(disclosed.opening?.components.filter(({ salt }) => salt !== undefined).map(({ name }) => name)).toEqual([
      'identity',
      'fields',
    ]);
    const report = await verifyBundle(disclosed, { trust: {} });
    expect(report.checks.find(({ name }) => name === 'fields')?.result).toBe('passed');
  });

  test('another key, other names, other content: said, and nothing is opened', () => {
    const code = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        if (error instanceof VerifyError) return error.code;
        throw error;
      }
      return 'opened';
    };
    expect(code(() => openBundle(closed, new Uint8Array(32), identity))).toBe('COMMITMENT_MISMATCH');
    expect(code(() => openBundle(closed, recordKey, { ...identity, recordId: 'x' }))).toBe('COMMITMENT_MISMATCH');
    expect(code(() => openBundle(closed, recordKey, identity, utf8('{"resourceType":"Basic"}')))).toBe(
      'CONTENT_ALTERED',
    );
    expect(code(() => discloseFromBundle(closed, recordKey, identity, content, ['/nothing']))).toBe(
      'FIELDS_UNKNOWN_PATH',
    );
  });

  test('without a key there is nothing to open, and without a store no digest mode', async () => {
    const client = new MedAnchorClient({ url: 'http://127.0.0.1:1', source: 'ehr', recordKeys: new MemoryKeyStore() });
    await expect(client.bundle(VERSION, 'digest')).rejects.toBeInstanceOf(RecordKeyMissing);
    await expect(
      new MedAnchorClient({ url: 'http://127.0.0.1:1', source: 'ehr' }).submitDigest(VERSION),
    ).rejects.toThrow('digest mode needs recordKeys');
  });
});
