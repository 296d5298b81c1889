// The graded verdict of formats.md section 10: what is said of every kind of difference.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failures, resultOf } from '../flow/support/auditor.ts';
import type { Verdict } from '../flow/support/record-system.ts';
import { Site, type RunningService } from '../flow/support/site.ts';
import { call } from './support/http.ts';

const FHIR = 'application/fhir+json';
const NARRATIVE = '"text":{"status":"generated","div":"<div>Potassium 6.30</div>"},';
const LABELS = '"meta":{"security":[{"system":"urn:c","code":"R"}]},';
const EXACT = '{"resourceType":"Observation","id":"k",';
const REST = '"status":"final","code":{"text":"Potassium"},"valueQuantity":{"value":6.30,"unit":"mmol/L"}}';
const FIRST = `${EXACT}${LABELS}${NARRATIVE}${REST}`;
const NAME = { source: 'ehr', recordId: 'Observation/k', mediaType: FHIR } as const;

let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  await service.api.submit({ ...NAME, versionId: '1', content: FIRST });
  await service.api.submit({ ...NAME, recordId: 'Patient/p', versionId: '1', content: patient('male') });
  await service.api.submit({ ...NAME, recordId: 'Patient/p', versionId: '2', content: patient('female') });
  await service.api.submit({ ...NAME, recordId: 'Patient/gone', versionId: '1', content: patient('other') });
  const deleted = await call(
    service.url,
    '/v1/records/ehr/Patient%2Fgone/versions?versionId=2&activity=delete&wait=confirmed&timeoutMs=20000',
    { method: 'POST' },
  );
  expect(deleted.status).toBe(201);
}, 60_000);

afterAll(async () => {
  await site.close();
});

function patient(gender: string): string {
  return `{"resourceType":"Patient","id":"p","gender":"${gender}"}`;
}

async function verify(content: string, recordId = 'Observation/k', versionId?: string): Promise<Verdict> {
  const { status, body } = await service.api.verify({
    ...NAME,
    recordId,
    content,
    ...(versionId === undefined ? {} : { versionId }),
  });
  expect(status).toBe(200);
  return body;
}

describe('one version', () => {
  const reordered =
    `{"valueQuantity":{"unit":"mmol/L","value":6.30},"code":{"text":"Potassium"},` +
    `${NARRATIVE}${LABELS}"status":"final","id":"k","resourceType":"Observation"}`;

  test.each<[what: string, content: string, verdict: string, flags: string[], outcome: string]>([
    ['the very octets', FIRST, 'identical', [], 'intact'],
    ['members in another order', reordered, 'equal-exact', [], 'intact'],
    ['white space', FIRST.replaceAll(',', ' ,\n '), 'equal-exact', [], 'intact'],
    [
      'meta that says when and which',
      FIRST.replace('"meta":{', '"meta":{"versionId":"9",'),
      'equal-exact',
      [],
      'intact',
    ],
    ['6.30 as 6.3', FIRST.replace('value":6.30', 'value":6.3'), 'equal', ['precision-differs'], 'intact'],
    ['6.30 as 630e-2', FIRST.replace('value":6.30', 'value":630e-2'), 'equal', ['precision-differs'], 'intact'],
    ['another narrative', FIRST.replace('<div>Potassium', '<div>K'), 'equal-exact', ['narrative-changed'], 'intact'],
    ['no narrative', FIRST.replace(NARRATIVE, ''), 'equal-exact', ['narrative-changed'], 'intact'],
    ['another label', FIRST.replace('"code":"R"', '"code":"N"'), 'equal-exact', ['labels-changed'], 'intact'],
    ['no label', FIRST.replace(LABELS, ''), 'equal-exact', ['labels-changed'], 'intact'],
    ['one changed digit', FIRST.replace('value":6.30', 'value":6.31'), 'altered', [], 'altered'],
    ['a changed code.text', FIRST.replace('"text":"Potassium"', '"text":"Sodium"'), 'altered', [], 'altered'],
    ['a number as a text', FIRST.replace('value":6.30', 'value":"6.30"'), 'altered', [], 'altered'],
    ['one member more', FIRST.replace('"code":{"text"', '"language":"de","code":{"text"'), 'altered', [], 'altered'],
    ['no JSON any more', FIRST.slice(0, -1), 'altered', [], 'altered'],
  ])('%s: %s is %s %j', async (_what, content, verdict, flags, outcome) => {
    const body = await verify(content);
    expect([body.verdict, body.flags, body.outcome]).toEqual([verdict, flags, outcome]);
    expect(resultOf(body, 'content')).toBe(
      verdict !== 'altered' ? 'passed' : content.endsWith('}}') ? 'failed: CONTENT_ALTERED' : 'failed: JSON_MALFORMED',
    );
    expect(resultOf(body, 'anchor')).toBe('passed');
  });

  test('the checks that were made, in their order', async () => {
    const { checks, status } = await verify(FIRST);
    expect(status).toBe('confirmed');
    expect(checks.filter(({ result }) => result === 'passed').map(({ name }) => name)).toEqual([
      'commitment',
      'identity',
      'content',
      'inclusion',
      'checkpoint-signature',
      'anchor',
      'version-chain',
      'latest',
    ]);
  });
});

describe('several versions', () => {
  test('the older content, named by its version id: intact and superseded', async () => {
    const body = await verify(patient('male'), 'Patient/p', '1');
    expect([body.verdict, body.flags, body.outcome]).toEqual(['identical', ['superseded'], 'intact']);
    expect([body.latest, body.matches]).toEqual([{ versionId: '2', seq: '2' }, null]);
    expect(resultOf(body, 'latest')).toBe('skipped: SUPERSEDED');
  });

  test('the older content passed off as the latest: altered, and it is named which one it is', async () => {
    const body = await verify(patient('male'), 'Patient/p');
    expect([body.verdict, body.flags, body.outcome]).toEqual(['altered', ['superseded'], 'altered']);
    expect(body.matches).toEqual({ versionId: '1', seq: '1', verdict: 'identical' });
    expect(failures(body)).toEqual(['content: CONTENT_ALTERED']);
  });

  test('the newer content under the older name: altered, and it is named which one it is', async () => {
    const body = await verify(patient('female'), 'Patient/p', '1');
    expect([body.verdict, body.matches?.versionId]).toEqual(['altered', '2']);
  });

  test('content that cannot be read, where other versions could be meant: altered too', async () => {
    const body = await verify('{', 'Patient/p');
    expect([body.verdict, body.outcome, body.matches]).toEqual(['altered', 'altered', null]);
  });

  test('content of no version: altered, and none is named', async () => {
    const body = await verify(patient('unknown'), 'Patient/p');
    expect([body.verdict, body.flags, body.matches]).toEqual(['altered', [], null]);
  });
});

describe('no content to compare with', () => {
  test('a deleted record: deleted and unproven, and the deleted content is recognised', async () => {
    const body = await verify(patient('other'), 'Patient/gone');
    expect([body.verdict, body.outcome]).toEqual(['deleted', 'unproven']);
    expect(body.matches).toEqual({ versionId: '1', seq: '1', verdict: 'identical' });
    expect(failures(body)).toEqual([]);
    expect((await verify(patient('male'), 'Patient/gone')).matches).toBeNull();
  });

  test('the version before the deletion is as it was', async () => {
    const body = await verify(patient('other'), 'Patient/gone', '1');
    expect([body.verdict, body.flags, body.outcome]).toEqual(['identical', ['superseded'], 'intact']);
  });

  test.each([
    ['an unknown version', 'Patient/p', '3'],
    ['an unknown record', 'Patient/nobody', '1'],
    ['an unknown record without version id', 'Patient/nobody', undefined],
  ])('%s is unknown-version, and neither intact nor altered', async (_what, recordId, versionId) => {
    const body = await verify(patient('male'), recordId, versionId);
    expect([body.verdict, body.status, body.outcome]).toEqual(['unknown-version', 'unknown', 'unproven']);
    expect([body.checks, body.latest, body.matches]).toEqual([[], null, null]);
  });
});
