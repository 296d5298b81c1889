// A record system rewrites its own history, or passes an old version off as the latest.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Auditor, failures, resultOf } from './support/auditor.ts';
import { observation } from './support/records.ts';
import { Site, type RunningService } from './support/site.ts';

let site: Site;
let service: RunningService;
const one = observation('potassium', '1', '4.20');
const two = observation('potassium', '2', '6.10');

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  await service.api.submit(one);
  await service.api.submit(two, 'confirmed');
}, 60_000);

afterAll(async () => {
  await site.close();
});

describe('other content under a version id that is recorded', () => {
  const rewritten = { ...one, content: one.content.replace('4.20', '5.20') };

  test('is refused with 409, raises an alarm, and writes nothing', async () => {
    const before = await service.api.log();
    const answer = await service.api.submit(rewritten);
    expect([answer.status, answer.body.code]).toEqual([409, 'history-rewritten']);
    expect(answer.body['verdict']).toBe('altered');
    const [alarm] = await service.api.alarms();
    expect(alarm).toMatchObject({
      kind: 'history-rewritten',
      detail: 'other content was submitted for the version recorded at index 0 (altered)',
    });
    expect((await service.api.log()).sizes.sequenced).toBe(before.sizes.sequenced);
  });

  test('in a stream, that line alone is refused', async () => {
    const answers = await service.api.submitMany([observation('sodium', '1', '140'), rewritten]);
    expect(answers.map(({ status, problem }) => [status, problem?.code])).toEqual([
      [201, undefined],
      [409, 'history-rewritten'],
    ]);
  });

  test('a lowered precision or another confidentiality label is other content too', async () => {
    const rounded = await service.api.submit({ ...one, content: one.content.replace('4.20', '4.2') });
    expect([rounded.status, rounded.body['verdict']]).toEqual([409, 'equal']);
    const label =
      '"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"N"}]},';
    const labelled = await service.api.submit({ ...one, content: one.content.replace('"status"', `${label}"status"`) });
    expect([labelled.status, labelled.body['flags']]).toEqual([409, ['labels-changed']]);
  });

  test('the first content stays what is proved', async () => {
    expect((await service.api.verify(one)).body.verdict).toBe('identical');
    const { body } = await service.api.verify(rewritten);
    expect([body.verdict, body.outcome]).toEqual(['altered', 'altered']);
  });
});

describe('an old version passed off as the latest', () => {
  test('compared with the latest, it is altered, and the answer says which older version it is', async () => {
    const { body } = await service.api.verify({
      source: one.source,
      recordId: one.recordId,
      content: one.content,
      mediaType: one.mediaType,
    });
    expect([body.verdict, body.outcome, body.flags]).toEqual(['altered', 'altered', ['superseded']]);
    expect(body.matches).toEqual({ versionId: '1', seq: '1', verdict: 'identical' });
    expect(body.latest).toEqual({ versionId: '2', seq: '2' });
  });

  test('under its own version id, it is identical and superseded', async () => {
    const { body } = await service.api.verify(one);
    expect([body.verdict, body.outcome, body.flags]).toEqual(['identical', 'intact', ['superseded']]);
    expect(resultOf(body, 'latest')).toBe('skipped: SUPERSEDED');
    expect(body.latest).toEqual({ versionId: '2', seq: '2' });
  });

  test('its proof handed over as that of version 2 fails; on its own, it says that it cannot know of newer ones', async () => {
    const bundle = await service.api.bundle(one);
    const auditor = new Auditor(site.chain);
    expect(failures(await auditor.audit(bundle, { ...one, versionId: '2' }))).toEqual(['identity: IDENTITY_MISMATCH']);
    expect(resultOf(await auditor.audit(bundle, one), 'latest')).toBe('skipped: NEEDS_LEDGER');
  });
});
