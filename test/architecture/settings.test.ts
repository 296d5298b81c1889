// Every setting is documented in .env.example with its real default, and nothing else is.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ConfigError, configSchema, loadConfig } from '../../api/src/platform/config/config.schema.ts';
import { launcherSchema, PROJECT_ROOT } from '../../scripts/launch/settings.ts';

const text = readFileSync(path.join(PROJECT_ROOT, '.env.example'), 'utf8');
const documented = new Map(
  [...text.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
);

/** Read by the plain-JavaScript part of the launcher, before any schema can be loaded. */
const BOOTSTRAP = ['MEDANCHOR_CACHE'];

const REQUIRED = {
  DATABASE_URL: 'postgres://u:p@localhost/d',
  CHAIN_RPC_URL: 'http://localhost:1',
  CHAIN_ID: '1',
  ANCHOR_CONTRACT: `0x${'ab'.repeat(20)}`,
  ANCHOR_KEY_FILE: 'a',
  CHECKPOINT_KEY_FILE: 'c',
  KEK_FILE: 'k',
  ISSUER_KEY_FILE: 'i',
};

describe('.env.example', () => {
  test('names every key of the schemas and no other', () => {
    const keys = [...Object.keys(configSchema.shape), ...Object.keys(launcherSchema.shape), ...BOOTSTRAP];
    expect([...documented.keys()].sort()).toEqual([...new Set(keys)].sort());
  });

  test('names each key once, with a comment above its group', () => {
    const names = [...text.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names.length).toBe(new Set(names).size);
  });

  test('shows the real defaults', () => {
    const defaults = loadConfig(REQUIRED) as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(configSchema.shape)) {
      if (name in REQUIRED) continue;
      expect([name, documented.get(name)]).toEqual([name, String(defaults[name] ?? '')]);
    }
  });
});

describe('a wrong configuration', () => {
  test('names every variable at fault and what is allowed, and prints no value', () => {
    const load = (): unknown =>
      loadConfig({ ...REQUIRED, PORT: 'secret-eighty', ANCHOR_CONTRACT: '0x12', KEK_FILE: '', LOG_LEVEL: 'loud' });
    expect(load).toThrow(ConfigError);
    let message = '';
    try {
      load();
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('PORT must be TCP port: a whole number from 0 to 65535');
    expect(message).toContain('ANCHOR_CONTRACT must be a contract address: 0x and 40 hexadecimal digits');
    expect(message).toContain('KEK_FILE is required');
    expect(message).toContain('LOG_LEVEL must be');
    expect(message).not.toContain('secret-eighty');
  });

  test.each(['007', '+1', '1e3', ' 1', '65536', '-1', '0x10'])(
    'a number is canonical decimal: PORT=%j is refused',
    (value) => {
      expect(() => loadConfig({ ...REQUIRED, PORT: value })).toThrow(/PORT must be/);
    },
  );
});
