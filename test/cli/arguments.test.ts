// What the command refuses before it checks anything: exit code 2, and a message that names the option or file, what is wrong
// and what is allowed. A mistake of the auditor must never look like a verdict.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { formatBundle } from '@medanchor/verifier';
import { HELP } from '../../verifier/cli/help.ts';
import { CONTENT, Files, makeBundle, verify, verifyWith, type Anchored } from './support.ts';

const files = new Files();
const CONTRACT = `0x${'11'.repeat(20)}`;
const ONLINE = ['--rpc', 'http://127.0.0.1:1', '--contract', CONTRACT];
let made: Anchored;
let bundle: string;
let content: string;

beforeAll(async () => {
  made = await makeBundle(null);
  bundle = files.bundle('bundle.json', made.bundle);
  content = files.write('content.json', CONTENT);
});

afterAll(() => files.remove());

describe('the command line', () => {
  test.each<[string, string[], RegExp]>([
    ['without a bundle', ['--offline'], /BUNDLE is missing/],
    ['without a chain or --offline', ['b.json'], /--rpc URL and --contract ADDRESS are needed, or --offline/],
    ['without a contract', ['b.json', '--rpc', 'http://127.0.0.1:1'], /--rpc URL and --contract ADDRESS are needed/],
    ['with both', ['b.json', '--offline', '--rpc', 'http://127.0.0.1:1'], /--offline and --rpc: only one/],
    [
      'with confirmations of no chain',
      ['b.json', '--offline', '--confirmations', '3'],
      /--offline and --confirmations/,
    ],
    ['with a malformed address', ['b.json', '--rpc', 'http://h', '--contract', '0x12'], /0x and 40 hexadecimal digits/],
    ['with a malformed URL', ['b.json', '--rpc', 'ftp://x', '--contract', CONTRACT], /http:\/\/ or https:\/\//],
    ['with a broken password', ['b.json', '--rpc', 'http://a:%zz@h', '--contract', CONTRACT], /percent-encoded/],
    [
      'with an unknown option',
      ['b.json', '--offline', '--loud'],
      /'--loud'; allowed are --rpc --contract .* --version/,
    ],
    ['with a value where none belongs', ['b.json', '--offline=yes'], /'--offline' does not take an argument/],
    ['with an option without its value', ['b.json', '--offline', '--log-key'], /--log-key <value>/],
    ['with two addresses', ['b.json', ...ONLINE, '--contract', CONTRACT], /--contract is given twice/],
    ['with no confirmations', ['b.json', ...ONLINE, '--confirmations', '0'], /--confirmations .* from 1 to 1000000/],
    [
      'with half a second',
      ['b.json', ...ONLINE, '--timeout', '0.5'],
      /--timeout must be a whole number from 1 to 3600/,
    ],
    [
      'with a hexadecimal chain',
      ['b.json', ...ONLINE, '--chain-id', '0x1'],
      /--chain-id must be a whole number from 1/,
    ],
    ['with three names', ['a', 'b', 'c', '--offline'], /at most BUNDLE and CONTENT are allowed, got 3/],
    ['with standard input twice', ['-', '-', '--offline'], /only one of BUNDLE and CONTENT/],
    ['with a type of nothing', ['b.json', '--offline', '--media-type', 'a/b'], /--media-type is that of CONTENT/],
    [
      'with a malformed type',
      ['b.json', 'c', '--offline', '--media-type', 'json'],
      /--media-type must be type\/subtype/,
    ],
    ['with a malformed source', ['b.json', '--offline', '--source', 'The Lab'], /source must be \[a-z0-9\]/],
    ['with an empty record', ['b.json', '--offline', '--record', ''], /recordId must have 1 to 256 characters/],
  ])('%s', async (_name, argv, message) => {
    const { code, out, err } = await verify(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err).toContain('[USAGE]\n(medanchor-verify --help says how)');
    expect(out).toBe('');
  });

  test('a mistake is told to programs as well', async () => {
    const { code, out } = await verify('b.json', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({
      error: { code: 'USAGE', message: '--rpc URL and --contract ADDRESS are needed, or --offline' },
      exitCode: 2,
    });
  });

  test('--help names every option and every exit code', async () => {
    const { code, out, err } = await verify('--help');
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(HELP);
    const unknown = await verify('--what');
    const options = /allowed are (.*) \[USAGE\]/.exec(unknown.err)?.[1]?.split(' ') ?? [];
    expect(options).toHaveLength(14);
    for (const option of options) expect(HELP).toContain(option);
    for (const exitCode of ['0  intact', '1  altered', '2  the command line', '3  could not be checked']) {
      expect(HELP).toContain(exitCode);
    }
  });

  test('--version', async () => {
    expect(await verify('--version', 'ignored')).toEqual({ code: 0, out: 'medanchor-verify test\n', err: '' });
  });

  test('a name that begins with a dash stands after --', async () => {
    expect((await verify('--offline', '--', '--rpc')).err).toContain('BUNDLE: --rpc cannot be read (ENOENT)');
  });
});

describe('the keys of the log', () => {
  const PRIVATE = 'PRIVATE+KEY+example.org/log+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';

  test('one a line in a file, with remarks', async () => {
    const other = await makeBundle(null);
    const file = files.write('log.keys', `# the log\r\n${other.logKey}\r\n\n  ${made.logKey}\n`);
    const { code, out } = await verify(bundle, content, '--offline', '--log-key', `@${file}`);
    expect(code).toBe(0);
    expect(out).toContain('✓ checkpoint-signature');
  });

  test.each<[string, () => string, RegExp]>([
    ['no key at all', () => 'nobody', /--log-key: not a verifier key; wanted is name\+hash\+base64/],
    ['another key id', () => made.logKey.replace(/\+[0-9a-f]{8}\+/, '+00000000+'), /not a verifier key/],
    ['a private key', () => PRIVATE, /this is a private key/],
    [
      'a file with a private key',
      () => `@${files.write('p.keys', `#\n${PRIVATE}`)}`,
      /p\.keys, line 2: this is a private/,
    ],
    ['an empty file', () => `@${files.write('e.keys', '# none\n')}`, /e\.keys holds no key/],
    ['a file that is not there', () => '@/nonexistent/keys', /\/nonexistent\/keys cannot be read \(ENOENT\)/],
    ['a huge file', () => `@${files.write('h.keys', Buffer.alloc(70_000, 10))}`, /h\.keys is larger than 65536 octets/],
    ['standard input', () => '@-', /a file name is wanted after the @/],
  ])('%s is refused, and not repeated', async (_name, key, message) => {
    const { code, err, out } = await verify(bundle, '--offline', '--log-key', key());
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err + out).not.toContain('AYEKFALVFG');
  });
});

describe('bundle and content', () => {
  const twice = '{"format":"medanchor-bundle/1","format":"medanchor-bundle/1"}';

  test.each<[string, () => string | Uint8Array, string]>([
    ['no JSON', () => 'hello', 'JSON_MALFORMED'],
    ['nothing', () => '', 'JSON_MALFORMED'],
    ['half a bundle', () => formatBundle(made.bundle).slice(0, 900), 'JSON_MALFORMED'],
    ['a member twice', () => twice, 'JSON_DUPLICATE_KEY'],
    ['a member too many', () => formatBundle(made.bundle).replace('{', '{"extra":null,'), 'BUNDLE_MALFORMED'],
    ['a number for a text', () => formatBundle(made.bundle).replace('"seq":"1"', '"seq":1'), 'BUNDLE_MALFORMED'],
    ['not in UTF-8', () => Uint8Array.of(0x7b, 0xff, 0x7d), 'JSON_INVALID_UTF8'],
    ['a bare tlog-proof', () => made.bundle.proof, 'NOT_A_BUNDLE'],
    ['too large', () => Buffer.alloc(1024 * 1024 + 1, 32), 'FILE_TOO_LARGE'],
  ])('a bundle that is %s', async (name, text, wanted) => {
    const { code, out } = await verify(files.write(`${name}.json`, text()), '--offline', '--json');
    expect(code).toBe(2);
    const { error, exitCode } = JSON.parse(out) as { error: { code: string; message: string }; exitCode: number };
    expect([error.code, exitCode]).toEqual([wanted, 2]);
    expect(error.message.length).toBeGreaterThan(20);
  });

  test('a folder, and a file that is not there, in either place', async () => {
    for (const [argv, message] of [
      [[files.folder], `BUNDLE: ${files.folder} is a folder`],
      [['/nonexistent/b.json'], 'BUNDLE: /nonexistent/b.json cannot be read (ENOENT)'],
      [[bundle, files.folder], `CONTENT: ${files.folder} is a folder`],
      [[bundle, '/nonexistent/c.json'], 'CONTENT: /nonexistent/c.json cannot be read (ENOENT)'],
    ] as const) {
      const { code, err } = await verify(...argv, '--offline');
      expect([code, err]).toEqual([2, `medanchor-verify: ${message} [FILE_UNREADABLE]\n`]);
    }
  });

  test('from standard input, in pieces', async () => {
    const text = formatBundle(made.bundle);
    const pieces = [text.slice(0, 500), text.slice(500)];
    expect((await verifyWith({ stdin: pieces }, '-', content, '--offline', '--log-key', made.logKey)).code).toBe(0);
    expect((await verifyWith({ stdin: [CONTENT] }, bundle, '-', '--offline', '--log-key', made.logKey)).code).toBe(0);
  });

  test('standard input is read no further than the limit', async () => {
    let given = 0;
    const endless = (function* () {
      for (;;) {
        given += 65536;
        yield Buffer.alloc(65536, 32);
      }
    })();
    const { code, err } = await verifyWith({ stdin: endless }, '-', '--offline');
    expect(code).toBe(2);
    expect(err).toContain('BUNDLE: standard input is larger than 1048576 octets [FILE_TOO_LARGE]');
    expect(given).toBeLessThan(4 * 1024 * 1024);
  });
});
