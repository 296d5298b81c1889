// Claims of several kinds of issuers become one kind of caller.

import { describe, expect, test } from '@jest/globals';
import { readClaims, type ClaimNames } from '../../api/src/platform/auth/token-claims.rules.ts';

const STRICT: ClaimNames = {
  issuer: 'https://issuer.example',
  type: 'at+jwt',
  tenantClaim: 'tenant',
  rolesClaim: 'roles',
  tenant: null,
  requiredAmr: null,
  requiredAcr: null,
};
const CLAIMS = { sub: 's', exp: 2000, iat: 1000, jti: 'j', client_id: 'c', tenant: 't' };

test('the least that RFC 9068 wants gives a caller without any rights', () => {
  expect(readClaims(CLAIMS, STRICT, 'hash')).toEqual({
    issuer: 'https://issuer.example',
    subject: 's',
    clientId: 'c',
    tenant: 't',
    roles: new Set(),
    scopes: new Set(),
    sources: null,
    authenticatedAt: null,
    factors: new Set(),
    accessPeriod: { from: null, until: null },
    tokenId: 'j',
    sessionId: null,
    certificate: null,
    issuedAt: new Date(1_000_000),
    expiresAt: new Date(2_000_000),
  });
});

test('all of it', () => {
  const token = readClaims(
    {
      ...CLAIMS,
      roles: ['auditor', 'nobel-laureate'],
      scope: 'ledger/verify  openid',
      sources: ['ehr'],
      auth_time: 1500,
      amr: ['pwd', 'otp'],
      access_from: 1200,
      access_until: 1764490000.001,
      sid: 'session',
      cnf: { 'x5t#S256': 'A'.repeat(43) },
      name: 'not read',
    },
    STRICT,
    'hash',
  );
  expect(token).toMatchObject({
    roles: new Set(['auditor']),
    scopes: new Set(['ledger/verify', 'openid']),
    sources: new Set(['ehr']),
    authenticatedAt: new Date(1_500_000),
    factors: new Set(['pwd', 'otp']),
    accessPeriod: { from: new Date(1_200_000), until: new Date(1_764_490_000_001) },
    sessionId: 'session',
    certificate: 'A'.repeat(43),
  });
  expect(JSON.stringify(token)).not.toContain('not read');
});

describe('issuers that are not RFC 9068', () => {
  const LOOSE: ClaimNames = { ...STRICT, type: 'JWT' };

  test('as Keycloak writes it: azp, and roles in an object', () => {
    const { client_id: _id, ...claims } = { ...CLAIMS, azp: 'ehr-client', realm_access: { roles: ['record-system'] } };
    const token = readClaims(claims, { ...LOOSE, rolesClaim: 'realm_access.roles' }, 'hash');
    expect([token.clientId, token.roles]).toEqual(['ehr-client', new Set(['record-system'])]);
  });

  test('as Entra ID writes it: appid, uti and scp', () => {
    const { client_id: _id, jti: _jti, ...claims } = { ...CLAIMS, appid: 'app', uti: 'u', scp: 'ledger/verify' };
    const token = readClaims(claims, LOOSE, 'hash');
    expect([token.clientId, token.tokenId, token.scopes]).toEqual(['app', 'u', new Set(['ledger/verify'])]);
  });

  test('a token without any id is known by its hash', () => {
    const { jti: _jti, ...claims } = CLAIMS;
    expect(readClaims(claims, LOOSE, 'hash').tokenId).toBe('hash');
    expect(() => readClaims(claims, STRICT, 'hash')).toThrow('claims missing or malformed: jti');
  });

  test.each(['azp', 'appid', 'scp', 'uti'])('%s means nothing where RFC 9068 is spoken', (name) => {
    const { client_id: _id, ...claims } = { ...CLAIMS, [name]: 'ledger/verify' };
    expect(() => readClaims(claims, STRICT, 'hash')).toThrow('claims missing or malformed: client_id');
    expect(readClaims({ ...CLAIMS, [name]: 'ledger/verify' }, STRICT, 'hash').scopes).toEqual(new Set());
  });
});

test('all tokens of one issuer can belong to one tenant, whatever they say', () => {
  expect(readClaims(CLAIMS, { ...STRICT, tenant: 'clinic' }, 'hash').tenant).toBe('clinic');
});

test('a claim of exactly that name goes before a path', () => {
  const claims = { ...CLAIMS, 'a.b': ['auditor'], a: { b: ['administrator'] } };
  expect(readClaims(claims, { ...STRICT, rolesClaim: 'a.b' }, 'hash').roles).toEqual(new Set(['auditor']));
});

test.each<[name: string, claims: object, named: string]>([
  ['an empty sub', { sub: '' }, 'sub'],
  ['a sub of 257 characters', { sub: 'x'.repeat(257) }, 'sub'],
  ['a tenant that is a number', { tenant: 1 }, 'tenant'],
  ['roles in an object', { roles: { auditor: true } }, 'roles'],
  ['too many roles', { roles: Array.from({ length: 101 }, () => 'auditor') }, 'roles'],
  ['a source that is a number', { sources: [1] }, 'sources'],
  ['an auth_time in words', { auth_time: 'now' }, 'auth_time'],
  ['an end of access in words', { access_until: '2026-12-24T18:00:00Z' }, 'access_until'],
  ['an end of access that is null', { access_until: null }, 'access_until'],
  ['a beginning of access after all dates', { access_from: 1e13 }, 'access_from'],
  ['amr as text', { amr: 'otp' }, 'amr'],
  ['a thumbprint of another length', { cnf: { 'x5t#S256': 'AAAA' } }, 'cnf'],
  ['two kinds of binding', { cnf: { 'x5t#S256': 'A'.repeat(43), jkt: 'x' } }, 'cnf'],
])('%s is refused', (_name, claims, named) => {
  expect(() => readClaims({ ...CLAIMS, ...claims }, STRICT, 'hash')).toThrow(`claims missing or malformed: ${named}`);
});

describe('an issuer that must ask people for more', () => {
  const names: ClaimNames = {
    ...STRICT,
    requiredAmr: ['mfa', 'otp'],
    requiredAcr: ['gold', 'https://refeds.org/profile/mfa'],
  };

  test.each([
    [{ amr: ['pwd', 'otp'], acr: 'gold' }],
    [{ amr: ['mfa'], acr: 'https://refeds.org/profile/mfa' }],
    // A machine: its key is its factor.
    [{ sub: 'c' }],
  ])('%j is taken', (claims) => {
    expect(readClaims({ ...CLAIMS, ...claims }, names, 'hash').clientId).toBe('c');
  });

  test.each([
    [{}, 'amr must have one of mfa, otp, and acr must be one of gold, https://refeds.org/profile/mfa'],
    [{ amr: ['pwd'], acr: 'gold' }, 'in the access token amr must have one of mfa, otp'],
    [{ amr: ['mfa'], acr: 'silver' }, 'in the access token acr must be one of gold, https://refeds.org/profile/mfa'],
    [{ amr: ['mfa'], acr: 'GOLD' }, 'acr must be one of gold'],
  ])('%j is refused with what is wanted', (claims, said) => {
    const read = (): unknown => readClaims({ ...CLAIMS, ...claims }, names, 'hash');
    expect(read).toThrow(said);
    expect(read).toThrow(expect.objectContaining({ name: 'WeakAuthenticationError', acrValues: names.requiredAcr }));
  });
});
