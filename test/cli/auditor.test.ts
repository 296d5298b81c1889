// The auditor's command against a real chain: what it says and how it ends.
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PROJECT_ROOT } from '../../scripts/launch/settings.ts';
import { startTestChain, type TestChain } from '../support/chain.ts';
import { CONTENT, Files, makeBundle, verify, type Anchored } from './support.ts';

let chain: TestChain;
let made: Anchored;
let bundle: string;
let content: string;
const files = new Files();

beforeAll(async () => {
  chain = await startTestChain();
  made = await makeBundle(chain);
  bundle = files.bundle('bundle.json', made.bundle);
  content = files.write('potassium.json', CONTENT);
}, 60_000);

afterAll(async () => {
  await chain.stop();
  files.remove();
});

const trusting = (): string[] => ['--rpc', chain.url, '--contract', chain.contract];
const edited = (name: string, from: string, to: string): string =>
  files.write(name, new TextDecoder().decode(CONTENT).replace(from, to));

describe('ends with 0, intact', () => {
  test('for the very content', async () => {
    const { code, out } = await verify(bundle, content, ...trusting(), '--log-key', made.logKey);
    expect(code).toBe(0);
    expect(out).toContain('✓ anchor');
    expect(out).toContain('✓ checkpoint-signature');
    expect(out).toContain('version 1 of Observation/potassium from lab (entry 1 of test.medanchor.local/log/1)');
    expect(out).toMatch(/Anchored: size 3 in block \d+ of chain 31337, \d{4}-\d\d-\d\dT/);
    expect(out).toContain('Result:   Intact');
  });

  test('for a copy written differently, with a flag when a zero was lost', async () => {
    const spaced = edited('spaced.json', '{"resourceType"', '{ "resourceType"');
    expect((await verify(bundle, spaced, ...trusting())).code).toBe(0);
    const lost = await verify(bundle, edited('lost.json', '4.10', '4.1'), ...trusting());
    expect(lost.code).toBe(0);
    expect(lost.out).toContain('Flags:    precision-differs');
  });

  test('for the proof alone, and says that no content was compared', async () => {
    const { code, out } = await verify(bundle, ...trusting());
    expect(code).toBe(0);
    expect(out).toContain('none was given; only the proof was checked');
  });

  test('offline with a trusted key, and says that the chain was not asked', async () => {
    const { code, out } = await verify(
      bundle,
      content,
      '--offline',
      '--log-key',
      `@${files.write('log.key', `${made.logKey}\n`)}`,
    );
    expect(code).toBe(0);
    expect(out).toContain('– anchor');
    expect(out).toContain('not asked (--offline)');
  });

  test('as JSON with the members of POST /v1/proofs/verify', async () => {
    const { code, out } = await verify(bundle, content, ...trusting(), '--json');
    const report = JSON.parse(out) as Record<string, unknown>;
    expect(code).toBe(0);
    expect(report).toMatchObject({
      verdict: 'identical',
      flags: [],
      outcome: 'intact',
      status: 'confirmed',
      exitCode: 0,
    });
    expect(report['subject']).toMatchObject({
      index: '1',
      size: '3',
      identity: { source: 'lab', recordId: 'Observation/potassium', versionId: '1' },
    });
    expect(report['anchor']).toMatchObject({ chainId: '31337', contract: chain.contract });
  });
});

describe('ends with 1, altered', () => {
  test('when one digit differs', async () => {
    const { code, out } = await verify(bundle, edited('digit.json', '4.10', '5.10'), ...trusting());
    expect(code).toBe(1);
    expect(out).toContain('✗ content');
    expect(out).toContain('[CONTENT_ALTERED]');
  });

  test.each([
    ['another contract', (): unknown => ({ ...made.bundle.anchor, contract: `0x${'11'.repeat(20)}` })],
    ['another block', (): unknown => ({ ...made.bundle.anchor, block: 1n })],
    ['a transaction that never was', (): unknown => ({ ...made.bundle.anchor, transaction: `0x${'22'.repeat(32)}` })],
    ['another chain', (): unknown => ({ ...made.bundle.anchor, chainId: 1n })],
  ])('when the anchor names %s', async (name, anchor) => {
    const forged = files.bundle(`${name}.json`, { ...made.bundle, anchor: anchor() as never });
    const { code, out } = await verify(forged, content, ...trusting());
    expect(code).toBe(1);
    expect(out).toContain('✗ anchor');
  });

  test('when the checkpoint is signed by another key than the trusted one', async () => {
    const other = await makeBundle(null);
    const { code, out } = await verify(bundle, content, ...trusting(), '--log-key', other.logKey);
    expect(code).toBe(1);
    expect(out).toContain('✗ checkpoint-signature');
  });

  test('when the bundle is about another version than asked for', async () => {
    const { code, out } = await verify(bundle, content, ...trusting(), '--record', 'Observation/sodium');
    expect(code).toBe(1);
    expect(out).toContain('✗ identity');
  });

  test('when the head was never anchored: the contract speaks, not the bundle', async () => {
    const forged = await makeBundle(null);
    const { code } = await verify(
      files.bundle('forged.json', {
        ...forged.bundle,
        anchor: { ...made.bundle.anchor!, root: new Uint8Array(32).fill(7) },
      }),
      ...trusting(),
    );
    expect(code).toBe(1);
  });
});

describe('ends with 2', () => {
  test.each<[string, string[], RegExp]>([
    ['without a bundle', ['--offline'], /BUNDLE is missing/],
    ['without a chain or --offline', ['b.json'], /--rpc URL and --contract ADDRESS are needed, or --offline/],
    ['with both', ['b.json', '--offline', '--rpc', 'http://127.0.0.1:1'], /only one of them/],
    [
      'with a malformed address',
      ['b.json', '--rpc', 'http://127.0.0.1:1', '--contract', '0x12'],
      /0x and 40 hexadecimal digits/,
    ],
    [
      'with a malformed URL',
      ['b.json', '--rpc', 'ftp://x', '--contract', `0x${'11'.repeat(20)}`],
      /http:\/\/ or https:\/\//,
    ],
    ['with an unknown option', ['b.json', '--offline', '--loud'], /--loud/],
    ['with a malformed key', ['b.json', '--offline', '--log-key', 'nobody'], /--log-key/],
    [
      'with a confirmation count of 0',
      ['b.json', '--offline', '--confirmations', '0'],
      /--confirmations must be a whole number from 1/,
    ],
    ['with three names', ['a', 'b', 'c', '--offline'], /at most BUNDLE and CONTENT/],
    ['with a file that is not there', ['/nonexistent/b.json', '--offline'], /cannot be read \(ENOENT\)/],
  ])('%s, naming what is allowed', async (_name, argv, message) => {
    const { code, out, err } = await verify(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(out).toBe('');
  });

  test.each([
    ['no JSON', 'hello'],
    ['a member twice', '{"format":"medanchor-bundle/1","format":"medanchor-bundle/1"}'],
    ['a member too many', `{"format":"medanchor-bundle/1","extra":null}`],
    ['a folder', null],
  ])('for a bundle that is %s', async (name, text) => {
    const { code, err } = await verify(text === null ? files.folder : files.write(`${name}.json`, text), '--offline');
    expect(code).toBe(2);
    expect(err.length).toBeGreaterThan(20);
  });
});

describe('ends with 3, could not be checked', () => {
  test('when the version is not anchored yet', async () => {
    const { code, out } = await verify(
      files.bundle('young.json', (await makeBundle(null)).bundle),
      content,
      ...trusting(),
    );
    expect(code).toBe(3);
    expect(out).toContain('[NOT_ANCHORED]');
  });

  test('when nothing listens at the endpoint', async () => {
    const { code, out } = await verify(bundle, content, '--rpc', 'http://127.0.0.1:1', '--contract', chain.contract);
    expect(code).toBe(3);
    expect(out).toContain('[CHAIN_UNREACHABLE]');
  });

  test('offline without a key: nothing ties the bundle to the log', async () => {
    expect((await verify(bundle, content, '--offline')).code).toBe(3);
  });
});

describe('an endpoint that lies', () => {
  let server: Server;
  let answer: (method: string, id: number) => string | null;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { method, id } = JSON.parse(Buffer.concat(parts).toString()) as { method: string; id: number };
        const text = answer(method, id);
        if (text !== null) response.end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each<[string, (method: string, id: number) => string | null]>([
    ['with HTML', () => '<html>hello</html>'],
    ['with another request’s id', (_method, id) => JSON.stringify({ jsonrpc: '2.0', id: id + 1, result: '0x7a69' })],
    [
      'with an error full of control characters',
      (_method, id) => JSON.stringify({ jsonrpc: '2.0', id, error: { message: '\u001b[2Jgone' } }),
    ],
    ['with numbers in place of quantities', (_method, id) => JSON.stringify({ jsonrpc: '2.0', id, result: 31337 })],
    ['with too much', () => `"${'x'.repeat(5 * 1024 * 1024)}"`],
    ['never', () => null],
  ])('by answering %s is unproven, never intact', async (_name, lie) => {
    answer = lie;
    const { code, out } = await verify(bundle, content, '--rpc', url, '--contract', chain.contract, '--timeout', '1');
    expect(code).toBe(3);
    expect(out).toContain('– anchor');
    expect(out).not.toContain('\u001b');
  });

  test('about the receipt is caught', async () => {
    answer = (method, id) =>
      JSON.stringify({
        jsonrpc: '2.0',
        id,
        result: method === 'eth_chainId' ? '0x7a69' : method === 'eth_getTransactionReceipt' ? null : '0x10',
      });
    const { code, out } = await verify(bundle, content, '--rpc', url, '--contract', chain.contract);
    expect(code).not.toBe(0);
    expect(out).not.toContain('✓ anchor');
  });
});

describe('the process itself', () => {
  const start = (...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const program = path.join(PROJECT_ROOT, 'verifier', 'bin', 'medanchor-verify.js');
      execFile(
        process.execPath,
        [program, ...argv],
        { env: { ...process.env, NODE_OPTIONS: '', LC_ALL: 'C' } },
        (error, stdout, stderr) => {
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
        },
      );
    });

  test('ends with the same codes, and with plain marks where the locale has no others', async () => {
    const intact = await start(bundle, content, ...trusting());
    expect([intact.code, intact.stderr]).toEqual([0, '']);
    expect(intact.stdout).toMatch(/^ok {5}commitment/);
    expect((await start(bundle, edited('other.json', '4.10', '4.20'), ...trusting())).code).toBe(1);
    expect((await start(bundle)).code).toBe(2);
    expect((await start(bundle, '--rpc', 'http://127.0.0.1:1', '--contract', chain.contract)).code).toBe(3);
    expect((await start('--help')).stdout).toMatch(/^usage: medanchor-verify/);
  });
});
