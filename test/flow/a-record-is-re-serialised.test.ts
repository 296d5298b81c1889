// The same record comes back from another FHIR server: same content, other octets. What is the same is called the same,
// what differs is named, and chosen fields can be shown without the rest.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Auditor, failures, resultOf } from './support/auditor.ts';
import type { Verdict, Version } from './support/record-system.ts';
import { Site, type RunningService } from './support/site.ts';

const recorded: Version = {
  source: 'ehr',
  recordId: 'Observation/glucose',
  versionId: '3',
  mediaType: 'application/fhir+json',
  content: `{
  "resourceType": "Observation",
  "id": "glucose",
  "meta": { "versionId": "3", "lastUpdated": "2026-03-01T10:00:00Z" },
  "text": { "status": "generated", "div": "<div xmlns=\\"http://www.w3.org/1999/xhtml\\">Glucose 6.30 mmol/L</div>" },
  "status": "final",
  "code": { "coding": [{ "system": "http://loinc.org", "code": "15074-8" }], "text": "Glucose in blood" },
  "subject": { "reference": "Patient/p1" },
  "valueQuantity": { "value": 6.30, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L" },
  "note": [{ "text": "Fasting" }]
}`,
};

let site: Site;
let service: RunningService;
let auditor: Auditor;
let bundle: string;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  auditor = new Auditor(site.chain, [(await service.api.log()).verifierKey]);
  await service.api.submit(recorded, 'confirmed');
  bundle = await service.api.bundle(recorded);
}, 60_000);

afterAll(async () => {
  await site.close();
});

/** The API's answer, after making sure that the auditor's is the same. */
async function judged(content: string, mediaType = recorded.mediaType): Promise<Verdict> {
  const version = { ...recorded, content, mediaType };
  const { status, body } = await service.api.verify(version);
  expect(status).toBe(200);
  const report = await auditor.audit(bundle, version);
  expect([report.verdict, report.outcome, report.flags]).toEqual([body.verdict, body.outcome, body.flags]);
  return body;
}

const META = '"meta": { "versionId": "3", "lastUpdated": "2026-03-01T10:00:00Z" }';

describe('the same record, written by another server', () => {
  test('octet for octet: identical', async () => {
    expect(await judged(recorded.content)).toMatchObject({ verdict: 'identical', outcome: 'intact', flags: [] });
  });

  test('keys reordered, white space dropped, meta rewritten: equal-exact', async () => {
    const content =
      '{"valueQuantity":{"code":"mmol/L","system":"http://unitsofmeasure.org","unit":"mmol/L","value":6.30},' +
      '"subject":{"reference":"Patient/p1"},"status":"final","note":[{"text":"Fasting"}],"resourceType":"Observation",' +
      '"meta":{"lastUpdated":"2027-01-01T00:00:00Z","source":"urn:other-server"},"id":"glucose",' +
      '"code":{"text":"Glucose in blood","coding":[{"code":"15074-8","system":"http://loinc.org"}]},' +
      '"text":{"div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">Glucose 6.30 mmol/L</div>","status":"generated"}}';
    expect(await judged(content)).toMatchObject({ verdict: 'equal-exact', outcome: 'intact', flags: [] });
  });

  test('the narrative regenerated: equal-exact, and the flag says so', async () => {
    const content = recorded.content.replace('Glucose 6.30 mmol/L', 'Glucose: 6.30 mmol/L (generated anew)');
    expect(await judged(content)).toMatchObject({
      verdict: 'equal-exact',
      outcome: 'intact',
      flags: ['narrative-changed'],
    });
  });

  test('called application/json, or with characters escaped: still the same content', async () => {
    const content = recorded.content.replace('Fasting', '\\u0046asting');
    expect(await judged(content, 'application/json')).toMatchObject({ verdict: 'equal-exact', outcome: 'intact' });
  });

  test('6.30 printed as 6.3: equal, and precision-differs', async () => {
    const content = recorded.content.replace('"value": 6.30', '"value": 6.3');
    expect(await judged(content)).toMatchObject({ verdict: 'equal', outcome: 'intact', flags: ['precision-differs'] });
  });

  test('a security label added: the content is equal, and labels-changed', async () => {
    const content = recorded.content.replace(META, '"meta": { "security": [{ "code": "R" }] }');
    expect(await judged(content)).toMatchObject({ verdict: 'equal-exact', flags: ['labels-changed'] });
  });
});

describe('another record', () => {
  test.each([
    ['code.text', 'Glucose in blood', 'Glucose in urine'],
    ['a digit', '6.30', '6.31'],
    ['a unit', '"unit": "mmol/L"', '"unit": "mg/dL"'],
    ['note.text', 'Fasting', 'Not fasting'],
    ['the subject', 'Patient/p1', 'Patient/p2'],
    ['a decomposed letter', 'in blood', 'in blóod'],
  ])('%s changed: altered', async (_what, from, to) => {
    // The narrative shows the value too and is no clinical content: only the last occurrence is changed.
    const at = recorded.content.lastIndexOf(from);
    const content = recorded.content.slice(0, at) + to + recorded.content.slice(at + from.length);
    const verdict = await judged(content);
    expect([verdict.verdict, verdict.outcome]).toEqual(['altered', 'altered']);
    expect(failures(verdict)).toEqual(['content: CONTENT_ALTERED']);
  });
});

describe('chosen fields', () => {
  test('are shown and verified; nothing else of the record is in the bundle', async () => {
    const shown = await service.api.disclose(recorded, ['/valueQuantity', '/code/text']);
    const { disclosed } = JSON.parse(shown) as {
      disclosed: { count: string; fields: { path: string; value: string }[] };
    };
    expect(disclosed.fields.map(({ path, value }) => [path, value])).toEqual([
      ['/code/text', '"Glucose in blood"'],
      ['/valueQuantity/code', '"mmol/L"'],
      ['/valueQuantity/system', '"http://unitsofmeasure.org"'],
      ['/valueQuantity/unit', '"mmol/L"'],
      ['/valueQuantity/value', '6.30'],
    ]);
    expect(disclosed.count).toBe('12');
    for (const hidden of ['Patient/p1', 'Fasting', '15074-8', 'final']) expect(shown).not.toContain(hidden);
    const report = await auditor.audit(shown);
    expect([report.verdict, report.outcome, report.status]).toEqual([null, 'intact', 'confirmed']);
    expect(resultOf(report, 'fields')).toBe('passed');
  });

  test('a field with another value is not in the committed tree; a hidden count is not the committed one', async () => {
    const shown = await service.api.disclose(recorded, ['/valueQuantity/value']);
    expect(failures(await auditor.audit(shown.replace('"value":"6.30"', '"value":"9.30"')))).toEqual([
      'fields: FIELD_NOT_IN_TREE',
    ]);
    expect(failures(await auditor.audit(shown.replace('"count":"12"', '"count":"11"')))).toEqual([
      'fields: FIELDS_MISMATCH',
    ]);
  });

  test('with such a bundle, content cannot be guessed: there is no salt to try it with', async () => {
    const shown = await service.api.disclose(recorded, ['/status']);
    const report = await auditor.audit(shown, recorded);
    expect([report.verdict, report.outcome]).toEqual([null, 'unproven']);
    expect(resultOf(report, 'content')).toBe('skipped: NOT_OPENED');
  });

  test('are not given out for content that was not recorded', async () => {
    const altered = { ...recorded, content: recorded.content.replace('"value": 6.30', '"value": 9.30') };
    await expect(service.api.disclose(altered, ['/status'])).rejects.toThrow('409');
  });
});
