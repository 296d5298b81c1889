// Chosen fields of a version, proved without the rest: the bundle shows what was asked for and nothing else.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseBundle } from '@medanchor/verifier';
import { Auditor, failures, resultOf } from '../flow/support/auditor.ts';
import { Site, type RunningService } from '../flow/support/site.ts';
import { json, post, type Reply } from './support/http.ts';

const FHIR = 'application/fhir+json';
// Every value that is not disclosed contains "hidden".
const CONTENT =
  '{"resourceType":"Observation","id":"hidden-id","meta":{"versionId":"hidden-meta"},"status":"final",' +
  '"text":{"status":"generated","div":"<div>hidden-narrative</div>"},' +
  '"code":{"coding":[{"system":"http://loinc.org","code":"2823-3"}],"text":"hidden-text"},' +
  '"a/b":"hidden-slash","subject":{"reference":"Patient/hidden-patient"},' +
  '"valueQuantity":{"value":6.30,"unit":"mmol/L"},"note":[]}';
const VERSION = { source: 'ehr', recordId: 'Observation/k', versionId: '1' } as const;

let site: Site;
let service: RunningService;
let auditor: Auditor;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  await service.api.submit({ ...VERSION, content: CONTENT, mediaType: FHIR });
  await post(service.url, '/v1/records/ehr/Observation%2Fk/versions?versionId=bare&fields=off', FHIR, CONTENT);
  const last = await service.api.submit({ ...VERSION, versionId: '2', content: CONTENT, mediaType: FHIR }, 'confirmed');
  expect(last.body.state).toBe('confirmed');
  auditor = new Auditor(site.chain, [(await service.api.log()).verifierKey]);
}, 60_000);

afterAll(async () => {
  await site.close();
});

function disclose(pointers: readonly string[], content = CONTENT, versionId = '1'): Promise<Reply> {
  const query = new URLSearchParams(pointers.map((pointer) => ['disclose', pointer])).toString();
  return post(service.url, `/v1/records/ehr/Observation%2Fk/versions/${versionId}/proof?${query}`, FHIR, content);
}

function shown(reply: Reply): readonly (readonly [string, string])[] {
  expect([reply.status, reply.headers.get('content-type'), reply.headers.get('cache-control')]).toEqual([
    200,
    'application/vnd.medanchor.bundle+json; charset=utf-8',
    'private, no-store',
  ]);
  return (parseBundle(reply.text).disclosed?.fields ?? []).map(({ path, value }) => [path, value]);
}

test.each<[what: string, pointers: string[], fields: (readonly [string, string])[]]>([
  ['one value, as it was written', ['/valueQuantity/value'], [['/valueQuantity/value', '6.30']]],
  [
    'a prefix: everything below it',
    ['/code/coding'],
    [
      ['/code/coding/0/code', '"2823-3"'],
      ['/code/coding/0/system', '"http://loinc.org"'],
    ],
  ],
  [
    'several, in the order of the document',
    ['/status', '/note'],
    [
      ['/note', '[]'],
      ['/status', '"final"'],
    ],
  ],
  ['one of them twice', ['/status', '/status'], [['/status', '"final"']]],
])('%s', async (_what, pointers, fields) => {
  const reply = await disclose(pointers);
  expect(shown(reply)).toEqual(fields);
  const report = await auditor.audit(reply.text);
  expect([report.outcome, failures(report), resultOf(report, 'fields'), resultOf(report, 'identity')]).toEqual([
    'intact',
    [],
    'passed',
    'passed',
  ]);
});

test('nothing else of the record is in the bundle, and no salt that would open it', async () => {
  const reply = await disclose(['/status', '/valueQuantity']);
  expect(shown(reply).map(([path]) => path)).toEqual(['/status', '/valueQuantity/unit', '/valueQuantity/value']);
  expect(reply.text).not.toMatch(/hidden|2823-3|loinc/);
  const bundle = parseBundle(reply.text);
  expect(bundle.opening?.components.filter(({ salt }) => salt !== undefined).map(({ name }) => name)).toEqual([
    'identity',
    'fields',
  ]);
  // Who holds it cannot tell whether other content is that of the record.
  const report = await auditor.audit(reply.text, { ...VERSION, content: CONTENT, mediaType: FHIR });
  expect([report.verdict, report.outcome]).toEqual([null, 'unproven']);
});

test('the same field of two versions has another salt and another leaf', async () => {
  const [one, two] = await Promise.all([disclose(['/status']), disclose(['/status'], CONTENT, '2')]);
  const [first, second] = [one, two].map((reply) => parseBundle(reply.text).disclosed?.fields[0]?.salt);
  expect(first).not.toEqual(second);
});

test('a changed value, another field’s proof, or a path that was moved is noticed', async () => {
  const { text } = await disclose(['/status']);
  for (const forged of [text.replace('\\"final\\"', '\\"amended\\"'), text.replace('"/status"', '"/state"')]) {
    expect(forged).not.toBe(text);
    expect(failures(await auditor.audit(forged))).toEqual(['fields: FIELD_NOT_IN_TREE']);
  }
});

test.each<[what: string, pointers: string[], content: string, versionId: string, status: number, code: string]>([
  ['nothing is there', ['/status', '/nothing'], CONTENT, '1', 400, 'disclosure-malformed'],
  ['half a name', ['/stat'], CONTENT, '1', 400, 'disclosure-malformed'],
  ['metadata, which is not committed', ['/meta/versionId'], CONTENT, '1', 400, 'disclosure-malformed'],
  ['other content', ['/status'], CONTENT.replace('6.30', '6.31'), '1', 409, 'content-differs'],
  ['content of another precision', ['/status'], CONTENT.replace('6.30', '6.3'), '1', 409, 'content-differs'],
  ['recorded without fields', ['/status'], CONTENT, 'bare', 409, 'fields-not-committed'],
  ['an unknown version', ['/status'], CONTENT, '9', 404, 'unknown-version'],
  ['no content', ['/status'], '', '1', 400, 'content-missing'],
  ['content that cannot be read', ['/status'], '{', '1', 422, 'content-malformed'],
])('%s: %j is refused', async (_what, pointers, content, versionId, status, code) => {
  const reply = await disclose(pointers, content, versionId);
  expect([reply.status, json(reply)['code']]).toEqual([status, code]);
});

test('a slash in a name is written ~1', async () => {
  expect(shown(await disclose(['/a~1b']))).toEqual([['/a~1b', '"hidden-slash"']]);
});
