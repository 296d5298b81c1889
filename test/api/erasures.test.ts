// Erasure over HTTP: counted, asked for by one person, approved by another, with receipts and proofs; by record and by
// patient; and everything that is refused.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { observation } from '../flow/support/records.ts';
import type { Version } from '../flow/support/record-system.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { authorization } from '../support/sign-in.ts';
import { as, startWithPersons, type Spoken } from './support/persons.ts';
import { metric } from './support/http.ts';

let site: Site;
let service: RunningService;

const ERASURES = '/v1/sources/ehr/erasures';
const HOLDS = '/v1/sources/ehr/legal-holds';
const BASIS = { basis: 'gdpr-17-1-a' };

/** About another patient than `observation` has. */
function about(patient: string, id: string, versionId = '1'): Version {
  const version = observation(id, versionId, '4.10');
  return { ...version, content: version.content.replace('Patient/p1', patient) };
}

const ask = (body: object | string, caller: string | null = 'anna'): Promise<Spoken> =>
  as(caller, service.url, 'POST', ERASURES, body);
const decide = (id: unknown, what: 'approval' | 'refusal', caller: string | null = 'boris'): Promise<Spoken> =>
  as(caller, service.url, 'POST', `${ERASURES}/${String(id)}/${what}`);
const fault = ({ status, body }: Spoken): readonly [number, unknown] => [status, body['code']];

beforeAll(async () => {
  site = await Site.open();
  service = await startWithPersons(site);
  const patients = [
    about('Patient/one', 'one-a'),
    about('Patient/one', 'one-b'),
    about('Patient/one/_history/7', 'one-b', '2'),
    about('Patient/two', 'two-a'),
    about('Patient/two', 'two-b'),
    about('#contained', 'nobody'),
    { ...about('Patient/x', 'x'), recordId: 'Patient/one', content: '{"resourceType":"Patient","id":"one"}' },
    ...['r1', 'r2', 'r3', 'r4', 'r5', 'r6'].map((id) => about('Patient/rest', id)),
  ];
  for (const version of patients) expect((await service.api.submit(version)).status).toBe(201);
}, 60_000);

afterAll(async () => {
  await service.stop();
  await site.close();
});

describe('a record', () => {
  test('is counted, asked for, approved by somebody else, and gone; the receipt has its proof', async () => {
    const wanted = { recordId: 'Observation/r1', note: 'DSR-2026/17', ...BASIS };
    expect(await as('anna', service.url, 'POST', `${ERASURES}?preview=true`, wanted)).toEqual({
      status: 200,
      body: { records: '1', versions: '1', held: '0' },
    });
    const asked = await ask(wanted);
    expect(asked).toMatchObject({
      status: 201,
      body: {
        state: 'requested',
        basis: 'gdpr-17-1-a',
        note: 'DSR-2026/17',
        bySubject: false,
        requestedBy: 'http://localhost:3000/oidc anna',
        decidedBy: null,
        remaining: { records: '1', versions: '1', held: '0' },
        erased: [],
      },
    });
    const { id } = asked.body;
    // Nothing has happened yet.
    expect((await service.api.verify(about('Patient/rest', 'r1'))).body.verdict).toBe('identical');
    const done = await decide(id, 'approval');
    expect(done).toMatchObject({
      status: 200,
      body: { state: 'done', decidedBy: 'http://localhost:3000/oidc boris', remaining: { records: '0' } },
    });
    const [receipt] = done.body['erased'] as readonly Record<string, string>[];
    expect(receipt).toMatchObject({ index: '13', seq: '2', versions: '1', basis: 'gdpr-17-1-a' });
    expect((await service.api.verify(about('Patient/rest', 'r1'))).body.verdict).toBe('unknown-version');
    const proof = await eventually(
      'a proof of the erasure',
      () => as('anna', service.url, 'GET', receipt?.['proof'] ?? ''),
      ({ status }) => status === 200,
    );
    expect(proof.body).toMatchObject({
      format: 'medanchor-bundle/1',
      opening: null,
      entry: {
        kind: 'record-erasure',
        basis: 'gdpr-17-1-a: no longer needed for its purpose',
        recordRef: receipt?.['recordRef'],
      },
    });
    expect((await service.api.checkProof(JSON.stringify(proof.body))).body.status).not.toBe('unknown');
    expect(await metric(service.url, 'medanchor_erase_records_total{basis="gdpr-17-1-a"}')).toBe(1);
    // Approved again, it stays as it was done.
    const again = await decide(id, 'approval', 'clara');
    expect(again.body).toMatchObject({ state: 'done', decidedBy: 'http://localhost:3000/oidc boris' });
    const { body } = await as('anna', service.url, 'GET', ERASURES);
    expect((body['erasures'] as readonly object[])[0]).toMatchObject({ id, state: 'done' });
    expect(body['next']).toBeNull();
  });

  test('cannot be approved or refused by who asked for it', async () => {
    const { body } = await ask({ recordIds: ['Observation/r2'], ...BASIS });
    expect(fault(await decide(body['id'], 'approval', 'anna'))).toEqual([403, 'own-work']);
    expect(fault(await decide(body['id'], 'refusal', 'anna'))).toEqual([403, 'own-work']);
    const refused = await decide(body['id'], 'refusal');
    expect(refused.body).toMatchObject({ state: 'refused', remaining: { records: '1' }, erased: [] });
    expect(fault(await decide(body['id'], 'approval', 'clara'))).toEqual([409, 'request-decided']);
    expect(fault(await decide(body['id'], 'refusal', 'clara'))).toEqual([409, 'request-decided']);
    expect((await service.api.verify(about('Patient/rest', 'r2'))).body.verdict).toBe('identical');
  });

  test('is not erased by a machine, nor by nobody', async () => {
    const wanted = { recordId: 'Observation/r2', ...BASIS };
    expect(fault(await ask(wanted, 'client-ehr'))).toEqual([403, 'persons-only']);
    expect(fault(await ask(wanted, null))).toEqual([401, 'token-missing']);
    const { body } = await ask(wanted);
    expect(fault(await decide(body['id'], 'approval', 'client-ehr'))).toEqual([403, 'persons-only']);
  });
});

describe('a patient', () => {
  test('is forgotten as a whole, and nobody else is; what came after the request included', async () => {
    const wanted = { subject: 'Patient/one', ...BASIS, basis: 'gdpr-17-1-b' };
    const preview = await as('anna', service.url, 'POST', `${ERASURES}?preview=true`, wanted);
    // Two observations with three versions, and the patient's own record.
    expect(preview.body).toEqual({ records: '3', versions: '4', held: '0' });
    const asked = await ask(wanted);
    expect(asked.body).toMatchObject({ bySubject: true, remaining: { records: '3' } });
    await service.api.submit(about('Patient/one', 'one-late'));
    const done = await decide(asked.body['id'], 'approval');
    expect(done.body).toMatchObject({ state: 'done', remaining: { records: '0', versions: '0', held: '0' } });
    expect((done.body['erased'] as readonly { versions: string }[]).map(({ versions }) => versions).sort()).toEqual([
      '1',
      '1',
      '1',
      '2',
    ]);
    for (const id of ['one-a', 'one-b', 'one-late'])
      expect((await service.api.verify(about('Patient/one', id))).body.verdict).toBe('unknown-version');
    expect((await service.api.verify(about('Patient/two', 'two-a'))).body.verdict).toBe('identical');
    // The pseudonym of the patient is nowhere any more: not on a record, not in the request.
    expect(
      await site.read(
        `SELECT (SELECT count(*)::int FROM erasure_request WHERE subject_ref IS NOT NULL) AS requests,
                (SELECT count(*)::int FROM record WHERE erased_at IS NOT NULL AND subject_ref IS NOT NULL) AS records`,
      ),
    ).toEqual([{ requests: 0, records: 0 }]);
    expect(fault(await ask(wanted))).toEqual([404, 'unknown-subject']);
  });

  test('of another source with the same reference is another patient', async () => {
    await service.api.submit({ ...about('Patient/two', 'elsewhere'), source: 'lab' });
    const preview = await as('anna', service.url, 'POST', `${ERASURES}?preview=true`, {
      subject: 'Patient/two',
      ...BASIS,
    });
    expect(preview.body).toEqual({ records: '2', versions: '2', held: '0' });
    const other = await as('anna', service.url, 'POST', '/v1/sources/lab/erasures?preview=true', {
      subject: 'Patient/two',
      ...BASIS,
    });
    expect(other.body).toEqual({ records: '1', versions: '1', held: '0' });
  });

  test('named by the sender counts for content that names none, and a later version can move a record', async () => {
    const raw = { source: 'ehr', recordId: 'scan-1', versionId: '1', content: 'a scan', mediaType: 'image/png' };
    const line = { source: 'ehr', recordId: 'scan-2', versionId: '1', contentBase64: 'AAEC', mediaType: 'image/png' };
    const path = `/v1/records/ehr/scan-1/versions?versionId=1&subject=${encodeURIComponent('Patient/scanned')}`;
    const sent = await fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': raw.mediaType, ...(await authorization(service.url)) },
      body: raw.content,
    });
    expect(sent.status).toBe(201);
    const lines = await fetch(`${service.url}/v1/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', ...(await authorization(service.url)) },
      body: `${JSON.stringify({ ...line, subject: 'Patient/scanned' })}\n`,
    });
    expect(await lines.text()).toContain('"status":201');
    const count = async (subject: string): Promise<unknown> =>
      (await as('anna', service.url, 'POST', `${ERASURES}?preview=true`, { subject, ...BASIS })).body['records'] ??
      'none';
    expect(await count('Patient/scanned')).toBe('2');
    // The scan was filed under the wrong patient; its next version says so.
    await fetch(
      `${service.url}/v1/records/ehr/scan-1/versions?versionId=2&subject=${encodeURIComponent('Patient/other')}`,
      {
        method: 'POST',
        headers: { 'content-type': raw.mediaType, ...(await authorization(service.url)) },
        body: 'a scan, filed again',
      },
    );
    expect([await count('Patient/scanned'), await count('Patient/other')]).toEqual(['1', '1']);
    // The first version is delivered once more: that moves nothing.
    const again = await fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': raw.mediaType, ...(await authorization(service.url)) },
      body: raw.content,
    });
    expect(again.status).toBe(200);
    expect([await count('Patient/scanned'), await count('Patient/other')]).toEqual(['1', '1']);
    expect(await count('Patient/nobody')).toBe('none');
    expect(await count('#contained')).toBe('none');
  });
});

describe('a legal hold', () => {
  const place = (body: object): Promise<Spoken> => as('anna', service.url, 'POST', HOLDS, body);
  const release = (id: unknown): Promise<Spoken> => as('boris', service.url, 'POST', `${HOLDS}/${String(id)}/release`);

  test.each([
    ['record', { recordId: 'Observation/r3' }],
    ['subject', { subject: 'Patient/rest' }],
    ['source', { wholeSource: true as const }],
  ])('on a %s refuses the erasure until it is released', async (scope, target) => {
    const { status, body } = await place({ ...target, reason: 'court-4711' });
    expect([status, body['scope'], body['reason'], body['releasedAt']]).toEqual([201, scope, 'court-4711', null]);
    const wanted = { recordIds: ['Observation/r3'], ...BASIS };
    const refused = await ask(wanted);
    expect([...fault(refused), refused.body['held']]).toEqual([409, 'legal-hold', 1]);
    const preview = await as('anna', service.url, 'POST', `${ERASURES}?preview=true`, wanted);
    expect(preview.body).toEqual({ records: '1', versions: '1', held: '1' });
    const released = await release(body['id']);
    expect(released).toMatchObject({ status: 200, body: { releasedBy: 'http://localhost:3000/oidc boris' } });
    expect((await release(body['id'])).body['releasedAt']).toBe(released.body['releasedAt']);
    expect((await ask(wanted)).status).toBe(201);
    const { body: list } = await as('anna', service.url, 'GET', HOLDS);
    expect((list['holds'] as readonly object[])[0]).toMatchObject({ id: body['id'], scope });
  });

  test('that comes between request and approval refuses the approval, and the request waits', async () => {
    const { body } = await ask({ recordIds: ['Observation/r4', 'Observation/r5'], ...BASIS });
    const hold = await place({ recordId: 'Observation/r5', reason: 'court-4712' });
    expect(fault(await decide(body['id'], 'approval'))).toEqual([409, 'legal-hold']);
    expect((await as('anna', service.url, 'GET', `${ERASURES}/${String(body['id'])}`)).body).toMatchObject({
      state: 'requested',
      remaining: { records: '2', held: '1' },
    });
    await release(hold.body['id']);
    expect((await decide(body['id'], 'approval')).body).toMatchObject({ state: 'done' });
  });
});

describe('what is refused', () => {
  test.each<readonly [string, object | string, number, string]>([
    ['no JSON', '{', 400, 'bad-request'],
    ['a member twice', '{"basis":"court-order","basis":"court-order","recordId":"a"}', 400, 'bad-request'],
    ['no basis', { recordId: 'a' }, 400, 'bad-request'],
    ['a basis that is not on the list', { recordId: 'a', basis: 'because' }, 400, 'bad-request'],
    ['nothing to erase', BASIS, 400, 'bad-request'],
    ['two ways to say what', { recordId: 'a', subject: 'b', ...BASIS }, 400, 'bad-request'],
    ['an unknown member', { recordId: 'a', force: true, ...BASIS }, 400, 'bad-request'],
    ['a note with room for a name', { recordId: 'a', note: 'Mrs Example asked', ...BASIS }, 400, 'bad-request'],
    [
      'a record that is not there',
      { recordIds: ['Observation/r6', 'Observation/none'], ...BASIS },
      404,
      'unknown-record',
    ],
  ])('%s', async (_what, body, status, code) => {
    const before = await site.read('SELECT count(*)::int AS requests FROM erasure_request');
    const answer = await ask(body);
    expect(fault(answer)).toEqual([status, code]);
    expect(JSON.stringify(answer.body)).not.toMatch(/Example|Observation\/none/);
    expect(await site.read('SELECT count(*)::int AS requests FROM erasure_request')).toEqual(before);
  });

  test('a source, a request, a hold or a proof that is not there', async () => {
    const id = '00000000-0000-4000-8000-000000000001';
    const get = (path: string): Promise<Spoken> => as('anna', service.url, 'GET', path);
    expect(fault(await get('/v1/sources/none/erasures'))).toEqual([404, 'unknown-source']);
    expect(fault(await get(`${ERASURES}/${id}`))).toEqual([404, 'unknown-erasure']);
    expect(fault(await get(`${ERASURES}/no-id`))).toEqual([400, 'bad-request']);
    expect(fault(await decide(id, 'approval'))).toEqual([404, 'unknown-erasure']);
    expect(fault(await as('anna', service.url, 'POST', `${HOLDS}/${id}/release`))).toEqual([404, 'unknown-hold']);
    const { body } = await ask({ recordId: 'Observation/r6', ...BASIS });
    expect(fault(await get(`${ERASURES}/${String(body['id'])}/proofs/3`))).toEqual([404, 'unknown-erasure']);
    // A request of one source is not found under another.
    expect(fault(await get(`/v1/sources/lab/erasures/${String(body['id'])}`))).toEqual([404, 'unknown-erasure']);
  });
});

describe('a retention rule', () => {
  const RULES = '/v1/sources/ehr/retention-rules';

  test('that erases begins paused; another person lets it run; anybody pauses it; it is removed', async () => {
    const added = await as('anna', service.url, 'POST', RULES, { months: 120, action: 'erase' });
    expect(added).toMatchObject({
      status: 201,
      body: { months: 120, action: 'erase', paused: true, activatedBy: null },
    });
    const path = `${RULES}/${String(added.body['id'])}`;
    expect(fault(await as('boris', service.url, 'POST', RULES, { months: 12, action: 'review' }))).toEqual([
      409,
      'retention-rule-exists',
    ]);
    expect(fault(await as('anna', service.url, 'POST', `${path}/activation`))).toEqual([403, 'own-work']);
    expect((await as('boris', service.url, 'POST', `${path}/activation`)).body).toMatchObject({
      paused: false,
      activatedBy: 'http://localhost:3000/oidc boris',
    });
    expect((await as('anna', service.url, 'POST', `${path}/pause`)).body).toMatchObject({ paused: true });
    expect((await as('anna', service.url, 'DELETE', path)).status).toBe(204);
    expect(fault(await as('anna', service.url, 'POST', `${path}/pause`))).toEqual([404, 'unknown-retention-rule']);
    const { body } = await as('anna', service.url, 'GET', RULES);
    expect(body['rules']).toMatchObject([{ months: 120, removedAt: expect.any(String) }]);
  });

  test.each([
    ['no months', { months: 0, action: 'erase' }],
    ['half a month', { months: 1.5, action: 'erase' }],
    ['another action', { months: 12, action: 'delete' }],
  ])('%s is refused', async (_what, body) => {
    expect(fault(await as('anna', service.url, 'POST', RULES, body))).toEqual([400, 'bad-request']);
  });
});
