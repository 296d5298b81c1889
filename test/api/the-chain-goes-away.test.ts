// The chain's endpoint is gone, hangs, or never was there. Versions are accepted and checkpointed all the same, health and
// verdicts say what cannot be seen, no anchor is claimed that was not seen, and everything catches up by itself.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseBundle } from '@medanchor/verifier';
import { observation } from '../flow/support/records.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import type { Verdict } from '../flow/support/record-system.ts';
import { Line } from './support/line.ts';

let site: Site;
let line: Line;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  line = await Line.to(site.chain.url);
}, 60_000);

afterAll(async () => {
  await site.close();
  await line.cut();
});

const settings = (): Record<string, string> => ({ CHAIN_RPC_URL: line.url, CHAIN_TIMEOUT_MS: '300' });

async function chainIs(code: string | undefined): Promise<void> {
  await eventually(
    `chain ${code ?? 'up'}`,
    () => service.api.health(),
    ({ body }) => body.parts['chain']?.code === code,
  );
}

function check(verdict: Verdict, name: string): readonly [string, string | undefined] {
  const found = verdict.checks.find((one) => one.name === name);
  return [found?.result ?? 'not made', found?.code];
}

describe('it was never there', () => {
  test('the service starts, records and checkpoints; nothing is called anchored', async () => {
    await line.cut();
    service = await site.start(settings());
    const version = observation('early', '1', '1.10');
    const { status, body } = await service.api.submit(version, 'checkpointed');
    expect([status, body.state]).toEqual([201, 'checkpointed']);
    await chainIs('chain-unreachable');
    const health = await service.api.health();
    expect([health.status, health.body.status, health.body.parts['stages']?.status]).toEqual([200, 'degraded', 'up']);
    expect((await service.api.log()).sizes).toMatchObject({ checkpointed: '1', anchored: '0', confirmed: '0' });
    const verdict = (await service.api.verify(version)).body;
    expect([verdict.verdict, verdict.status, verdict.outcome]).toEqual(['identical', 'checkpointed', 'unproven']);
    expect(check(verdict, 'anchor')).toEqual(['skipped', 'NOT_ANCHORED']);
    expect(await service.api.anchors()).toEqual([]);
  }, 30_000);

  test('when it comes, what was recorded is anchored', async () => {
    await line.mend();
    const repeated = await service.api.submit(observation('early', '1', '1.10'), 'confirmed');
    expect([repeated.status, repeated.body.state]).toEqual([200, 'confirmed']);
    await chainIs(undefined);
    const verdict = (await service.api.verify(observation('early', '1', '1.10'))).body;
    expect([verdict.status, verdict.outcome]).toEqual(['confirmed', 'intact']);
    expect(check(verdict, 'anchor')).toEqual(['passed', undefined]);
  }, 30_000);
});

describe.each([
  ['refuses connections', () => line.cut()],
  ['takes requests and never answers', () => line.deaden()],
])('it %s', (how, shut) => {
  const kept = observation(`kept ${how}`, '1', '2.20');
  const late = observation(`late ${how}`, '1', '3.30');
  let sizesBefore: readonly string[];

  test('versions are accepted and checkpointed', async () => {
    expect((await service.api.submit(kept, 'confirmed')).body.state).toBe('confirmed');
    sizesBefore = (await service.api.anchors()).map(({ size }) => size);
    await shut();
    await chainIs('chain-unreachable');
    const { status, body } = await service.api.submit(late, 'checkpointed');
    expect([status, body.state]).toEqual([201, 'checkpointed']);
    const health = await service.api.health();
    expect([health.status, health.body.status]).toEqual([200, 'degraded']);
  }, 30_000);

  test('an anchor that was seen keeps its proof, and the verdict says that it cannot be looked at now', async () => {
    const verdict = (await service.api.verify(kept)).body;
    expect([verdict.verdict, verdict.status, verdict.outcome]).toEqual(['identical', 'confirmed', 'unproven']);
    expect(check(verdict, 'anchor')).toEqual(['skipped', 'CHAIN_UNREACHABLE']);
    expect(parseBundle(await service.api.bundle(kept)).anchor?.contract).toBe(site.chain.contract.toLowerCase());
  });

  test('an anchor that was not seen is not claimed', async () => {
    const verdict = (await service.api.verify(late)).body;
    expect([verdict.verdict, verdict.status, verdict.outcome]).toEqual(['identical', 'checkpointed', 'unproven']);
    expect(check(verdict, 'anchor')).toEqual(['skipped', 'NOT_ANCHORED']);
    expect(parseBundle(await service.api.bundle(late)).anchor).toBeNull();
    const held = (await service.api.anchors()).filter(({ state }) => state === 'anchored' || state === 'confirmed');
    expect(held.map(({ size }) => size)).toEqual(sizesBefore);
  });

  test('a presented proof is checked as far as it goes', async () => {
    const { status, body } = await service.api.checkProof(await service.api.bundle(kept));
    expect([status, body.outcome, body.verdict]).toEqual([200, 'unproven', null]);
    expect(check(body, 'anchor')).toEqual(['skipped', 'CHAIN_UNREACHABLE']);
    expect(check(body, 'inclusion')).toEqual(['passed', undefined]);
  });

  test('when it is back, everything catches up', async () => {
    await line.mend();
    expect((await service.api.submit(late, 'confirmed')).body.state).toBe('confirmed');
    await chainIs(undefined);
    expect((await service.api.verify(late)).body.outcome).toBe('intact');
    expect((await service.api.verify(kept)).body.outcome).toBe('intact');
    expect(await service.api.alarms()).toEqual([]);
  }, 30_000);
});
