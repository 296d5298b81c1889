// Yesterday's backup is all that is left. The restore says exactly what the chain knows beyond it; the service signs
// nothing; the operator, having found nothing newer, begins a new epoch in a new contract, and the log goes on. What was
// lost is still proved by whoever kept its proof, against the old contract.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deployRegistry } from '../../scripts/deploy/deploy-registry.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import { runVerifier } from '../flow/support/cli.ts';
import { observation } from '../flow/support/records.ts';
import { eventually } from '../flow/support/site.ts';
import { TEST_ORIGIN } from '../support/chain.ts';
import { runProgram } from './support/command.ts';
import { startNarrowEndpoint } from './support/narrow-endpoint.ts';
import { record, rowsIn, Ward } from './support/ward.ts';

let ward: Ward;
let old: string;
let lostProof: string;
let restoredUrl: string;
const kept = observation('kept0', '1', '4.10');
const lost = observation('lost0', '1', '4.10');

beforeAll(async () => {
  ward = await Ward.open();
  const before = await ward.site.start();
  await record(before, 'kept', 3);
  await before.stop();
  const { ending, file } = await ward.backup('yesterday');
  expect(ending.code).toBe(0);
  old = file;
  const after = await ward.site.start();
  await record(after, 'lost', 4);
  lostProof = await after.api.bundle(lost);
  await after.stop();
}, 60_000);

afterAll(async () => ward.close());

describe('a backup that is older than the chain', () => {
  test('the restore says how much is missing, since when, and that the rest is proven: exit 1', async () => {
    const { code, output, databaseUrl } = await ward.restore(old);
    restoredUrl = databaseUrl;
    expect(code).toBe(1);
    expect(output).toContain(
      "it holds size 7, 4 more than this backup's tree; what was restored is proven up to the anchor of size 3",
    );
    expect(output).toMatch(/proven by size 3, root [0-9a-f]{64}, block [0-9]+ \(2.*Z\), transaction 0x[0-9a-f]{64}/);
    expect(output).toMatch(
      /[12] anchors? (?:is|are) newer than this backup:\n(.*\n)?.*size 7, root [0-9a-f]{64}, block [0-9]+ \(2/,
    );
    expect(output).toContain('The backup is older than the chain');
    expect(await rowsIn(restoredUrl)).toBeGreaterThan(0n);
  }, 30_000);

  test('the same from an endpoint that gives events of two blocks at a time', async () => {
    const endpoint = await startNarrowEndpoint(ward.site.chain.url, 2);
    try {
      const { code, output } = await ward.restoreHere(old, { CHAIN_RPC_URL: endpoint.url });
      expect([code, output]).toEqual([1, expect.stringContaining('proven up to the anchor of size 3')]);
      expect(output).toMatch(/size 7, root [0-9a-f]{64}, block [0-9]+ \(2/);
      expect(endpoint.refused).toBeGreaterThan(5);
      expect(endpoint.answered).toBeGreaterThan(0);
    } finally {
      await endpoint.stop();
    }
  }, 30_000);

  test('the service accepts versions, and signs nothing', async () => {
    const service = await ward.site.start({ DATABASE_URL: restoredUrl });
    const { chain } = await eventually(
      'the mismatch',
      () => service.api.log(),
      (log) => log.chain.state === 'chain-mismatch',
    );
    expect(chain.detail).toBe('the contract holds size 7, this log has only 3 entries (an old backup?)');
    await service.api.submit(observation('meanwhile', '1', '5.00'), 'integrated');
    expect((await service.api.log()).sizes).toMatchObject({ integrated: '4', checkpointed: '3' });
    await service.stop();
  }, 30_000);

  test('a new epoch in the same contract is refused; in a new contract it begins, and the log goes on', async () => {
    const settings = ward.settings(restoredUrl);
    const reason =
      'restored from the backup of size 3; entries 3 to 6 are lost, their anchors stay in the old contract';
    const refused = await runProgram('epoch', ['--reason', reason], settings);
    expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('there is nothing to leave')]);
    const { contract } = await deployRegistry({
      rpcUrl: ward.site.chain.url,
      anchorKey: ward.site.chain.anchorKey,
      origin: TEST_ORIGIN,
      file: ward.file('deployment.json'),
      whenDone: 'deploy-again',
    });
    expect(contract).not.toBe(ward.site.chain.contract);
    const begun = await runProgram('epoch', ['--reason', reason], { ...settings, ANCHOR_CONTRACT: contract });
    expect([begun.code, begun.output]).toEqual([
      0,
      expect.stringContaining(`Epoch 2 has begun: this log is anchored in ${contract}`),
    ]);

    const service = await ward.site.start({ DATABASE_URL: restoredUrl, ANCHOR_CONTRACT: contract });
    expect((await service.api.submit(observation('on', '1', '5.10'), 'confirmed')).body.state).toBe('confirmed');
    const log = await service.api.log();
    expect(log.chain.state).toBe('ok');
    expect(log.epochs.map(({ epoch, reason: why }) => [epoch, why])).toEqual([
      [1, 'first anchoring epoch'],
      [2, reason],
    ]);
    // The missing versions are sent again, as a record system's reconciliation does.
    expect((await service.api.submit(lost, 'confirmed')).body.state).toBe('confirmed');
    const proof = await service.api.bundle(kept);
    await service.stop();
    const { code, output } = runVerifier(proof, kept.content, ['--rpc', ward.site.chain.url, '--contract', contract]);
    expect([code, output]).toEqual([0, expect.stringContaining('Intact')]);
  }, 60_000);

  test('the proof of a lost entry still holds against the old contract, with the auditor’s command', () => {
    const { code, output } = runVerifier(lostProof, lost.content, [
      '--rpc',
      ward.site.chain.url,
      '--contract',
      ward.site.chain.contract,
    ]);
    expect([code, output]).toEqual([0, expect.stringContaining('Intact')]);
  });

  test('a backup from after the new epoch is proven by the new contract; one from before it is not complete', async () => {
    const contract = (JSON.parse(readFileSync(ward.file('deployment.json'), 'utf8')) as { contract: string }).contract;
    const file = ward.file('today');
    const settings = { ...ward.settings(restoredUrl), ANCHOR_CONTRACT: contract };
    expect((await runProgram('backup', ['--to', file], settings)).code).toBe(0);
    const today = await ward.restoreHere(file, { ANCHOR_CONTRACT: contract });
    expect([today.code, today.output]).toEqual([0, expect.stringContaining('Restored and proven')]);
    const yesterday = await ward.restoreHere(old, { ANCHOR_CONTRACT: contract });
    expect(yesterday.code).toBe(1);
    expect(yesterday.output).toContain(`contract ${ward.site.chain.contract} on chain 31337: it holds size 7`);
    expect(yesterday.output).toContain(`contract ${contract} on chain 31337: it holds size`);
  }, 60_000);
});

describe('a chain that cannot be asked', () => {
  test.each([
    [
      'not reachable',
      async () => ({ CHAIN_RPC_URL: `http://127.0.0.1:${await freePort()}` }),
      /does not answer eth_chainId/,
    ],
    ['not given', async () => ({ CHAIN_RPC_URL: '' }), /there is no chain to ask/],
  ])(
    '%s: restored, but unproven, and it says so: exit 3',
    async (_name, settings, reason) => {
      const { code, output, databaseUrl } = await ward.restoreHere(old, await settings());
      expect([code, output]).toEqual([3, expect.stringContaining('Restored, but UNPROVEN')]);
      expect(output).toMatch(reason);
      expect(await rowsIn(databaseUrl)).toBeGreaterThan(0n);
    },
    30_000,
  );
});
