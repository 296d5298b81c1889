// readSecretFile: 64 hexadecimal digits in a file that only its owner may read; anything else stops the start with the
// file's name and never its content.

import { chmodSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readSecretFile, SecretFileError } from '../../api/src/platform/keys/secret-file.ts';

const HEX = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-keys-'));
  file = path.join(folder, 'some.key');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(text: string, mode = 0o600): void {
  writeFileSync(file, text);
  chmodSync(file, mode);
}

/** The message of the refusal. */
function refusal(of = file): string {
  try {
    readSecretFile(of, 'anchoring key (ANCHOR_KEY_FILE)');
  } catch (error) {
    expect(error).toBeInstanceOf(SecretFileError);
    return (error as Error).message;
  }
  throw new Error('accepted');
}

test.each([
  ['as it is', HEX],
  ['with a line feed', `${HEX}\n`],
  ['with 0x, as other tools write it', `0x${HEX}\r\n`],
])('the digits %s', (_how, text) => {
  write(text);
  expect(Buffer.from(readSecretFile(file, 'anchoring key')).toString('hex')).toBe(HEX);
});

test.each([
  ['400', 0o400],
  ['600', 0o600],
  ['700', 0o700],
])('mode %s: only the owner may read it', (_shown, mode) => {
  write(HEX);
  chmodSync(file, mode);
  expect(readSecretFile(file, 'anchoring key')).toHaveLength(32);
  chmodSync(file, 0o600);
});

test.each([
  ['640', 0o640],
  ['604', 0o604],
  ['644', 0o644],
  ['620', 0o620],
  ['777', 0o777],
])('mode %s: others may read or write it, so it is refused', (shown, mode) => {
  write(HEX, mode);
  expect(refusal()).toBe(
    `anchoring key (ANCHOR_KEY_FILE): ${file} can be read by others (mode ${shown}); use chmod 600`,
  );
});

test.each([
  ['empty', ''],
  ['a digit short', HEX.slice(1)],
  ['a digit long', `${HEX}0`],
  ['upper case', HEX.toUpperCase()],
  ['two keys', `${HEX}\n${HEX}`],
  ['not hexadecimal', `${HEX.slice(1)}g`],
])('%s: refused, and the content is not repeated', (_what, text) => {
  write(text);
  const message = refusal();
  expect(message).toBe(`anchoring key (ANCHOR_KEY_FILE): ${file} must hold 64 lower-case hexadecimal digits`);
  expect(message.toLowerCase()).not.toContain(HEX.slice(2, 40));
});

test('a file that is not there, or a folder', () => {
  const missing = path.join(folder, 'missing.key');
  expect(refusal(missing)).toBe(`anchoring key (ANCHOR_KEY_FILE): ${missing} cannot be read`);
  const directory = path.join(folder, 'folder.key');
  mkdirSync(directory, { mode: 0o700 });
  expect(refusal(directory)).toBe(`anchoring key (ANCHOR_KEY_FILE): ${directory} cannot be read`);
});
