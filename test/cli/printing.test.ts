// What reaches the reader: no secret, nothing that a terminal obeys, and the same meaning in every locale.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { formatBundle, toHex } from '@medanchor/verifier';
import { cautionsFor } from '../../verifier/cli/cautions.ts';
import { asciiJson, printable } from '../../verifier/cli/printable.ts';
import { CONTENT, Files, makeBundle, verify, verifyWith, type Anchored } from './support.ts';

const files = new Files();
let made: Anchored;
let argv: string[];

beforeAll(async () => {
  made = await makeBundle(null);
  argv = [
    files.bundle('bundle.json', made.bundle),
    files.write('c.json', CONTENT),
    '--offline',
    '--log-key',
    made.logKey,
  ];
});

afterAll(() => files.remove());

describe('printable', () => {
  test.each([
    ['Zürich – 北京', 'Zürich – 北京'],
    ['a\u001b[31mb', 'a\\u{1b}[31mb'],
    ['a\r\nb\tc\u0000', 'a\\u{d}\\u{a}b\\u{9}c\\u{0}'],
    ['\u009b31m', '\\u{9b}31m'],
    ['\u202egnp\u2066x\u200by\ufeff', '\\u{202e}gnp\\u{2066}x\\u{200b}y\\u{feff}'],
    ['\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['\u{e0041}\ud800', '\\u{e0041}\\u{d800}'],
  ])('%j', (text, wanted) => {
    expect(printable(text)).toBe(wanted);
  });

  test('in ASCII when nothing else can be shown', () => {
    expect(printable('Zürich 😀', true)).toBe('Z\\u{fc}rich \\u{1f600}');
  });

  test('is bounded', () => {
    expect(printable('x'.repeat(10_000))).toHaveLength(2003);
  });

  test('as JSON, any text comes back from ASCII', () => {
    const text = 'Zürich\u001b\u009b\u202e😀\ud800\u2028"\\';
    expect(asciiJson({ text })).toMatch(/^[\x20-\x7e\n]*$/);
    expect(JSON.parse(asciiJson({ text }))).toEqual({ text });
  });
});

describe('the report', () => {
  test('escapes a name that would repaint the screen', async () => {
    const identity = { source: 'lab', recordId: 'Observation/\u202ede\u200bretla', versionId: '1' };
    const turned = await makeBundle(null, { identity });
    const { out } = await verify(files.bundle('turned.json', turned.bundle), '--offline', '--log-key', turned.logKey);
    expect(out).toContain('About:    version 1 of Observation/\\u{202e}de\\u{200b}retla from lab');
  });

  test('is coloured on a terminal, in the marks alone', async () => {
    const { out } = await verifyWith({ style: { colour: true } }, ...argv);
    expect(out).toMatch(/^\u001b\[32m✓\u001b\[0m commitment/);
    expect(out).toContain('\u001b[33m–\u001b[0m anchor');
    const plain = await verify(...argv);
    expect(out.replace(/\u001b\[\d+m/g, '')).toBe(plain.out);
  });

  test('is plain ASCII where the locale has nothing else', async () => {
    const { out } = await verifyWith({ style: { unicode: false, colour: true } }, ...argv);
    expect(out.replace(/\u001b\[\d+m/g, '')).toMatch(/^[\x20-\x7e\n]*$/);
    expect(out).toContain('\u001b[32mok\u001b[0m     commitment');
    expect(out).toContain('\u001b[33m-\u001b[0m      anchor');
  });

  test('holds no content, no salt and no key, in no form and for no verdict', async () => {
    const { opening } = made.bundle;
    const salts = opening?.components.flatMap(({ salt }) => (salt === undefined ? [] : [toHex(salt)])) ?? [];
    expect(salts).toHaveLength(4);
    const altered = files.write(
      'altered.json',
      CONTENT.map((octet) => (octet === 0x34 ? 0x35 : octet)),
    );
    const broken = files.write('broken.json', CONTENT.subarray(0, 60));
    const unread = files.write('unread.json', formatBundle(made.bundle).replace('"seq":"1"', '"seq":"x"'));
    const publicKey = made.logKey.split('+').slice(2).join('+');
    for (const [code, ...run] of [
      [0, ...argv],
      [1, argv[0], altered, ...argv.slice(2)],
      [1, argv[0], broken, ...argv.slice(2)],
      [2, unread, ...argv.slice(1)],
    ] as [number, ...string[]][]) {
      for (const form of [[], ['--json']]) {
        const ran = await verify(...run, ...form);
        expect(ran.code).toBe(code);
        for (const secret of [...salts, ...made.secrets, publicKey, 'mmol', '4.10', 'resourceType']) {
          expect(ran.out + ran.err).not.toContain(secret);
        }
      }
    }
  });

  test('shows nothing of a bundle whose opening is not that of the log entry', async () => {
    const some = await makeBundle(null, { disclose: ['/status'] });
    const forged = await makeBundle(null, {
      content: CONTENT.map((octet) => (octet === 0x66 ? 0x46 : octet)),
      disclose: ['/status'],
      identity: { source: 'lab', recordId: 'Observation/of-somebody-else', versionId: '1' },
    });
    const { opening, disclosed } = forged.bundle;
    if (disclosed === undefined) throw new Error('fields were to be disclosed');
    const mixed = files.bundle('mixed.json', { ...some.bundle, opening, disclosed });
    const { code, out } = await verify(mixed, '--offline', '--log-key', some.logKey);
    expect(code).toBe(1);
    expect(out).toContain('✗ commitment');
    expect(out).toContain('✓ fields');
    expect(out).toContain('About:    nothing that holds');
    expect(out).not.toContain('Final');
    expect(out).not.toContain('somebody-else');
  });

  test('says what it does not show', async () => {
    const { out } = await verify(...argv);
    expect(out).toContain('Note:     The chain was not asked (--offline)');
    expect(out).toContain('Note:     A bundle cannot tell whether a newer version exists; the ledger can.');
    expect(out).toContain('Note:     Nothing here says that the record was true when it was written');
    expect(out).toContain('Result:   Everything but the anchor was checked and holds');
    const named = await verify(...argv, '--record', 'Observation/potassium');
    expect(out).toContain('No record was named');
    expect(named.out).not.toContain('No record was named');
  });

  test.each([
    ['http://node.example/', true],
    ['https://node.example/', false],
    ['http://127.0.0.1:8545/', false],
    ['http://[::1]:8545/', false],
    ['http://localhost:8545/', false],
    ['http://127.0.0.1.example/', true],
  ])('warns of a way that others can walk: %s %s', (url, warned) => {
    const report = { checks: [], outcome: 'intact', subject: {} } as unknown as Parameters<typeof cautionsFor>[1];
    const cautions = cautionsFor({ rpc: new URL(url), trust: {}, identity: {}, content: null }, report, null);
    expect(cautions.some((caution) => caution.includes('asked over http'))).toBe(warned);
  });
});
