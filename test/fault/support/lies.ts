// What an endpoint may answer instead of the truth: by mistake, by a cache, by a balancer in front of unequal nodes, or on
// purpose. Each alters chosen methods of the real node's answers.

import type { ServerResponse } from 'node:http';
import { sendJson, type Alteration, type RpcAnswer, type RpcCall } from './chain-line.ts';

type Altered = (answer: RpcAnswer, call: RpcCall) => RpcAnswer;

/** Answers of these methods (all, when none is named) are altered. */
function altering(methods: readonly string[], alter: Altered): Alteration {
  return (call, answer, response) =>
    methods.length > 0 && !methods.includes(call.method)
      ? null
      : answer().then((given) => sendJson(response, alter(given, call)));
}

/** Every answer is written by `write`, whatever was asked. */
function writing(write: (response: ServerResponse) => void): Alteration {
  return (_call, _answer, response) => Promise.resolve(write(response));
}

const result =
  (value: unknown): Altered =>
  (answer) => ({ ...answer, result: value });

/** Members of an object in the result are replaced; null stays null: there is no such thing yet. */
const members =
  (alter: (found: Record<string, unknown>) => object): Altered =>
  (answer) =>
    answer.result === null || answer.result === undefined
      ? answer
      : { ...answer, result: { ...answer.result, ...alter(answer.result as Record<string, unknown>) } };

const RECEIPT = ['eth_getTransactionReceipt'];
const hash = (octet: string): string => `0x${octet.repeat(32)}`;
const refusal =
  (message: string): Altered =>
  ({ id }) => ({ id, jsonrpc: '2.0', error: { code: -32005, message } });

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const dripping = setInterval(() => response.write(' '), 50);
  response.once('close', () => clearInterval(dripping));
}

function flood(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const much = Buffer.alloc(1 << 20, 0x20);
  const more = (): void => {
    if (response.destroyed) return;
    response.write(much, () => setImmediate(more));
  };
  more();
}

/** How far the service may go while it is told this, and what it must say of the chain. */
export interface Lie {
  readonly name: string;
  readonly tell: Alteration;
  readonly chain: 'ok' | 'chain-unreachable' | 'chain-mismatch' | 'cannot-anchor';
  readonly reached: 'checkpointed' | 'anchored' | 'confirmed';
}

const lie = (name: string, tell: Alteration, chain: Lie['chain'], reached: Lie['reached'] = 'checkpointed'): Lie => ({
  name,
  tell,
  chain,
  reached,
});

export const LIES: readonly Lie[] = [
  lie(
    'octets that are no JSON',
    writing((response) => response.end('\u0000\u0001garbage')),
    'chain-unreachable',
  ),
  lie(
    'a page in HTML with status 200',
    writing((response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><h1>Sign in</h1>'),
    ),
    'chain-unreachable',
  ),
  lie(
    'an empty body',
    writing((response) => response.end()),
    'chain-unreachable',
  ),
  lie(
    'status 502',
    writing((response) => response.writeHead(502).end('Bad Gateway')),
    'chain-unreachable',
  ),
  lie(
    'a redirection to somewhere else',
    writing((response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end()),
    'chain-unreachable',
  ),
  lie(
    'the connection is reset',
    writing((response) => response.destroy()),
    'chain-unreachable',
  ),
  lie('one octet at a time, without end', writing(drip), 'chain-unreachable'),
  lie('megabytes without end', writing(flood), 'chain-unreachable'),
  lie(
    'an array instead of an answer',
    writing((response) => sendJson(response, [])),
    'chain-unreachable',
  ),
  lie(
    'null instead of an answer',
    writing((response) => sendJson(response, null)),
    'chain-unreachable',
  ),
  lie(
    'neither a result nor an error',
    altering([], ({ id }) => ({ id, jsonrpc: '2.0' })),
    'chain-unreachable',
  ),
  lie(
    'the id of another request',
    altering([], (answer) => ({ ...answer, id: 999_999 })),
    'chain-unreachable',
  ),
  lie('every result is null', altering([], result(null)), 'chain-unreachable'),
  lie('every result is a number', altering([], result(7)), 'chain-unreachable'),
  lie('every result is an empty text', altering([], result('')), 'chain-unreachable'),
  lie('every result is an empty list', altering([], result([])), 'chain-unreachable'),
  lie('numbers without digits', altering(['eth_chainId', 'eth_blockNumber'], result('0x')), 'chain-unreachable'),
  lie(
    'too many requests',
    altering([], refusal('daily request count exceeded, request rate limited')),
    'chain-unreachable',
  ),
  lie('too many requests, for calls only', altering(['eth_call'], refusal('rate limited')), 'chain-unreachable'),
  lie('the id of another chain', altering(['eth_chainId'], result('0x1')), 'chain-mismatch'),
  lie('no code at the contract', altering(['eth_getCode'], result('0x')), 'chain-mismatch'),
  lie('calls answer nothing', altering(['eth_call'], result('0x')), 'chain-mismatch'),
  lie('calls answer with zeros', altering(['eth_call'], result(`0x${'0'.repeat(256)}`)), 'chain-mismatch'),
  lie('block numbers that go backwards', altering(['eth_blockNumber'], goingBackwards()), 'ok', 'anchored'),
  lie('block numbers far in the future', altering(['eth_blockNumber'], result('0xffffffffffff')), 'ok', 'confirmed'),
  lie(
    'receipts of another transaction',
    altering(
      RECEIPT,
      members(() => ({ transactionHash: hash('ab') })),
    ),
    'chain-unreachable',
  ),
  lie(
    'receipts without a status',
    altering(
      RECEIPT,
      members(() => ({ status: null })),
    ),
    'chain-unreachable',
  ),
  lie(
    'receipts with an odd status',
    altering(
      RECEIPT,
      members(() => ({ status: '0x2' })),
    ),
    'chain-unreachable',
  ),
  lie(
    'receipts of a reverted transaction',
    altering(
      RECEIPT,
      members(() => ({ status: '0x0' })),
    ),
    'ok',
  ),
  lie(
    'receipts in a block that is not there',
    altering(
      RECEIPT,
      members(() => ({ blockNumber: '0xffffff' })),
    ),
    'chain-unreachable',
  ),
  lie(
    'receipts in another block',
    altering(
      RECEIPT,
      members(() => ({ blockHash: hash('cd'), logs: [] })),
    ),
    'chain-unreachable',
  ),
  lie(
    'receipts without the announcement',
    altering(
      RECEIPT,
      members(() => ({ logs: [] })),
    ),
    'ok',
  ),
  lie('receipts that announce another root', altering(RECEIPT, members(announceAnother)), 'ok'),
  lie('receipts with the logs of another transaction', altering(RECEIPT, members(foreignLogs)), 'chain-unreachable'),
  lie('no receipt of anything', altering(RECEIPT, result(null)), 'ok'),
  lie(
    'blocks of another height',
    altering(
      ['eth_getBlockByNumber'],
      members(() => ({ number: '0x1' })),
    ),
    'chain-unreachable',
  ),
  lie('transactions are taken and forgotten', forgetting(), 'ok'),
  lie('a gas estimate that is no number', altering(['eth_estimateGas'], result('lots')), 'chain-unreachable'),
  lie('the contract refuses', altering(['eth_estimateGas'], refusal('execution reverted')), 'cannot-anchor'),
  lie('an account without funds', altering(['eth_getBalance'], result('0x0')), 'cannot-anchor'),
];

function goingBackwards(): Altered {
  let told = 0;
  return (answer) => ({ ...answer, result: `0x${Math.max(1, 6 - ++told).toString(16)}` });
}

function announceAnother(receipt: Record<string, unknown>): object {
  const logs = receipt['logs'] as { data: string }[];
  return { logs: logs.map((log) => ({ ...log, data: hash('ef') })) };
}

function foreignLogs(receipt: Record<string, unknown>): object {
  const logs = receipt['logs'] as object[];
  return { logs: logs.map((log) => ({ ...log, transactionHash: hash('ab') })) };
}

function forgetting(): Alteration {
  return (call, _answer, response) =>
    call.method === 'eth_sendRawTransaction'
      ? Promise.resolve(sendJson(response, { id: call.id, jsonrpc: '2.0', result: hash('99') }))
      : null;
}
