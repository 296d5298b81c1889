// JsonRpcClient against an endpoint that does as it is told: what is asked, with which credentials, and what an error says.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../scripts/launch/ports.ts';
import { JsonRpcClient, JsonRpcRefusal } from '../../api/src/ledger/chain/json-rpc.ts';

let server: Server;
let port: number;
let reply: (response: ServerResponse) => void;
let headers: IncomingHttpHeaders = {};

beforeAll(async () => {
  server = createServer((request, response) => {
    ({ headers } = request);
    request.resume().once('end', () => reply(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const answers = (answer: object) => (response: ServerResponse) => void response.end(JSON.stringify(answer));

function client(credentials = ''): JsonRpcClient {
  return new JsonRpcClient(`http://${credentials}127.0.0.1:${port}/v3/secret-key?token=secret-token`, 1500);
}

const ask = (of = client()): Promise<unknown> => of.request({ method: 'eth_chainId' });

test('the result of the request that was made', async () => {
  reply = answers({ jsonrpc: '2.0', id: 1, result: '0x7a69' });
  expect(await ask()).toBe('0x7a69');
  expect(headers.authorization).toBeUndefined();
});

test('credentials in the address are sent as Basic authorization, decoded', async () => {
  reply = answers({ jsonrpc: '2.0', id: 1, result: null });
  expect(await ask(client('anchor:p%40ss@'))).toBeNull();
  expect(headers.authorization).toBe(`Basic ${Buffer.from('anchor:p@ss').toString('base64')}`);
});

test('an error of the endpoint is a refusal, with its data', async () => {
  reply = answers({ jsonrpc: '2.0', id: 1, error: { code: 3, message: 'execution reverted', data: '0x08c379a0' } });
  const refusal = await ask().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(JsonRpcRefusal);
  expect(refusal).toMatchObject({ message: 'execution reverted', data: '0x08c379a0' });
});

test('an error without an id is one as well: the endpoint could not read the request', async () => {
  reply = answers({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'parse error' } });
  await expect(ask()).rejects.toBeInstanceOf(JsonRpcRefusal);
});

test.each<[string, (response: ServerResponse) => void, string]>([
  ['another id', answers({ id: 2, result: '0x1' }), 'the answer to eth_chainId belongs to another request'],
  ['no id', answers({ result: '0x1' }), 'the answer to eth_chainId belongs to another request'],
  [
    'a result without an id',
    answers({ id: null, result: '0x1' }),
    'the answer to eth_chainId belongs to another request',
  ],
  ['nothing in it', answers({ id: 1 }), 'the answer to eth_chainId has neither a result nor an error'],
  ['a list', answers([]), 'the answer to eth_chainId is not a JSON-RPC response'],
  ['text', (response) => void response.end('Hello'), 'the answer to eth_chainId is not JSON'],
  ['silence', () => undefined, 'no answer to eth_chainId: nothing complete within 1500 ms'],
  [
    'half an answer',
    (response) => void response.write('{"id":1'),
    'no answer to eth_chainId: nothing complete within 1500 ms',
  ],
  [
    'more than is read',
    (response) => void response.end(Buffer.alloc(3 * 1024 * 1024, 0x20)),
    'no answer to eth_chainId: more than 2097152 octets',
  ],
  ['the end of the connection', (response) => void response.destroy(), 'no answer to eth_chainId: UND_ERR_SOCKET'],
  [
    'the way to somewhere else',
    (response) => void response.writeHead(302, { location: 'http://127.0.0.1:9' }).end(),
    'no answer to eth_chainId: the connection failed',
  ],
])('%s is no answer, and the error names neither the address nor a key', async (_, told, message) => {
  reply = told;
  const error = await ask().catch((found: unknown) => found as Error);
  expect((error as Error).message).toBe(message);
  expect(error).not.toBeInstanceOf(JsonRpcRefusal);
});

test('nobody listens', async () => {
  const nobody = new JsonRpcClient(`http://127.0.0.1:${await freePort()}/`, 5000);
  await expect(nobody.request({ method: 'eth_chainId' })).rejects.toThrow('no answer to eth_chainId: ECONNREFUSED');
});
