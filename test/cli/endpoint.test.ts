// The endpoint is chosen by the auditor, but what it says is not to be believed blindly: a lie that contradicts the bundle ends
// with 1, nonsense and silence with 3, and never anything but the truth with 0.

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestChain, type TestChain } from '../support/chain.ts';
import { answerWith, honestly, startEndpoint, type Answer, type Endpoint } from './endpoint.ts';
import { CONTENT, Files, makeBundle, verify } from './support.ts';

const files = new Files();
let chain: TestChain;
let endpoint: Endpoint;
let bundle: string;
let content: string;

beforeAll(async () => {
  chain = await startTestChain();
  bundle = files.bundle('bundle.json', (await makeBundle(chain)).bundle);
  content = files.write('content.json', CONTENT);
  endpoint = await startEndpoint(chain.url);
}, 60_000);

beforeEach(() => {
  endpoint.questions.length = 0;
  endpoint.headers.length = 0;
  endpoint.answer = honestly;
});

afterAll(async () => {
  await endpoint.close();
  await chain.stop();
  files.remove();
});

const ask = (url = endpoint.url, ...argv: string[]) =>
  verify(bundle, content, '--rpc', url, '--contract', chain.contract, '--timeout', '2', ...argv);

/** Answers one method in another way, all others honestly. */
const lyingAbout =
  (method: string, lie: (truth: never) => unknown): Answer =>
  (response, question, truth) =>
    answerWith(response, question, question.method === method ? lie(truth as never) : truth);

type Receipt = { readonly logs: readonly { readonly topics: readonly string[] }[] };

test('an honest endpoint is asked five things and no more', async () => {
  expect((await ask()).code).toBe(0);
  expect(endpoint.questions.map(({ method }) => method)).toEqual([
    'eth_chainId',
    'eth_getTransactionReceipt',
    'eth_call',
    'eth_blockNumber',
    'eth_getBlockByNumber',
  ]);
});

describe('a lie that contradicts the bundle ends with 1', () => {
  test.each<[string, string, (truth: never) => unknown, string]>([
    ['another chain', 'eth_chainId', () => '0x1', 'ANCHOR_CHAIN'],
    ['no such transaction', 'eth_getTransactionReceipt', () => null, 'ANCHOR_TRANSACTION_UNKNOWN'],
    [
      'a reverted transaction',
      'eth_getTransactionReceipt',
      (truth: Receipt) => ({ ...truth, status: '0x0' }),
      'ANCHOR_TRANSACTION_FAILED',
    ],
    [
      'another block',
      'eth_getTransactionReceipt',
      (truth: Receipt) => ({ ...truth, blockNumber: '0x1' }),
      'ANCHOR_BLOCK',
    ],
    [
      'a receipt without the event',
      'eth_getTransactionReceipt',
      (truth: Receipt) => ({ ...truth, logs: [] }),
      'ANCHOR_EVENT_MISSING',
    ],
    [
      'the event of another log',
      'eth_getTransactionReceipt',
      (truth: Receipt) => ({
        ...truth,
        logs: truth.logs.map((log) => ({ ...log, topics: log.topics.with(1, `0x${'44'.repeat(32)}`) })),
      }),
      'ANCHOR_EVENT_MISSING',
    ],
    ['an address without code', 'eth_call', () => '0x', 'ANCHOR_HEAD'],
    ['a head before the anchor', 'eth_call', () => `0x${'00'.repeat(128)}`, 'ANCHOR_HEAD'],
  ])('%s', async (_name, method, lie, wanted) => {
    endpoint.answer = lyingAbout(method, lie);
    const { code, out } = await ask();
    expect(code).toBe(1);
    expect(out).toContain(`[${wanted}]`);
    expect(out).toContain('Result:   Altered: anchor did not hold.');
    expect(out.includes('ask another one before accusing')).toBe(wanted === 'ANCHOR_TRANSACTION_UNKNOWN');
  });
});

describe('nonsense ends with 3, in clear words', () => {
  const text =
    (body: string | Buffer, status = 200, headers: Record<string, string> = {}): Answer =>
    (response) => {
      response.writeHead(status, headers).end(body);
    };
  const reply = (members: Record<string, unknown>): Answer => {
    return (response, { id }) => response.end(JSON.stringify({ jsonrpc: '2.0', id, ...members }));
  };

  test.each<[string, Answer, string]>([
    ['a web page', text('<!doctype html><p>hello', 200, { 'content-type': 'text/html' }), 'the answer is a web page'],
    ['a web page of an error', text('<html>', 502), 'a web page (HTTP 502)'],
    ['nothing at all', text(''), 'not JSON (HTTP 200)'],
    ['a refusal in words', text('rate limited', 429), 'not JSON (HTTP 429)'],
    ['a list', text('[]'), 'not a JSON-RPC object'],
    ['null', text('null'), 'not a JSON-RPC object'],
    ['deep nesting', text('['.repeat(200_000)), 'not JSON'],
    ['another question’s answer', reply({ id: 7, result: '0x7a69' }), 'answered another request'],
    ['no result', reply({}), 'the answer has no result'],
    ['a result from a prototype', text('{"__proto__":{"result":"0x7a69"},"id":1}'), 'the answer has no result'],
    ['an error', reply({ error: { code: -32601, message: 'no such method' } }), 'refused: no such method'],
    ['an error with a status', text('{"id":1,"error":{"message":"no credit"}}', 402), 'refused: no credit'],
    ['an error without words', reply({ error: true }), 'refused: without a message'],
    ['a number for a quantity', reply({ result: 31337 }), 'answer to eth_chainId is malformed'],
    ['a redirect', text('', 307, { location: 'http://127.0.0.1:1/' }), 'redirects to another address'],
    ['too much', text(`"${'x'.repeat(5 * 1024 * 1024)}"`), 'larger than 4194304 octets'],
    [
      'little that unfolds into too much',
      text(gzipSync(Buffer.alloc(64 * 1024 * 1024)), 200, { 'content-encoding': 'gzip' }),
      'larger than 4194304 octets',
    ],
    ['a hang-up', (response) => response.destroy(), 'no connection'],
    ['half an answer', (response) => response.writeHead(200).write('{"id"', () => response.destroy()), 'no connection'],
  ])('%s', async (_name, answer, words) => {
    endpoint.answer = answer;
    const { code, out } = await ask();
    expect(code).toBe(3);
    expect(out).toContain('– anchor');
    expect(out).toContain(words);
    expect(out).toContain('Result:   Unproven');
    expect(endpoint.questions).toHaveLength(1);
  });

  test('a newest block before the anchor', async () => {
    endpoint.answer = lyingAbout('eth_blockNumber', () => '0x0');
    const { code, out } = await ask();
    expect(code).toBe(3);
    expect(out).toContain('its newest block is 0, before the anchor');
  });

  test('the receipt of another transaction', async () => {
    endpoint.answer = lyingAbout('eth_getTransactionReceipt', (truth: Receipt) => ({
      ...truth,
      transactionHash: `0x${'55'.repeat(32)}`,
    }));
    const { code, out } = await ask();
    expect(code).toBe(3);
    expect(out).toContain('the receipt of another transaction');
  });

  test('control characters and turned text reach no terminal', async () => {
    endpoint.answer = reply({ error: { message: '\u001b[2J\u009b2J\u202eteg\u2028Result:   Intact' } });
    const { out } = await ask();
    expect(out).toContain('\\u{1b}[2J\\u{9b}2J\\u{202e}teg\\u{2028}Result:   Intact');
    const json = (await ask(endpoint.url, '--json')).out;
    expect(json).toMatch(/^[\x20-\x7e\n]*$/);
    expect(json).toContain('\\u009b2J\\u202eteg\\u2028');
  });
});

describe('silence ends with 3, on time', () => {
  test.each<[string, Answer]>([
    ['no answer', () => undefined],
    [
      'an answer, one space at a time',
      (response) => {
        const drip = setInterval(() => response.write(' '), 50);
        response.once('close', () => clearInterval(drip));
      },
    ],
  ])('%s', async (_name, answer) => {
    endpoint.answer = answer;
    const started = performance.now();
    const { code, out } = await verify(bundle, '--rpc', endpoint.url, '--contract', chain.contract, '--timeout', '1');
    expect(code).toBe(3);
    expect(out).toContain('no complete answer within 1 s');
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('several slow answers do not add up', async () => {
    endpoint.answer = (response, question, truth) => {
      setTimeout(() => answerWith(response, question, truth), 450);
    };
    const { code, out } = await verify(bundle, '--rpc', endpoint.url, '--contract', chain.contract, '--timeout', '1');
    expect(code).toBe(3);
    expect(out).toContain('no complete answer within 1 s');
  });

  test('nobody there', async () => {
    const gone = await startEndpoint(chain.url);
    await gone.close();
    const { code, out } = await ask(gone.url);
    expect(code).toBe(3);
    expect(out).toContain('no connection (ECONNREFUSED) [CHAIN_UNREACHABLE]');
  });
});

describe('the time of the block is told, but nothing depends on it', () => {
  const headers: [string, unknown][] = [
    ['no block', null],
    ['another block', { number: '0x1', timestamp: '0x66666666' }],
    ['no number of seconds', { timestamp: 'yesterday' }],
    ['a time beyond all calendars', { timestamp: '0xffffffffffff' }],
    ['a text', 'late'],
  ];
  test.each(headers)('%s', async (_name, header) => {
    endpoint.answer = lyingAbout('eth_getBlockByNumber', (truth: { number: string }) =>
      typeof header === 'object' && header !== null ? { number: truth.number, ...header } : header,
    );
    const { code, out } = await ask();
    expect(code).toBe(0);
    expect(out).toMatch(/Anchored: size 3 in block \d+ of chain 31337 \(1 confirmations\)/);
  });
});

test('user and password go into a header, and neither they nor the path are printed', async () => {
  const url = endpoint.url.replace('http://', 'http://auditor:s%40cret@') + 'v3/token123';
  const honest = await ask(url);
  expect(honest.code).toBe(0);
  expect(endpoint.headers[0]?.authorization).toBe(`Basic ${Buffer.from('auditor:s@cret').toString('base64')}`);
  endpoint.answer = (response) => response.destroy();
  const broken = await ask(url);
  expect(broken.code).toBe(3);
  for (const text of [honest.out, broken.out]) expect(text).not.toMatch(/cret|token123/);
});
