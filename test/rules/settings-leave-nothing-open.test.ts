// TLS is required outside loopback, for what is served and for what is asked, unless somebody says so; a key provider has what
// it needs. Each fault names its variable and the way out, and no value.

import { describe, expect, test } from '@jest/globals';
import {
  ConfigError,
  loadBackupConfig,
  loadConfig,
  loadRestoreConfig,
} from '../../api/src/platform/config/config.schema.ts';
import {
  databaseUrlWithTls,
  faultsTogether,
  isLoopback,
  plainConnections,
} from '../../api/src/platform/config/settings-together.rules.ts';
import { loadSettings } from '../../scripts/launch/settings.ts';

const LOCAL = {
  DATABASE_URL: 'postgres://u:pass-word@localhost/d',
  CHAIN_RPC_URL: 'http://localhost:1',
  CHAIN_ID: '1',
  ANCHOR_CONTRACT: `0x${'ab'.repeat(20)}`,
  ANCHOR_KEY_FILE: 'a',
  CHECKPOINT_KEY_FILE: 'c',
  KEK_FILE: 'k',
  ISSUER_KEY_FILE: 'i',
};
const VAULT = { ...LOCAL, KEY_PROVIDER: 'vault', KEK_FILE: '', VAULT_ADDR: 'https://vault.example:8200' };

/** The first two words of each fault. */
function faults(settings: Record<string, string>): readonly string[] {
  try {
    loadConfig({ ...LOCAL, ...settings });
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    expect(message).not.toContain('pass-word');
    return message
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(' ').slice(0, 2).join(' '));
  }
}

describe('what leaves this machine', () => {
  test.each([
    [{ HOST: '127.0.0.1' }, []],
    [{ HOST: '::1' }, []],
    [{ HOST: '0.0.0.0' }, ['HOST must']],
    [{ HOST: 'ledger.example' }, ['HOST must']],
    [{ HOST: '127.0.0.1.evil.example' }, ['HOST must']],
    [{ HOST: '0.0.0.0', TLS_CERT_FILE: 'c', TLS_KEY_FILE: 'k' }, []],
    [{ HOST: '0.0.0.0', TLS_TERMINATED_BY_PROXY: 'on' }, []],
    [{ HOST: '0.0.0.0', INSECURE_NETWORK: 'on' }, []],
    [{ TLS_CERT_FILE: 'c' }, ['TLS_KEY_FILE is']],
    [{ TLS_KEY_FILE: 'k', INSECURE_NETWORK: 'on' }, ['TLS_CERT_FILE is']],
    [{ TLS_CLIENT_CA_FILE: 'ca' }, ['TLS_CERT_FILE is']],
    [{ DATABASE_URL: 'postgres://u:pass-word@db.example/d' }, ['DATABASE_URL must']],
    [{ DATABASE_URL: 'postgres://u:pass-word@db.example/d?sslmode=verify-full' }, []],
    [{ DATABASE_URL: 'postgres://u:pass-word@db.example/d?sslmode=require' }, ['DATABASE_URL must']],
    [
      { DATABASE_URL: 'postgres://u:pass-word@db.example/d?sslmode=no-verify', DATABASE_CA_FILE: 'ca' },
      ['DATABASE_URL must'],
    ],
    [{ DATABASE_URL: 'postgres://u:pass-word@db.example/d', DATABASE_CA_FILE: 'ca' }, []],
    [{ DATABASE_URL: 'postgres://u:pass-word@localhost/d?host=db.example' }, ['DATABASE_URL must']],
    [{ DATABASE_URL: 'postgres://u:pass-word@db.example/d?host=/run/postgresql' }, []],
    [{ DATABASE_URL: 'postgres://u:pass-word@%2Frun%2Fpostgresql/d' }, []],
    [{ CHAIN_RPC_URL: 'http://rpc.example/v3/pass-word' }, ['CHAIN_RPC_URL must']],
    [{ CHAIN_RPC_URL: 'https://rpc.example/v3/pass-word' }, []],
    [{ CHAIN_RPC_URL: 'http://[::1]:8545' }, []],
    [
      { HOST: '::', DATABASE_URL: 'postgres://db.example/d', CHAIN_RPC_URL: 'http://rpc.example' },
      ['HOST must', 'DATABASE_URL must', 'CHAIN_RPC_URL must'],
    ],
  ] as [Record<string, string>, string[]][])('%j: %j', (settings, expected) => {
    expect(faults(settings)).toEqual(expected);
  });

  test('the way out is in the message', () => {
    expect(() => loadConfig({ ...LOCAL, HOST: '0.0.0.0' })).toThrow(
      'HOST must be a loopback address without TLS: set TLS_CERT_FILE and TLS_KEY_FILE, or TLS_TERMINATED_BY_PROXY=on behind a proxy that speaks TLS; INSECURE_NETWORK=on allows it for a private network of containers',
    );
  });

  test('what INSECURE_NETWORK=on lets through is named', () => {
    const open = { HOST: '0.0.0.0', DATABASE_URL: 'postgres://db/d', CHAIN_RPC_URL: 'http://chain:8545' };
    expect(plainConnections(open)).toEqual(['HOST', 'DATABASE_URL', 'CHAIN_RPC_URL']);
    expect(plainConnections({ HOST: '127.0.0.1', DATABASE_URL: 'postgres://localhost/d' })).toEqual([]);
  });

  test('the launcher refuses before it starts anything; backup and restore look at the database only', () => {
    expect(() => loadSettings({ HOST: '0.0.0.0' })).toThrow(/^ {2}HOST must be a loopback address/m);
    expect(() => loadBackupConfig({ DATABASE_URL: 'postgres://db.example/d', HOST: '0.0.0.0' })).toThrow(
      /DATABASE_URL must use TLS/,
    );
    expect(() => loadBackupConfig({ DATABASE_URL: 'postgres://localhost/d', HOST: '0.0.0.0' })).not.toThrow();
    expect(() => loadRestoreConfig({ ...LOCAL, HOST: '0.0.0.0' })).not.toThrow();
    expect(() => loadRestoreConfig({ ...LOCAL, DATABASE_URL: 'postgres://db.example/d' })).toThrow(
      /DATABASE_URL must use TLS/,
    );
  });
});

test.each([
  ['localhost', true],
  ['LOCALHOST', true],
  ['127.8.9.1', true],
  ['[::1]', true],
  ['::', false],
  ['0.0.0.0', false],
  ['localhost.example', false],
  ['10.0.0.1', false],
])('%s is this machine: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

test('the authority of the database goes into its URL, where every user of it looks', () => {
  const url = 'postgres://u:p@db.example/d';
  expect(databaseUrlWithTls(url, undefined)).toBe(url);
  expect(databaseUrlWithTls(url, '/etc/ca.pem')).toBe(`${url}?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem`);
  expect(loadConfig({ ...LOCAL, DATABASE_URL: url, DATABASE_CA_FILE: '/etc/ca.pem' }).DATABASE_URL).toBe(
    `${url}?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem`,
  );
});

describe('the key provider', () => {
  test.each([
    [{}, []],
    [{ KEK_FILE: '' }, ['KEK_FILE is']],
    [{ ...VAULT, VAULT_TOKEN_FILE: 't' }, []],
    [{ ...VAULT, VAULT_ROLE_ID: 'r', VAULT_SECRET_ID_FILE: 's' }, []],
    [VAULT, ['VAULT_TOKEN_FILE is']],
    [{ ...VAULT, VAULT_ROLE_ID: 'r' }, ['VAULT_TOKEN_FILE is']],
    [{ ...VAULT, VAULT_TOKEN_FILE: 't', VAULT_ROLE_ID: 'r', VAULT_SECRET_ID_FILE: 's' }, ['VAULT_TOKEN_FILE is']],
    [{ ...VAULT, VAULT_ADDR: '', VAULT_TOKEN_FILE: 't' }, ['VAULT_ADDR is']],
    [{ ...VAULT, VAULT_ADDR: 'http://vault.example', VAULT_TOKEN_FILE: 't' }, ['VAULT_ADDR must']],
    [{ ...VAULT, VAULT_ADDR: 'http://127.0.0.1:8200', VAULT_TOKEN_FILE: 't' }, []],
    [{ ...VAULT, VAULT_TOKEN_FILE: 't', VAULT_TRANSIT_MOUNT: '../sys' }, ['VAULT_TRANSIT_MOUNT must']],
    [{ ...VAULT, VAULT_TOKEN_FILE: 't', VAULT_TRANSIT_KEY: 'a/b' }, ['VAULT_TRANSIT_KEY must']],
  ] as [Record<string, string>, string[]][])('%j: %j', (settings, expected) => {
    expect(faults(settings)).toEqual(expected);
  });

  test('older keys are a list', () => {
    expect(loadConfig({ ...LOCAL, KEK_PREVIOUS_FILES: '/a, /b' }).KEK_PREVIOUS_FILES).toEqual(['/a', '/b']);
    expect(faultsTogether({ ...LOCAL, KEK_PREVIOUS_FILES: '/a' })).toEqual([]);
    expect(faults({ KEK_PREVIOUS_FILES: ',' })).toEqual(['KEK_PREVIOUS_FILES must']);
  });
});
