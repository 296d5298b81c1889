// Which passwords are taken, and what is said of the others.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { passwordFault } from '../../api/src/identity/accounts/password.rules.ts';
import { GENERATED_FILE, leakedPasswords, renderLeakedPasswords } from '../../scripts/generate-leaked-passwords.ts';

const LOGIN = 'ada@larkmoor.example';
const COMMON =
  'This password is one of those that are tried first, or close to one. Choose another: 12 to 256 characters, such as four words that do not belong together.';

test.each([
  'four unlikely words together',
  'an entirely other sentence',
  'tg5-mkv-2bq-0ws',
  'Ein Pferd frißt keinen Gurkensalat',
  '€uro und 12 Möwen',
  'x'.repeat(3) + 'quince lantern obelisk'.repeat(11),
])('taken: %s', (password) => {
  expect(passwordFault(password, LOGIN)).toBeNull();
});

describe('leaked passwords', () => {
  const leaked = leakedPasswords();

  test('the committed digests are those of the list; otherwise run: node scripts/medanchor.mjs run scripts/generate-leaked-passwords.ts', () => {
    expect(readFileSync(GENERATED_FILE, 'utf8')).toBe(renderLeakedPasswords());
  });

  test('every one of a list of 44,150 that our length lets pass is refused', () => {
    expect(leaked).toHaveLength(44_150);
    expect(leaked.slice(0, 3)).toEqual(['123qweasdzxc', '1qaz2wsx3edc', 'q1w2e3r4t5y6']);
    expect(leaked.filter((password) => passwordFault(password, LOGIN) === null)).toEqual([]);
  });

  test('so are the first three thousand in capitals, and with a year, a sign or a digit around them', () => {
    const dressed = leaked
      .slice(0, 3000)
      .filter((password) => /^\p{L}.*\p{L}$/u.test(password))
      .flatMap((password) => [password.toUpperCase(), `${password}2026`, `${password}1!`, `!!${password}?`]);
    expect(dressed.length).toBeGreaterThan(3000);
    expect(dressed.filter((password) => passwordFault(password, LOGIN) === null)).toEqual([]);
  });
});

test.each([
  'passwordpassword',
  'Password12345',
  'P@ssw0rd2026!',
  'administrator',
  'changemeplease',
  'letmeinletmein',
  'qwertyuiop[]',
  'hunter2hunter2',
  'aaaaaaaaaaaa',
  'abcabcabcabc',
  '123456789012',
  'iloveyou2026!',
])('common, and refused with what is allowed: %s', (password) => {
  expect(passwordFault(password, LOGIN)).toBe(COMMON);
});

test('too short, too long, with the login, with the name of the service', () => {
  expect(passwordFault('elevenchars', LOGIN)).toBe('A password has at least 12 characters; this one has 11.');
  expect(passwordFault('quince lantern obelisk '.repeat(12), LOGIN)).toBe(
    'A password has at most 256 characters; this one has 276.',
  );
  expect(passwordFault('lark moor quince lantern', 'larkmoor@example.org')).toMatch(/contains the login/);
  expect(passwordFault('quince lantern Med-Anchor', LOGIN)).toMatch(/contains the name of this service/);
});

test('judging the longest takes no more than half a second of this process', () => {
  passwordFault('the first one makes the judges', LOGIN);
  for (const piece of ['1l!|', '@4(a', 'password', 'qwertyuiop1234567890', '01011990', '€ü']) {
    const before = process.cpuUsage();
    passwordFault(piece.repeat(256).slice(0, 256), LOGIN);
    const { user, system } = process.cpuUsage(before);
    expect([piece, user + system < 500_000]).toEqual([piece, true]);
  }
});
