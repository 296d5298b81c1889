// TLS is required outside loopback, for what is served and for what is asked, unless somebody says so; a key provider has what
// it needs. Each fault names its variable and the way out, and no value.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  ConfigError,
  loadBackupConfig,
  loadConfig,
  loadMigrateConfig,
  loadRestoreConfig,
} from '../../api/src/platform/config/config.schema.ts';
import { databaseUrlWithTls } from '../../api/src/platform/config/database-url.rules.ts';
import { isLoopback } from '../../api/src/platform/config/loopback.rules.ts';
import { faultsTogether, plainConnections } from '../../api/src/platform/config/settings-together.rules.ts';
import { loadSettings } from '../../scripts/launch/settings.ts';
import { Authority } from '../support/certificates.ts';

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
  expect(databaseUrlWithTls(url, {})).toBe(url);
  expect(databaseUrlWithTls(url, { sslrootcert: '/etc/ca.pem' })).toBe(
    `${url}?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem`,
  );
  expect(loadConfig({ ...LOCAL, DATABASE_URL: url, DATABASE_CA_FILE: '/etc/ca.pem' }).DATABASE_URL).toBe(
    `${url}?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem`,
  );
});

describe('a certificate of ours for the database', () => {
  const remote = { DATABASE_URL: 'postgres://u@db.example/d', DATABASE_CERT_FILE: '/c', DATABASE_KEY_FILE: '/k' };
  const owner = { DATABASE_OWNER_CERT_FILE: '/oc', DATABASE_OWNER_KEY_FILE: '/ok' };

  /** The first two words of each; looks into no file. */
  const found = (settings: Record<string, string>): readonly string[] =>
    faultsTogether({ ...LOCAL, ...settings }).map((fault) => fault.split(' ').slice(0, 2).join(' '));

  test.each([
    [remote, []],
    [{ ...remote, DATABASE_URL: 'postgres://u@localhost/d' }, []],
    [{ ...remote, DATABASE_URL: 'postgres://u@db.example/d?sslmode=verify-full' }, []],
    [{ DATABASE_CERT_FILE: '/c' }, ['DATABASE_KEY_FILE is']],
    [{ DATABASE_KEY_FILE: '/k', INSECURE_NETWORK: 'on' }, ['DATABASE_CERT_FILE is']],
    [{ DATABASE_OWNER_CERT_FILE: '/oc' }, ['DATABASE_OWNER_KEY_FILE is']],
    // What is not verified gets no certificate, on this machine and in a private network neither.
    [{ ...remote, DATABASE_URL: 'postgres://u@localhost/d?sslmode=require' }, ['DATABASE_URL must']],
    [
      { ...remote, DATABASE_URL: 'postgres://u@localhost/d?sslmode=no-verify', INSECURE_NETWORK: 'on' },
      ['DATABASE_URL must'],
    ],
    [
      { ...remote, DATABASE_URL: 'postgres://u@db/d?sslmode=disable', INSECURE_NETWORK: 'on', DATABASE_CA_FILE: '/ca' },
      ['DATABASE_URL must'],
    ],
    [{ ...remote, DATABASE_URL: 'postgres://u@%2Frun%2Fpostgresql/d' }, ['DATABASE_URL must']],
    [{ ...owner, DATABASE_OWNER_URL: 'postgres://o@localhost/d?sslmode=prefer' }, ['DATABASE_OWNER_URL must']],
    [{ DATABASE_URL: 'postgres://u@localhost/d?sslcert=/c&sslkey=/k' }, ['DATABASE_URL must']],
    // The owner's connection is not made safe by the certificate of the service.
    [{ ...remote, DATABASE_OWNER_URL: 'postgres://o@db.example/d' }, ['DATABASE_OWNER_URL must']],
    [{ ...remote, ...owner, DATABASE_OWNER_URL: 'postgres://o@db.example/d' }, []],
  ] as [Record<string, string>, string[]][])('%j: %j', (settings, expected) => {
    expect(found(settings)).toEqual(expected);
  });

  test('each goes into the URL of its own role', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-pair-'));
    try {
      const file = (name: string, content: string): string => {
        writeFileSync(path.join(folder, name), content, { mode: 0o600 });
        return path.join(folder, name);
      };
      const authority = await Authority.create('ours');
      const [service, databaseOwner] = [
        await authority.issue({ names: ['u'] }),
        await authority.issue({ names: ['o'] }),
      ];
      const [serviceCert, serviceKey] = [file('service.pem', service.cert), file('service.key', service.key)];
      const [ownerCert, ownerKey] = [file('owner.pem', databaseOwner.cert), file('owner.key', databaseOwner.key)];
      const settings = {
        ...LOCAL,
        DATABASE_URL: 'postgres://u@db.example/d',
        DATABASE_CERT_FILE: serviceCert,
        DATABASE_KEY_FILE: serviceKey,
        DATABASE_OWNER_URL: 'postgres://o@db.example/d',
        DATABASE_OWNER_CERT_FILE: ownerCert,
        DATABASE_OWNER_KEY_FILE: ownerKey,
      };
      const config = loadConfig(settings);
      const written = (url = ''): Record<string, string> => Object.fromEntries(new URL(url).searchParams);
      expect(written(config.DATABASE_URL)).toEqual({
        sslmode: 'verify-full',
        sslcert: serviceCert,
        sslkey: serviceKey,
      });
      expect(written(config.DATABASE_OWNER_URL)).toEqual({
        sslmode: 'verify-full',
        sslcert: ownerCert,
        sslkey: ownerKey,
      });
      // A program looks into the files of the connections that it makes.
      chmodSync(ownerKey, 0o644);
      expect(() => loadBackupConfig(settings)).not.toThrow();
      for (const load of [loadConfig, loadMigrateConfig, loadRestoreConfig])
        expect(() => load(settings)).toThrow(
          new ConfigError(
            `The configuration cannot be used:\n  database key (DATABASE_OWNER_KEY_FILE): ${ownerKey} can be read by others (mode 644); use chmod 600`,
          ),
        );
      expect(() => loadConfig({ ...settings, DATABASE_OWNER_KEY_FILE: serviceKey })).toThrow(
        /database key \(DATABASE_OWNER_KEY_FILE\): .*service.key is not the PEM key of the certificate in .*owner.pem/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
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
