// What counts together for a rate limit.
import { expect, test } from '@jest/globals';
import { addressKey, isSensitive } from '../../api/src/platform/http/rate-limit.rules.ts';
import { securityHeaders } from '../../api/src/platform/http/security-headers.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::99', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
])('%s is counted as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

test('two customers of one provider are not counted together', () => {
  expect(addressKey('2001:db8:1:2::1')).not.toBe(addressKey('2001:db8:1:3::1'));
});

test.each([
  ['/oidc/token', true],
  ['/oidc/interaction/abc', true],
  ['/setup', true],
  ['/v1/proofs/verify', true],
  ['/oidc/jwks', false],
  ['/oidc/.well-known/openid-configuration', false],
  ['/v1/versions', false],
  ['/checkpoint', false],
])('%s is sensitive: %s', (url, sensitive) => {
  expect(isSensitive(url)).toBe(sensitive);
});

test('strict transport is asked for only where transport is strict', () => {
  expect(securityHeaders(true, true).answer['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  expect(securityHeaders(true, false).answer['strict-transport-security']).toBe('max-age=31536000');
  expect(Object.keys(securityHeaders(false, true).answer)).not.toContain('strict-transport-security');
});
