// What a caller says in headers: the token, the purpose, the reason for breaking the glass; and how a refusal is told in
// WWW-Authenticate.

import { describe, expect, test } from '@jest/globals';
import { challengeOf } from '../../api/src/identity/access/challenge.rules.ts';
import { bearerToken, breakGlassReason, declaredPurpose } from '../../api/src/identity/access/declared.rules.ts';
import { DomainError } from '../../api/src/platform/errors/domain-error.ts';

const refused = (code: string): unknown => expect.objectContaining({ code });

describe('Authorization', () => {
  test.each([
    [undefined, null],
    ['Bearer abc.DEF-_~+/1==', 'abc.DEF-_~+/1=='],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
  ])('%j gives %j', (authorization, token) => {
    expect(bearerToken({ authorization })).toBe(token);
  });

  test.each(['', 'abc', 'Basic abc', 'Bearer', 'Bearer ', 'Bearer a b', 'Bearer =a', 'Bearer a\u00e4', ' Bearer a'])(
    '%j is refused',
    (authorization) => {
      expect(() => bearerToken({ authorization })).toThrow(refused('token-invalid'));
    },
  );

  test('given twice, it is refused', () => {
    expect(() => bearerToken({ authorization: ['Bearer a', 'Bearer b'] })).toThrow(refused('token-invalid'));
  });
});

describe('X-Purpose-Of-Use', () => {
  test('a code of HL7 v3 PurposeOfUse, or none', () => {
    expect(declaredPurpose({ 'x-purpose-of-use': 'ETREAT' })).toBe('ETREAT');
    expect(declaredPurpose({})).toBeNull();
  });

  test.each(['', 'treat', 'TREAT, ETREAT', 'curiosity'])('%j is refused, and the codes are named', (purpose) => {
    expect(() => declaredPurpose({ 'x-purpose-of-use': purpose })).toThrow(/must be one of TREAT, ETREAT, /);
  });
});

describe('X-Break-Glass', () => {
  test('given twice, it is refused', () => {
    expect(() => breakGlassReason({ 'x-break-glass': ['0123456789', '0123456789'] })).toThrow(refused('bad-request'));
  });

  test('a reason of 10 to 256 characters, also in UTF-8', () => {
    expect(breakGlassReason({})).toBeNull();
    expect(breakGlassReason({ 'x-break-glass': '0123456789' })).toBe('0123456789');
    expect(breakGlassReason({ 'x-break-glass': `  ${'x'.repeat(256)} ` })).toBe('x'.repeat(256));
    const sent = Buffer.from('Übergabe im Notfall', 'utf8').toString('latin1');
    expect(breakGlassReason({ 'x-break-glass': sent })).toBe('Übergabe im Notfall');
  });

  test.each(['', '123456789', '          ', 'x'.repeat(257), 'with a\u0007bell in it'])('%j is refused', (reason) => {
    expect(() => breakGlassReason({ 'x-break-glass': reason })).toThrow(refused('bad-request'));
  });
});

describe('WWW-Authenticate', () => {
  const url = 'https://ledger.example';
  const metadata = 'resource_metadata="https://ledger.example/.well-known/oauth-protected-resource"';

  test.each([
    [new DomainError('token-missing', 'why'), `Bearer ${metadata}`],
    [
      new DomainError('token-invalid', 'a "word" \\ über'),
      `Bearer error="invalid_token", error_description="a ?word? ? ?ber", ${metadata}`,
    ],
    [
      new DomainError('step-up-required', 'sign in again'),
      `Bearer error="insufficient_user_authentication", error_description="sign in again", max_age="300", ${metadata}`,
    ],
    [
      new DomainError('access-denied', 'why', { reasons: ['scope-lacks-action'], scopes: ['admin'] }),
      `Bearer error="insufficient_scope", scope="admin", ${metadata}`,
    ],
    [new DomainError('access-denied', 'why', { reasons: ['role-lacks-action'] }), null],
    [new DomainError('access-denied', 'why'), null],
    [
      new DomainError('access-denied', 'why', { reasons: ['scope-lacks-action'] }),
      `Bearer error="insufficient_scope", scope="", ${metadata}`,
    ],
    [new DomainError('overloaded', 'why'), null],
  ])('%s', (error, challenge) => {
    expect(challengeOf(error, url)).toBe(challenge);
  });
});
