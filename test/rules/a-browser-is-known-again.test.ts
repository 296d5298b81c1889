// The cookie by which an account knows a browser again: what is read of what anybody sends, and how it is set.

import { describe, expect, test } from '@jest/globals';
import { deviceCookie, devicesIn } from '../../api/src/identity/pages/device-cookie.rules.ts';

const TLS = 'https://ledger.larkmoor.example';
const PLAIN = 'http://127.0.0.1:3000';
const secret = (letter: string): string => letter.repeat(22);

describe('reading', () => {
  test.each([
    [undefined, []],
    ['', []],
    ['medanchor_device=', []],
    [`medanchor_device=${secret('a')}`, [secret('a')]],
    [`medanchor_session=x; medanchor_device=${secret('a')}.${secret('b')}; other=y`, [secret('a'), secret('b')]],
    [`medanchor_device=${secret('a')}; medanchor_device=${secret('b')}`, [secret('a')]],
    [`medanchor_device=${'a'.repeat(21)}.${'a'.repeat(23)}.${secret('+')}.${secret('c')}`, [secret('c')]],
    [`xmedanchor_device=${secret('a')}`, []],
    [`__Host-medanchor_device=${secret('a')}`, []],
  ])('%j gives %j', (header, devices) => {
    expect(devicesIn(header, PLAIN)).toEqual(devices);
  });

  test('behind TLS only the name that no other host and no plain connection can set', () => {
    expect(devicesIn(`medanchor_device=${secret('a')}; __Host-medanchor_device=${secret('b')}`, TLS)).toEqual([
      secret('b'),
    ]);
    expect(devicesIn(`medanchor_device=${secret('a')}`, TLS)).toEqual([]);
  });

  test('of thousands that somebody sends, the first twenty', () => {
    const header = `medanchor_device=${Array.from({ length: 600 }, () => secret('a')).join('.')}`;
    expect(devicesIn(header, PLAIN)).toHaveLength(20);
  });
});

describe('setting', () => {
  test('for 180 days, for no script, with forms of our own pages only; behind TLS for this host, never in clear', () => {
    expect(deviceCookie([secret('a'), secret('b')], PLAIN)).toBe(
      `medanchor_device=${secret('a')}.${secret('b')}; Path=/; Max-Age=15552000; HttpOnly; SameSite=Strict`,
    );
    expect(deviceCookie([secret('a')], TLS)).toBe(
      `__Host-medanchor_device=${secret('a')}; Path=/; Max-Age=15552000; HttpOnly; SameSite=Strict; Secure`,
    );
  });

  test('the twenty who signed in last stay', () => {
    const letters = 'abcdefghijklmnopqrstu'.split('').map(secret);
    expect(devicesIn(deviceCookie(letters, PLAIN).replace(/;.*/, ''), PLAIN)).toEqual(letters.slice(0, 20));
  });
});
