// The local chain's JSON-RPC door: what it refuses, and how malformed requests are answered.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HDNodeWallet, type TransactionRequest } from 'ethers';
import { startLocalChain, type LocalChain } from '../../scripts/chain/local-chain.ts';

const PHRASE = 'test test test test test test test test test test test junk';
const giver = HDNodeWallet.fromPhrase(PHRASE);
let folder: string;
let chain: LocalChain;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-rpc-'));
  chain = await startLocalChain({ dataDir: folder, port: 0 });
}, 30_000);

afterAll(async () => {
  await chain.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function post(body: string, method = 'POST'): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(chain.url, method === 'POST' ? { method, body } : { method });
  return { status: response.status, answer: await response.json() };
}

async function call(method: string, params: unknown[] = []): Promise<unknown> {
  return (await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))).answer;
}

function transfer(nonce: number): TransactionRequest {
  return {
    type: 2,
    chainId: 31337,
    nonce,
    to: giver.address,
    gasLimit: 21_000n,
    maxFeePerGas: 10n ** 10n,
    maxPriorityFeePerGas: 1n,
  };
}

describe('what would change the chain outside its journal', () => {
  test.each([
    ['evm_mine', []],
    ['evm_increaseTime', ['0x10']],
    ['hardhat_setBalance', [giver.address, '0x1']],
    ['hardhat_reset', []],
    ['eth_sendTransaction', [{ from: giver.address, to: giver.address, value: '0x1' }]],
    ['eth_sign', [giver.address, '0x00']],
  ])('%s is refused, and no block is mined', async (method, params) => {
    expect(await call(method, params)).toMatchObject({
      id: 1,
      error: { code: -32601, message: expect.stringContaining(`${method} is refused by this local chain`) },
    });
    expect(await call('eth_blockNumber')).toMatchObject({ result: '0x0' });
  });

  test('a nonce from the future is refused instead of waiting in memory', async () => {
    expect(await call('eth_sendRawTransaction', [await giver.signTransaction(transfer(5))])).toMatchObject({
      error: { code: -32000, message: expect.stringContaining('nonce too high: got 5') },
    });
  });
});

describe('malformed requests', () => {
  test.each([
    ['no JSON', '{"jsonrpc":', -32700],
    ['no object', '17', -32600],
    ['an empty batch', '[]', -32600],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"eth_chainId"}', -32600],
    ['params that are no list', '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":{}}', -32600],
  ])('%s', async (_name, body, code) => {
    expect(await post(body)).toMatchObject({ status: 200, answer: { jsonrpc: '2.0', error: { code } } });
  });

  test.each([
    ['nothing', []],
    ['no hex', ['hello']],
    ['cut off', ['0x02f86c']],
    ['two of them', ['0x00', '0x00']],
  ])('a raw transaction that is %s', async (_name, params) => {
    expect(await call('eth_sendRawTransaction', params)).toMatchObject({ error: { code: -32602 } });
  });

  test('GET is told to POST', async () => {
    expect(await post('', 'GET')).toMatchObject({ status: 405, answer: { error: { code: -32600 } } });
  });
});

test('many transactions sent at once are mined one by one, and the journal has them in block order', async () => {
  // Nine senders, so that the order among them is free; each has funds from the genesis block.
  const senders = Array.from({ length: 9 }, (_, i) =>
    HDNodeWallet.fromPhrase(PHRASE, '', `m/44'/60'/0'/0/${String(i + 1)}`),
  );
  const raws = await Promise.all(senders.map((sender) => sender.signTransaction(transfer(0))));
  const answers = await Promise.all(raws.map((raw) => call('eth_sendRawTransaction', [raw])));
  for (const answer of answers) expect(answer).toHaveProperty('result');
  const lines = readFileSync(path.join(folder, 'journal.jsonl'), 'utf8').trimEnd().split('\n').slice(1);
  const numbers = lines.map((line) => Number((JSON.parse(line) as { blockNumber: string }).blockNumber));
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
