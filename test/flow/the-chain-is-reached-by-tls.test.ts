// The chain's endpoint speaks TLS, as every public one does: a service that trusts its authority anchors there, one that does not
// takes versions in all the same and claims no anchor.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ServiceProcess } from '../fault/support/service-process.ts';
import { Authority } from '../support/certificates.ts';
import { observation } from './support/records.ts';
import { eventually, Site } from './support/site.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-rpc-tls-'));
const caFile = path.join(folder, 'ca.pem');
let site: Site;
let endpoint: Server;
let url: string;

beforeAll(async () => {
  const ours = await Authority.create('ours');
  writeFileSync(caFile, ours.cert);
  site = await Site.open();
  endpoint = createServer({ ...(await ours.issue({ ips: ['127.0.0.1'] })) }, (request, response) => {
    void text(request)
      .then((body) => fetch(site.chain.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }))
      .then(async (answer) => response.end(await answer.text()));
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
}, 60_000);

afterAll(async () => {
  endpoint.closeAllConnections();
  endpoint.close();
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

test('without its authority nothing is anchored, and nothing is lost', async () => {
  const service = await ServiceProcess.start(site, { CHAIN_RPC_URL: url });
  try {
    expect((await service.api.submit(observation('a', '1', '4.10'), 'checkpointed')).body.state).toBe('checkpointed');
    const { chain } = await eventually(
      'chain-unreachable',
      () => service.api.log(),
      (log) => log.chain.state === 'chain-unreachable',
    );
    expect(chain.detail).toContain('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  } finally {
    await service.stop();
  }
}, 60_000);

test('with it, everything is confirmed', async () => {
  const service = await ServiceProcess.start(site, { CHAIN_RPC_URL: url, NODE_EXTRA_CA_CERTS: caFile });
  try {
    expect((await service.api.submit(observation('b', '1', '4.10'), 'confirmed')).body.state).toBe('confirmed');
  } finally {
    await service.stop();
  }
}, 60_000);
