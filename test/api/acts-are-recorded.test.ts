// What people do to records, rules, holds and keys stands in the access log, written in the transaction of the act: an act whose
// event cannot be written does not happen.

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ErasureJournal } from '../../api/src/ledger/erase/erasure-journal.port.ts';
import { RetentionJob } from '../../api/src/privacy/retention.job.ts';
import { observation } from '../flow/support/records.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { call, json } from './support/http.ts';
import { as, startWithPersons, type Spoken } from './support/persons.ts';

const SOURCE = '/v1/sources/ehr';
const ISSUER = 'http://localhost:3000/oidc';

let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  // The job runs when the test says so.
  service = await startWithPersons(site, { RETENTION_INTERVAL_MS: '0' });
  for (const id of ['one', 'two', 'old']) await service.api.submit(observation(id, '1', '4.10'));
}, 60_000);

afterAll(() => site.close());

afterEach(() => site.tamper('ALTER TABLE access_event DROP CONSTRAINT IF EXISTS refused'));

/** From now on no event can be written whose text holds this. */
async function refuseEvents(text: string): Promise<void> {
  await site.tamper(`ALTER TABLE access_event ADD CONSTRAINT refused CHECK (strpos(event, '${text}') = 0) NOT VALID`);
}

interface Event {
  readonly action: string;
  readonly outcome: string;
  readonly caller: { readonly issuer: string; readonly subject: string } | null;
  readonly entity: Record<string, unknown>;
}

/** The newest of the operator's tenant, the latest first. */
async function newest(count: number): Promise<readonly Event[]> {
  const rows = await site.read<{ event: string }>(
    `SELECT event FROM access_event WHERE chain = (SELECT id FROM tenant WHERE name = 'default') ORDER BY seq DESC LIMIT $1`,
    [count],
  );
  return rows.map(({ event }) => JSON.parse(event) as Event);
}

/** All that the acts of this file change. */
async function state(): Promise<string> {
  const tables = ['legal_hold', 'retention_rule', 'erasure_request', 'erasure', 'kek_rotation', 'record'];
  const [row] = await site.read<{ state: string }>(
    `SELECT json_build_array(${tables.map((table) => `(SELECT json_agg(t ORDER BY t::text) FROM ${table} t)`).join(', ')})::text AS state`,
  );
  return row?.state ?? '';
}

/** Tries the act while its event is refused, then does it: once without a trace, once with both. */
async function recorded(
  act: () => Promise<Spoken>,
  { by, action, type }: { readonly by: string; readonly action: string; readonly type: string },
): Promise<Record<string, unknown>> {
  await refuseEvents(`"type":"${type}"`);
  const [before, [last]] = [await state(), await newest(1)];
  expect((await act()).status).toBe(500);
  expect(await state()).toBe(before);
  expect(await newest(1)).toEqual([last].filter((event) => event !== undefined));
  await site.tamper('ALTER TABLE access_event DROP CONSTRAINT refused');
  const { status, body } = await act();
  expect(status).toBeLessThan(300);
  expect(await state()).not.toBe(before);
  const events = await newest(5);
  const event = events.find(({ entity }) => entity['type'] === type);
  expect(event).toMatchObject({ action, outcome: 'success', caller: { issuer: ISSUER, subject: by } });
  if (body['id'] !== undefined) expect(event?.entity).toEqual({ type, id: body['id'] });
  return body;
}

test('a legal hold is placed and released', async () => {
  const place = { by: 'anna', action: 'retention.manage', type: 'legal-hold' };
  const hold = await recorded(
    () => as('anna', service.url, 'POST', `${SOURCE}/legal-holds`, { recordId: 'Observation/two', reason: 'court-1' }),
    place,
  );
  const path = `${SOURCE}/legal-holds/${String(hold['id'])}/release`;
  await recorded(() => as('boris', service.url, 'POST', path), { ...place, by: 'boris', type: 'legal-hold/release' });
  // Released twice, it is released once.
  await as('clara', service.url, 'POST', path);
  expect(await newest(1)).toMatchObject([{ entity: { type: 'legal-hold/release' }, caller: { subject: 'boris' } }]);
});

test('a retention rule is made, let run, paused and removed', async () => {
  const by = { by: 'anna', action: 'retention.manage' };
  const rule = await recorded(
    () => as('anna', service.url, 'POST', `${SOURCE}/retention-rules`, { months: 120, action: 'erase' }),
    { ...by, type: 'retention-rule' },
  );
  const path = `${SOURCE}/retention-rules/${String(rule['id'])}`;
  await recorded(() => as('boris', service.url, 'POST', `${path}/activation`), {
    ...by,
    by: 'boris',
    type: 'retention-rule/activation',
  });
  await recorded(() => as('anna', service.url, 'POST', `${path}/pause`), { ...by, type: 'retention-rule/pause' });
  const removal = { ...by, type: 'retention-rule/removal' };
  expect(await recorded(() => as('anna', service.url, 'DELETE', path), removal)).toEqual({});
});

test('an erasure is asked for, refused, approved', async () => {
  const by = { by: 'anna', action: 'record.erase' };
  const ask = (): Promise<Spoken> =>
    as('anna', service.url, 'POST', `${SOURCE}/erasures`, { recordId: 'Observation/one', basis: 'court-order' });
  const first = await recorded(ask, { ...by, type: 'erasure-request' });
  await recorded(() => as('boris', service.url, 'POST', `${SOURCE}/erasures/${String(first['id'])}/refusal`), {
    ...by,
    by: 'boris',
    type: 'erasure-request/refusal',
  });
  const { body: second } = await ask();
  const approved = await recorded(
    () => as('boris', service.url, 'POST', `${SOURCE}/erasures/${String(second['id'])}/approval`),
    { ...by, by: 'boris', type: 'erasure-request/approval' },
  );
  expect(approved).toMatchObject({ state: 'done', remaining: { records: '0' } });
});

test('a record is erased together with the event that says so; the journal does not promise what was not done', async () => {
  const { body } = await as('anna', service.url, 'POST', `${SOURCE}/erasures`, {
    recordId: 'Observation/two',
    basis: 'court-order',
  });
  const approve = (): Promise<Spoken> =>
    as('boris', service.url, 'POST', `${SOURCE}/erasures/${String(body['id'])}/approval`);
  const journal = service.app.get(ErasureJournal, { strict: false });
  const lines = (await journal.read()).length;
  await refuseEvents('"recordRef":"');
  expect((await approve()).status).toBe(500);
  expect((await journal.read()).length).toBe(lines);
  const two = `SELECT record_id IS NULL AS erased FROM record WHERE record_ref = $1`;
  const [ref] = await site.read<{ ref: Buffer }>(
    `SELECT record_ref AS ref FROM record WHERE record_id = 'Observation/two'`,
  );
  expect(await site.read(two, [ref?.ref])).toEqual([{ erased: false }]);
  await site.tamper('ALTER TABLE access_event DROP CONSTRAINT refused');
  expect((await approve()).body).toMatchObject({ state: 'done' });
  expect(await site.read(two, [ref?.ref])).toEqual([{ erased: true }]);
  expect((await journal.read()).length).toBe(lines + 1);
  const [event] = await newest(1);
  expect(event).toMatchObject({
    action: 'record.erase',
    outcome: 'success',
    caller: { issuer: ISSUER, subject: 'boris' },
  });
  expect(event?.entity).toMatchObject({ recordRef: ref?.ref.toString('hex'), seq: '2' });
});

test('what a retention rule erases is recorded too: done by the service', async () => {
  const { body } = await as('anna', service.url, 'POST', `${SOURCE}/retention-rules`, { months: 120, action: 'erase' });
  await as('boris', service.url, 'POST', `${SOURCE}/retention-rules/${String(body['id'])}/activation`);
  await site.tamper(
    `UPDATE version SET recorded_at = now() - interval '20 years' WHERE record = (SELECT id FROM record WHERE record_id = 'Observation/old')`,
  );
  expect((await service.app.get(RetentionJob, { strict: false }).run())?.erased).toBe(1);
  const caller = { kind: 'service', issuer: 'urn:medanchor:service', subject: 'retention', roles: [] };
  expect(await newest(1)).toMatchObject([{ action: 'record.erase', outcome: 'success', caller, decision: null }]);
});

test('what a retention rule proposes is recorded with it, or not proposed', async () => {
  const { body } = await as('anna', service.url, 'GET', `${SOURCE}/retention-rules`);
  const [erasing] = body['rules'] as { id: string }[];
  await as('anna', service.url, 'DELETE', `${SOURCE}/retention-rules/${erasing?.id}`);
  await service.api.submit(observation('older', '1', '4.10'));
  await site.tamper(
    `UPDATE version SET recorded_at = now() - interval '20 years' WHERE record = (SELECT id FROM record WHERE record_id = 'Observation/older')`,
  );
  await as('anna', service.url, 'POST', `${SOURCE}/retention-rules`, { months: 120, action: 'review' });
  const job = service.app.get(RetentionJob, { strict: false });
  await refuseEvents('"type":"erasure-request"');
  const before = await state();
  await expect(job.run()).rejects.toThrow(/refused/);
  expect(await state()).toBe(before);
  await site.tamper('ALTER TABLE access_event DROP CONSTRAINT refused');
  expect(await job.run()).toEqual({ finished: 0, erased: 0, proposed: 1 });
  const [request] = await site.read<{ id: string }>(`SELECT id FROM erasure_request WHERE rule IS NOT NULL`);
  expect(await newest(1)).toMatchObject([
    {
      action: 'record.erase',
      outcome: 'success',
      caller: { kind: 'service', subject: 'retention' },
      decision: null,
      entity: { type: 'erasure-request', id: request?.id },
    },
  ]);
});

test('a key rotation begins, and ends', async () => {
  const rotate = async (): Promise<Spoken> => {
    const reply = await call(service.url, '/v1/keys/rotations', { method: 'POST' });
    return { status: reply.status, body: json(reply) };
  };
  const begun = await recorded(rotate, { by: 'test-client', action: 'kek.rotate', type: 'key-rotation' });
  expect(begun).toMatchObject({ state: 'running', failed: '0' });
  const [event] = await eventually(
    'its end',
    () => newest(1),
    ([latest]) => latest?.entity['type'] === 'key-rotation/finish',
  );
  expect(event).toMatchObject({ action: 'kek.rotate', outcome: 'success', caller: { subject: 'test-client' } });
});
