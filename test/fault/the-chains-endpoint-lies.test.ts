// The chain's endpoint answers wrongly, in every way that we could think of. Versions are accepted and checkpointed all the
// same, no anchor is claimed that is not on chain, and as soon as the truth is told everything is confirmed, with no scar.

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Transaction } from 'ethers';
import { observation } from '../flow/support/records.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { assertClean } from './support/audit.ts';
import { ChainLine } from './support/chain-line.ts';
import { LIES } from './support/lies.ts';
import { Witness } from './support/witness.ts';

// Each story starts a service or two; on a busy machine that takes its time.
jest.setTimeout(90_000);

const witness = new Witness();
let site: Site;
let line: ChainLine;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  line = await ChainLine.to(site.chain.url);
  service = await site.start({
    CHAIN_RPC_URL: line.url,
    CHAIN_TIMEOUT_MS: '1000',
    // What was sent with a nonce that makes no sense is not waited for long.
    ANCHOR_FEE_BUMP_AFTER_MS: '300',
  });
  expect(await witness.submit(service.api, observation('before', '1', '4.00'), 'confirmed')).toBe(201);
}, 60_000);

afterEach(() => line.alter());

afterAll(async () => {
  await site.close();
  await line.sever();
});

/** The truth is told again, and all that was recorded becomes confirmed, with the last version to show for it. */
async function expectRecovery(id: string): Promise<void> {
  line.alter();
  const version = observation(id, '1', '4.10');
  expect(await witness.submit(service.api, version, 'confirmed')).toBe(200);
  await eventually(
    'the truth',
    () => service.api.log(),
    ({ chain, sizes }) => chain.state === 'ok' && sizes.confirmed === sizes.sequenced,
  );
  await eventually(
    'a proof',
    () => service.api.verify(version),
    ({ body }) => body.outcome === 'intact',
  );
  expect((await service.api.health()).body.parts['stages']?.status).toBe('up');
  await assertClean(site, witness);
}

describe.each(LIES)('$name', ({ name, tell, chain, reached }) => {
  test(`the chain is ${chain}; versions are ${reached} and no further; then all is well`, async () => {
    const before = (await service.api.log()).sizes;
    line.alter(tell);
    expect(await witness.submit(service.api, observation(name, '1', '4.10'), 'checkpointed')).toBe(201);
    const told = await eventually(
      `${chain}, ${reached}`,
      () => service.api.log(),
      ({ chain: seen, sizes }) =>
        seen.state === chain && (reached === 'checkpointed' || sizes[reached] === sizes.sequenced),
    );
    // Everything that was asked of this endpoint has been answered by a lie at least twice.
    line.asked.length = 0;
    await eventually(
      'more questions',
      () => Promise.resolve(line.asked),
      (asked) => asked.length > 4,
    );
    const { sizes } = await service.api.log();
    if (chain === 'chain-mismatch') expect([sizes.anchored, sizes.confirmed]).toEqual(['0', '0']);
    else if (reached === 'checkpointed')
      expect([sizes.anchored, sizes.confirmed]).toEqual([before.anchored, before.confirmed]);
    else if (reached === 'anchored') expect(Number(sizes.confirmed)).toBeLessThan(Number(sizes.sequenced));
    expect(told.sizes.checkpointed).toBe(told.sizes.sequenced);
    await assertClean(site, witness);
    await expectRecovery(name);
  });
});

test('absurd fees are suggested: no more is paid than the operator allows', async () => {
  line.alter((call, answer, response) =>
    call.method === 'eth_maxPriorityFeePerGas'
      ? answer().then((given) => void response.end(JSON.stringify({ ...given, result: `0x${'f'.repeat(40)}` })))
      : null,
  );
  expect(await witness.submit(service.api, observation('fees', '1', '4.10'), 'confirmed')).toBe(201);
  const [row] = await site.read<{ raw_transaction: string }>(
    'SELECT raw_transaction FROM anchor ORDER BY id DESC LIMIT 1',
  );
  const { maxFeePerGas, maxPriorityFeePerGas } = Transaction.from(row?.raw_transaction ?? '');
  expect([maxFeePerGas, maxPriorityFeePerGas]).toEqual([500_000_000_000n, 500_000_000_000n]);
  await expectRecovery('fees');
});

test('an absurd nonce is suggested: the transaction can never be mined, and another one is sent', async () => {
  line.alter((call, answer, response) =>
    call.method === 'eth_getTransactionCount' && call.params[1] === 'pending'
      ? answer().then((given) => void response.end(JSON.stringify({ ...given, result: '0xffff' })))
      : null,
  );
  expect(await witness.submit(service.api, observation('nonce', '1', '4.10'), 'checkpointed')).toBe(201);
  await eventually(
    'an anchor with that nonce',
    () => site.read<{ nonce: string }>('SELECT nonce FROM anchor ORDER BY id'),
    (rows) => rows.some(({ nonce }) => nonce === '65535'),
  );
  await expectRecovery('nonce');
});

test('no alarm but those of anchors that could not be seen was raised', async () => {
  expect(new Set((await service.api.alarms()).map(({ kind }) => kind))).toEqual(new Set());
});
