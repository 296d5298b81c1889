// The states of a version, from sequenced to confirmed, and what is said while one has not been reached.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { observation } from '../flow/support/records.ts';
import { resultOf } from '../flow/support/auditor.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { call, json, post } from './support/http.ts';

const STATES = ['sequenced', 'integrated', 'checkpointed', 'anchored', 'confirmed'];

describe('while no checkpoint is signed', () => {
  let site: Site;
  let service: RunningService;
  const version = observation('waiting', '1', '4.20');

  beforeAll(async () => {
    site = await Site.open();
    service = await site.start({ CHECKPOINT_INTERVAL_MS: '3600000' });
    // The stage looks once when it starts, and must have found nothing.
    await new Promise((resolve) => setTimeout(resolve, 300));
  }, 60_000);

  afterAll(async () => {
    await site.close();
  });

  test('a submission is answered at once, and waiting for more ends with the state that was reached', async () => {
    expect((await service.api.submit(version)).body.state).toBe('sequenced');
    const integrated = await post(service.url, `${path(version)}&wait=integrated`, version.mediaType, version.content);
    expect([integrated.status, json(integrated)['state']]).toEqual([200, 'integrated']);
    const start = Date.now();
    const query = `${path(version)}&wait=anchored&timeoutMs=300`;
    const late = await post(service.url, query, version.mediaType, version.content);
    expect([late.status, json(late)['state']]).toEqual([200, 'integrated']);
    expect(Date.now() - start).toBeGreaterThanOrEqual(300);
    expect(Date.now() - start).toBeLessThan(5000);
  });

  test('there is no proof yet, and it says so', async () => {
    expect(await service.api.proofProblem(version)).toMatchObject({
      status: 409,
      body: { code: 'not-yet-integrated' },
    });
    await expect(service.api.disclose(version, ['/status'])).rejects.toThrow(/409 .*not-yet-integrated/);
    const checkpoint = await call(service.url, '/checkpoint');
    expect([checkpoint.status, json(checkpoint)['code']]).toEqual([404, 'not-found']);
    expect((await service.api.log()).sizes).toEqual({
      sequenced: '1',
      integrated: '1',
      checkpointed: '0',
      anchored: '0',
      confirmed: '0',
    });
    expect(await service.api.anchors()).toEqual([]);
  });

  test('content can be compared, and what is missing is not claimed', async () => {
    const { body } = await service.api.verify(version);
    expect([body.verdict, body.status, body.outcome]).toEqual(['identical', 'integrated', 'unproven']);
    expect(body.checks.map(({ name }) => [name, resultOf(body, name)])).toEqual([
      ['content', 'passed'],
      ['inclusion', 'skipped: '],
      ['checkpoint-signature', 'skipped: '],
      ['anchor', 'skipped: '],
      ['version-chain', 'passed'],
      ['latest', 'passed'],
    ]);
    const altered = await service.api.verify({ ...version, content: version.content.replace('4.20', '5.20') });
    expect([altered.body.verdict, altered.body.outcome]).toEqual(['altered', 'altered']);
  });

  test('content that cannot be read is altered here as it is later', async () => {
    const { body } = await service.api.verify({ ...version, content: '{' });
    expect([body.verdict, body.outcome]).toEqual(['altered', 'altered']);
  });

  test('a deletion is deleted here as it is later, and the deleted content is found', async () => {
    const gone = observation('gone', '1', '4.20');
    await service.api.submit(gone);
    const deletion = await call(service.url, `${path({ ...gone, versionId: '2' })}&activity=delete`, {
      method: 'POST',
    });
    expect(deletion.status).toBe(201);
    const { versionId: _latest, ...latest } = gone;
    const { body } = await service.api.verify(latest);
    expect([body.verdict, body.outcome, body.matches?.versionId]).toEqual(['deleted', 'unproven', '1']);
    expect(resultOf(body, 'content')).toBe('skipped: NO_CONTENT_COMMITTED');
  });
});

describe('with the stages running', () => {
  let site: Site;
  let service: RunningService;

  beforeAll(async () => {
    site = await Site.open();
    service = await site.start();
  }, 60_000);

  afterAll(async () => {
    await site.close();
  });

  test('a version moves through the states in their order, and never back', async () => {
    const version = observation('moving', '1', '4.20');
    const seen = [(await service.api.submit(version)).body.state];
    await eventually(
      'confirmed',
      async () => {
        const reply = json(await call(service.url, '/v1/records/ehr/Observation%2Fmoving/versions/1'));
        if (seen.at(-1) !== reply['state']) seen.push(String(reply['state']));
        return reply['state'];
      },
      (state) => state === 'confirmed',
    );
    expect(seen[0]).toBe('sequenced');
    expect(seen).toEqual(STATES.filter((state) => seen.includes(state)));
    const { body } = await service.api.verify(version);
    expect([body.verdict, body.status, body.outcome]).toEqual(['identical', 'confirmed', 'intact']);
    expect(['inclusion', 'checkpoint-signature', 'anchor'].map((name) => resultOf(body, name))).toEqual([
      'passed',
      'passed',
      'passed',
    ]);
  });

  test.each(STATES)('wait=%s answers with that state or a later one', async (state) => {
    const { status, body } = await service.api.submit(observation(`wait-${state}`, '1', '4.20'), state);
    expect([status, STATES.indexOf(body.state) >= STATES.indexOf(state)]).toEqual([201, true]);
  });
});

function path({ recordId, versionId }: { recordId: string; versionId: string }): string {
  return `/v1/records/ehr/${encodeURIComponent(recordId)}/versions?versionId=${versionId}`;
}
