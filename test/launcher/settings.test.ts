// The launcher's settings: a wrong value is refused with the variable's name; what the service gets is complete.

import { expect, test } from '@jest/globals';
import { noteworthy } from '../../scripts/launch/api.ts';
import { withoutSecrets } from '../../scripts/launch/page.ts';
import { loadSettings, serviceEnvironment } from '../../scripts/launch/settings.ts';

test('with nothing set, everything is embedded and on the usual ports', () => {
  expect(loadSettings({})).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 3000,
    CHAIN_PORT: 8545,
    LOG_ORIGIN: 'medanchor.local/log/1',
    MEDANCHOR_SAMPLE: 'on',
  });
  expect(loadSettings({ DATABASE_URL: '' }).DATABASE_URL).toBeUndefined();
});

test.each([
  ['PORT', '0x10', /^ {2}PORT must be .*whole number from 0 to 65535$/m],
  ['CHAIN_PORT', '99999', /^ {2}CHAIN_PORT must be a TCP port from 1 to 65535$/m],
  ['POSTGRES_PORT', '0', /^ {2}POSTGRES_PORT must be a TCP port from 1 to 65535$/m],
  ['DATABASE_URL', 'mysql://x', /^ {2}DATABASE_URL must be .*postgres:\/\//m],
  ['MEDANCHOR_SAMPLE', 'maybe', /^ {2}MEDANCHOR_SAMPLE must be on or off/m],
  ['ANCHOR_CONTRACT', '0x12', /^ {2}ANCHOR_CONTRACT must be a contract address/m],
  ['BODY_LIMIT_BYTES', '1', /^ {2}BODY_LIMIT_BYTES must be bytes: a whole number from 1024/m],
])('%s=%s is refused, the service’s own settings included', (name, value, message) => {
  expect(() => loadSettings({ [name]: value })).toThrow(message);
});

test('all wrong variables are named at once', () => {
  expect(() => loadSettings({ PORT: 'x', POSTGRES_PORT: 'y' })).toThrow(/PORT must be[^]*POSTGRES_PORT must be/);
});

test('the service gets its own variables, what was started, and nothing else', () => {
  const started = {
    DATABASE_URL: 'postgres://127.0.0.1/medanchor',
    CHAIN_RPC_URL: 'http://127.0.0.1:8545',
    CHAIN_ID: '31337',
    ANCHOR_CONTRACT: `0x${'1'.repeat(40)}`,
    ANCHOR_KEY_FILE: 'a',
    CHECKPOINT_KEY_FILE: 'b',
    KEK_FILE: 'c',
    ISSUER_KEY_FILE: 'd',
  };
  const environment = { LOG_LEVEL: 'debug', PATH: '/bin', AWS_SECRET_ACCESS_KEY: 'x', CHAIN_ID: '1', FIELDS: '' };
  expect(serviceEnvironment(environment, started)).toEqual({ ...started, LOG_LEVEL: 'debug', PATH: '/bin' });
  expect(() => serviceEnvironment(environment, { ...started, KEK_FILE: '' })).toThrow('KEK_FILE is required');
});

test.each([
  ['{"level":30,"msg":"listening"}', null],
  ['{"level":40,"msg":"the chain does not answer"}', 'warning: the chain does not answer'],
  ['{"level":60,"msg":"no key"}', 'fatal: no key'],
  ['SyntaxError: Unexpected token', 'SyntaxError: Unexpected token'],
  ['', null],
])('the log line %j is shown as %j', (line, shown) => {
  expect(noteworthy(line)).toBe(shown);
});

test('no password and no provider key is ever printed', () => {
  expect(withoutSecrets('postgres://ann:secret@db.example:5432/medanchor?sslpassword=x')).toBe(
    'postgres://db.example:5432/medanchor',
  );
  expect(withoutSecrets('https://mainnet.example/v3/0123456789abcdef')).toBe('https://mainnet.example');
});
