// The issuer's key file: an ES256 private JWK that only its owner may read; the settings that say whose tokens count.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint } from 'jose';
import { newIssuerKey, readIssuerKey } from '../../api/src/platform/auth/issuer-key.ts';
import { loadConfig } from '../../api/src/platform/config/config.schema.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-issuer-key-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(content: string, mode = 0o600): string {
  const name = path.join(folder, `key-${Math.random()}`);
  writeFileSync(name, content);
  chmodSync(name, mode);
  return name;
}

test('a fresh key is read, named by its thumbprint, and shows only its public half', async () => {
  const text = newIssuerKey();
  const key = await readIssuerKey(file(`${text}\n`));
  const { d } = JSON.parse(text) as { d: string };
  expect(key.kid).toBe(await calculateJwkThumbprint(JSON.parse(text) as never));
  expect(key.publicJwk).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: key.kid });
  expect(JSON.stringify(key.publicJwk)).not.toContain(d);
  expect(newIssuerKey()).not.toBe(text);
});

describe('refused, naming the file and never its content', () => {
  const jwk = JSON.parse(newIssuerKey()) as Record<string, string>;
  test.each<[name: string, content: string, mode: number, why: RegExp]>([
    ['readable by others', JSON.stringify(jwk), 0o644, /can be read by others \(mode 644\); use chmod 600/],
    ['hex, like the other keys', 'ab'.repeat(32), 0o600, /must hold an EC private key on P-256 as a JWK/],
    ['only the public half', JSON.stringify({ ...jwk, d: undefined }), 0o600, /must hold an EC private key/],
    ['another curve', JSON.stringify({ ...jwk, crv: 'P-384' }), 0o600, /must hold an EC private key/],
    ['a point that is not on the curve', JSON.stringify({ ...jwk, x: 'AAAA' }), 0o600, /must hold an EC private key/],
    ['nothing', '', 0o600, /must hold an EC private key/],
  ])('%s', async (_name, content, mode, why) => {
    const name = file(content, mode);
    const error = await readIssuerKey(name).then(
      () => null,
      (refused: unknown) => refused as Error,
    );
    expect(error?.message).toMatch(why);
    expect(error?.message).toContain(name);
    expect(`${error?.message} ${String(error?.cause)}`).not.toContain(jwk['d']);
  });

  test('not there', async () => {
    await expect(readIssuerKey(path.join(folder, 'none'))).rejects.toThrow(/ISSUER_KEY_FILE.*cannot be read/);
  });
});

describe('settings', () => {
  const REQUIRED = {
    DATABASE_URL: 'postgres://localhost/y',
    CHAIN_RPC_URL: 'http://127.0.0.1:1',
    CHAIN_ID: '1',
    ANCHOR_CONTRACT: `0x${'0'.repeat(40)}`,
    ANCHOR_KEY_FILE: 'a',
    CHECKPOINT_KEY_FILE: 'b',
    KEK_FILE: 'c',
    ISSUER_KEY_FILE: 'd',
  };
  const load = (more: Record<string, string>): ReturnType<typeof loadConfig> => loadConfig({ ...REQUIRED, ...more });

  test('address and audience follow the port, unless they are given', () => {
    const urls = (more: Record<string, string>): readonly string[] => {
      const { PUBLIC_URL, AUTH_AUDIENCE } = load(more);
      return [PUBLIC_URL, AUTH_AUDIENCE];
    };
    expect(urls({})).toEqual(['http://localhost:3000', 'http://localhost:3000']);
    expect(urls({ PORT: '8080' })).toEqual(['http://localhost:8080', 'http://localhost:8080']);
    expect(urls({ TLS_CERT_FILE: 'tls.crt', TLS_KEY_FILE: 'tls.key' })[0]).toBe('https://localhost:3000');
    expect(urls({ PUBLIC_URL: 'https://l.example/ledger' })).toEqual([
      'https://l.example/ledger',
      'https://l.example/ledger',
    ]);
    expect(urls({ AUTH_AUDIENCE: 'urn:ledger' })).toEqual(['http://localhost:3000', 'urn:ledger']);
  });

  test('other issuers, with what is usual filled in', () => {
    const { AUTH_ISSUERS } = load({ AUTH_ISSUERS: '[{"issuer":"https://login.example"}]' });
    expect(AUTH_ISSUERS).toEqual([
      { issuer: 'https://login.example', tokenType: 'at+jwt', tenantClaim: 'tenant', rolesClaim: 'roles' },
    ]);
  });

  test.each<[name: string, more: Record<string, string>, why: string]>([
    ['no key for the embedded issuer', { ISSUER_KEY_FILE: '' }, 'ISSUER_KEY_FILE is required'],
    ['nobody who could sign', { EMBEDDED_ISSUER: 'off' }, 'AUTH_ISSUERS is required with EMBEDDED_ISSUER=off'],
    ['no JSON', { AUTH_ISSUERS: 'https://x' }, 'AUTH_ISSUERS must be a JSON list of issuers'],
    ['no list', { AUTH_ISSUERS: '{}' }, 'AUTH_ISSUERS must be a JSON list of issuers'],
    [
      'a line that others can write to',
      { AUTH_ISSUERS: '[{"issuer":"http://login.example"}]' },
      '0.issuer: an https:// URL (http:// only for this machine)',
    ],
    [
      'a member that is not known',
      { AUTH_ISSUERS: '[{"issuer":"https://x.example","secret":"s3cr3t"}]' },
      'AUTH_ISSUERS must be a JSON list of issuers: 0: Unrecognized key: "secret"',
    ],
    ['a slash at the end', { PUBLIC_URL: 'https://x.example/' }, 'PUBLIC_URL must be a URL without a slash at its end'],
  ])('%s is refused', (_name, more, why) => {
    const refused = (() => {
      try {
        return String(load(more));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(refused).toContain(why);
    expect(refused).not.toContain('s3cr3t');
  });
});
