// Every setting with its bounds: what is accepted, and what is refused with exactly one line that names the variable and
// what is allowed. No value is ever printed, for it may be a secret.

import { describe, expect, test } from '@jest/globals';
import { ConfigError, loadConfig, type Config } from '../../api/src/platform/config/config.schema.ts';

const REQUIRED = {
  DATABASE_URL: 'postgres://user:p%40ss@127.0.0.1:5432/medanchor',
  CHAIN_RPC_URL: 'http://127.0.0.1:8545',
  CHAIN_ID: '31337',
  ANCHOR_CONTRACT: '0xABCDEFabcdef0123456789ABCDEFabcdef012345',
  ANCHOR_KEY_FILE: '/keys/anchor.key',
  CHECKPOINT_KEY_FILE: '/keys/checkpoint.key',
  KEK_FILE: '/keys/kek.key',
  ISSUER_KEY_FILE: '/keys/issuer.key',
};

const load = (changes: Readonly<Record<string, string | undefined>> = {}): Config =>
  loadConfig({ ...REQUIRED, ...changes });

/** The lines of the refusal, without the first. */
function refusal(changes: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    load(changes);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const [first, ...lines] = (error as Error).message.split('\n');
    expect(first).toBe('The configuration cannot be used:');
    return lines.map((line) => line.trim());
  }
  throw new Error(`accepted: ${JSON.stringify(changes)}`);
}

test('the required ones alone, in the form that the service works with, frozen', () => {
  const config = load();
  expect(config.CHAIN_ID).toBe(31337n);
  expect(config.ANCHOR_CONTRACT).toBe('0xabcdefabcdef0123456789abcdefabcdef012345');
  expect([config.PORT, config.HOST, config.LOG_ORIGIN]).toEqual([3000, '127.0.0.1', 'medanchor.local/log/1']);
  expect(Object.isFrozen(config)).toBe(true);
});

test('an empty value counts as not given, and what is no setting of ours is left alone', () => {
  expect(load({ PORT: '', LOG_LEVEL: undefined, PATH: '/usr/bin', MEDANCHOR_HOME: '/x' })).toEqual(load());
});

test.each([
  ['DATABASE_URL', 'PostgreSQL: a URL that starts with postgres:// or postgresql://'],
  ['CHAIN_RPC_URL', 'JSON-RPC: a URL that starts with http:// or https://'],
  ['CHAIN_ID', `chain id: a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`],
  ['ANCHOR_CONTRACT', 'a contract address: 0x and 40 hexadecimal digits'],
  ['ANCHOR_KEY_FILE', 'the path of a file'],
  ['CHECKPOINT_KEY_FILE', 'the path of a file'],
  ['KEK_FILE', 'the path of a file'],
])('%s is required, and the refusal says what it is', (name, what) => {
  expect(refusal({ [name]: undefined })).toEqual([`${name} is required: ${what}`]);
  expect(refusal({ [name]: '' })).toEqual([`${name} is required: ${what}`]);
});

test('all that is wrong is told at once', () => {
  const lines = refusal({ PORT: 'x', KEK_FILE: '', CHAIN_ID: '0', FIELDS: 'yes' });
  expect(new Set(lines.map((line) => line.split(' ')[0]))).toEqual(new Set(['CHAIN_ID', 'FIELDS', 'KEK_FILE', 'PORT']));
  expect(lines).toHaveLength(4);
});

describe.each([
  ['DATABASE_POOL_SIZE', 'connections', 2, 200],
  ['CHAIN_ID', 'chain id', 1, Number.MAX_SAFE_INTEGER],
  ['PORT', 'TCP port', 0, 65_535],
  ['SEQUENCER_BATCH_SIZE', 'entries', 1, 4096],
  ['SEQUENCER_MAX_WAIT_MS', 'milliseconds', 0, 1000],
  ['SEQUENCER_MAX_IN_FLIGHT', 'entries', 1, 1_000_000],
  ['INTEGRATE_INTERVAL_MS', 'milliseconds', 1, 60_000],
  ['CHECKPOINT_INTERVAL_MS', 'milliseconds', 50, 3_600_000],
  ['ANCHOR_INTERVAL_MS', 'milliseconds', 100, 86_400_000],
  ['ANCHOR_CONFIRMATIONS', 'blocks', 1, 10_000],
  ['CONFIRM_INTERVAL_MS', 'milliseconds', 50, 3_600_000],
  ['CHAIN_TIMEOUT_MS', 'milliseconds', 100, 600_000],
  ['BODY_LIMIT_BYTES', 'bytes', 1024, 16_777_216],
  ['BATCH_MAX_LINES', 'lines', 1, 10_000_000],
  ['BATCH_LINE_LIMIT_BYTES', 'bytes', 1024, 16_777_216],
] as const)('%s: %s from %i to %i', (name, unit, minimum, maximum) => {
  test('both ends are allowed', () => {
    expect(Number(load({ [name]: String(minimum) })[name])).toBe(minimum);
    expect(Number(load({ [name]: String(maximum) })[name])).toBe(maximum);
  });

  test('beyond them, and what is no plain whole number, is refused', () => {
    const wrong = [
      String(maximum + 1),
      ...(minimum > 0 ? [String(minimum - 1)] : ['-1']),
      '9'.repeat(30),
      '1.5',
      '1e3',
      '0x10',
      '+5',
      '007',
      ' 7',
      '7 ',
      '7\n',
      '٧',
      'NaN',
    ];
    for (const value of wrong) {
      expect([value, refusal({ [name]: value })]).toEqual([
        value,
        [`${name} must be ${unit}: a whole number from ${minimum} to ${maximum}`],
      ]);
    }
  });
});

describe('URLs', () => {
  test.each([
    ['DATABASE_URL', 'postgresql://localhost/d'],
    ['DATABASE_URL', 'postgres://u:p@[::1]:5432/d?sslmode=require'],
    ['CHAIN_RPC_URL', 'https://rpc.example/v1/key'],
  ])('%s=%s is allowed', (name, value) => {
    expect((load({ [name]: value }) as Readonly<Record<string, unknown>>)[name]).toBe(value);
  });

  test.each([
    ['DATABASE_URL', 'mysql://secret@h/d', 'PostgreSQL: a URL that starts with postgres:// or postgresql://'],
    ['DATABASE_URL', 'secret', 'PostgreSQL: a URL that starts with postgres:// or postgresql://'],
    ['CHAIN_RPC_URL', 'ws://secret', 'JSON-RPC: a URL that starts with http:// or https://'],
    ['CHAIN_RPC_URL', 'http://', 'JSON-RPC: a URL that starts with http:// or https://'],
  ])('%s=%s is refused without being repeated', (name, value, allowed) => {
    const lines = refusal({ [name]: value });
    expect(lines).toEqual([`${name} must be ${allowed}`]);
    expect(lines.join()).not.toContain('secret');
  });
});

test.each([
  ['too short', `0x${'a'.repeat(39)}`],
  ['too long', `0x${'a'.repeat(41)}`],
  ['without 0x', 'a'.repeat(40)],
  ['not hexadecimal', `0x${'g'.repeat(40)}`],
  ['a line feed at its end', `0x${'a'.repeat(40)}\n`],
])('a contract address that is %s is refused', (_what, value) => {
  expect(refusal({ ANCHOR_CONTRACT: value })).toEqual([
    'ANCHOR_CONTRACT must be a contract address: 0x and 40 hexadecimal digits',
  ]);
});

test.each(['a', 'hospital.example/log/1', 'x'.repeat(200), 'urn:log:A_b~c-1'])(
  'the log name %s is allowed',
  (value) => {
    expect(load({ LOG_ORIGIN: value }).LOG_ORIGIN).toBe(value);
  },
);

test.each(['a b', 'a+b', 'a\tb', 'ä', 'x'.repeat(201), 'a\n'])('the log name %j is refused', (value) => {
  expect(refusal({ LOG_ORIGIN: value })).toEqual([
    'LOG_ORIGIN must be a log name such as hospital.example/log/1: letters, digits and . _ ~ : / -',
  ]);
});

test.each([
  ['FIELDS', ['on', 'off'], 'on or off: whether single fields can be disclosed later'],
  ['STAGES', ['on', 'off'], 'on or off: whether this process runs the stages'],
  ['ENTRY_BUNDLES', ['public', 'private'], 'public or private'],
] as const)('%s is one of %j', (name, allowed, hint) => {
  for (const value of allowed) expect(load({ [name]: value })[name]).toBe(value);
  for (const value of ['ON', 'true', '1', 'yes', ' on', 'public '])
    expect(refusal({ [name]: value })).toEqual([`${name} must be ${hint}`]);
});

test('LOG_LEVEL is one of pino’s levels', () => {
  for (const level of ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const)
    expect(load({ LOG_LEVEL: level }).LOG_LEVEL).toBe(level);
  const [line] = refusal({ LOG_LEVEL: 'verbose' });
  expect(line).toContain('LOG_LEVEL must be');
  expect(line).toContain('"info"');
  expect(line).not.toContain('verbose');
});
