// A clinician in an emergency reads outside of their own sources: only with a purpose and a reason, within their tenant,
// always recorded, and judged by somebody else afterwards.

import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { breakGlassCommitment, fromHex, toHex } from '@medanchor/verifier';
import { AccessLog, type AccessEvent } from '../../api/src/platform/auth/access-log.port.ts';
import { FieldCipher } from '../../api/src/platform/keys/field-cipher.ts';
import { call, json, type Reply } from '../api/support/http.ts';
import { observation } from '../flow/support/records.ts';
import { Site, type RunningService } from '../flow/support/site.ts';

const PATH = '/v1/records/ehr/Observation%2Fpotassium/versions/1';
const REASON = 'Unconscious patient, allergies unknown';

let site: Site;
let service: RunningService;
let clinician: string;
let officer: string;
const within: AccessEvent[] = [];
const before: AccessEvent[] = [];

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  await service.api.submit(observation('potassium', '1', '4.20'), 'confirmed');
  const person = { subject: 'dr-quill', clientId: 'portal' };
  clinician = await site.token({ ...person, roles: ['clinician'], sources: ['ward-3'], scopes: ['ledger/verify'] });
  officer = await site.token({ subject: 'pat', clientId: 'portal', roles: ['privacy-officer'] });
  const log = service.app.get(AccessLog);
  const record = log.record.bind(log);
  const recordWithin = log.recordWithin.bind(log);
  jest.spyOn(log, 'record').mockImplementation((event) => {
    before.push(event);
    return record(event);
  });
  jest.spyOn(log, 'recordWithin').mockImplementation((transaction, event) => {
    within.push(event);
    return recordWithin(transaction, event);
  });
}, 60_000);

afterAll(() => site.close());

const read = (headers: Record<string, string>, path = PATH): Promise<Reply> =>
  call(service.url, path, { token: clinician, headers });
const uses = async (): Promise<Record<string, unknown>[]> =>
  (json(await call(service.url, '/v1/break-glass', { token: officer })) as { uses: Record<string, unknown>[] }).uses;
const review = (id: unknown, token: string, judgement = 'justified'): Promise<Reply> =>
  call(service.url, `/v1/break-glass/${String(id)}/review`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ judgement }),
    token,
  });

test('the glass holds: without a reason, or without a purpose, or with too short a reason', async () => {
  const reasons = async (headers: Record<string, string>): Promise<unknown> => {
    const reply = await read(headers);
    return [reply.status, json(reply)['reasons'] ?? json(reply)['code']];
  };
  expect(await reasons({})).toEqual([403, ['source-not-granted', 'purpose-required']]);
  expect(await reasons({ 'x-purpose-of-use': 'ETREAT' })).toEqual([403, ['source-not-granted']]);
  expect(await reasons({ 'x-break-glass': REASON })).toEqual([403, ['purpose-required']]);
  expect(await reasons({ 'x-purpose-of-use': 'ETREAT', 'x-break-glass': 'urgent' })).toEqual([400, 'bad-request']);
  expect(await reasons({ 'x-purpose-of-use': 'SNOOP', 'x-break-glass': REASON })).toEqual([400, 'bad-request']);
  expect(await uses()).toEqual([]);
});

test('denials are in the access log, with their reasons and the source by its id', () => {
  const denied = before.filter(({ outcome }) => outcome === 'denied');
  expect(denied).toHaveLength(3);
  expect(denied[0]).toMatchObject({
    action: 'version.read',
    caller: { kind: 'person', subject: 'dr-quill', clientId: 'portal' },
    decision: { allowed: false, policyVersion: '2', reasons: ['source-not-granted', 'purpose-required'] },
    entity: { sourceId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    address: '127.0.0.1',
  });
});

test('broken with a purpose and a reason, the record can be read, and the use is recorded', async () => {
  const reply = await read({ 'x-purpose-of-use': 'ETREAT', 'x-break-glass': REASON });
  expect(reply.status).toBe(200);
  expect(within).toHaveLength(1);
  expect(within[0]).toMatchObject({
    action: 'version.read',
    outcome: 'success',
    purposeOfUse: 'ETREAT',
    breakGlass: expect.any(Uint8Array),
    decision: { allowed: true, reasons: ['allowed', 'break-glass'] },
  });
  expect(await uses()).toEqual([
    {
      id: '1',
      issuer: 'http://localhost:3000/oidc',
      subject: 'dr-quill',
      clientId: 'portal',
      action: 'version.read',
      source: 'ehr',
      purpose: 'ETREAT',
      reason: REASON,
      salt: expect.stringMatching(/^[0-9a-f]{64}$/),
      commitment: Buffer.from(within[0]?.breakGlass ?? []).toString('hex'),
      requestId: reply.headers.get('x-request-id'),
      usedAt: expect.any(String),
      review: null,
    },
  ]);
});

test('the reason stands nowhere in clear; whoever may read it can show that it is the one of the access log', async () => {
  const tables = await site.read<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) => site.read<{ line: string }>(`SELECT t::text AS line FROM "${name}" t`)),
  );
  const lines = rows.flat().map(({ line }) => line);
  expect(lines.some((line) => line.includes('dr-quill'))).toBe(true);
  expect(lines.filter((line) => line.includes(REASON) || line.includes('allergies'))).toEqual([]);

  const [{ salt, commitment } = {}] = (await uses()) as { salt: string; commitment: string }[];
  expect(toHex(breakGlassCommitment(fromHex(salt ?? ''), REASON))).toBe(commitment);
  const [event] = await site.read<{ event: string }>(
    `SELECT event FROM access_event WHERE event LIKE '%"break-glass"%'`,
  );
  expect(JSON.parse(event?.event ?? '')).toMatchObject({ breakGlass: commitment });
});

test('what cannot be recorded is not read', async () => {
  const log = service.app.get(AccessLog);
  const spy = jest.spyOn(log, 'recordWithin').mockRejectedValueOnce(new Error('the access log is full'));
  const reply = await read({ 'x-purpose-of-use': 'ETREAT', 'x-break-glass': REASON });
  expect(reply.status).toBe(500);
  expect(spy).toHaveBeenCalled();
  expect(await uses()).toHaveLength(1);
});

test('the glass of another tenant cannot be broken: behind it is nothing', async () => {
  await call(service.url, '/v1/tenants', { headers: { 'content-type': 'application/json' }, body: '{"name":"south"}' });
  const south = await site.token({
    tenant: 'south',
    subject: 'dr-south',
    clientId: 'portal',
    roles: ['clinician'],
    sources: [],
  });
  const headers = { 'x-purpose-of-use': 'ETREAT', 'x-break-glass': REASON };
  const reply = await call(service.url, PATH, { token: south, headers });
  expect([reply.status, json(reply)['code']]).toEqual([404, 'unknown-source']);
  // Even that is recorded, where it was done.
  expect(await uses()).toHaveLength(1);
  const southOfficer = await site.token({ tenant: 'south', roles: ['privacy-officer'] });
  const { uses: theirs } = json(await call(service.url, '/v1/break-glass', { token: southOfficer })) as {
    uses: Record<string, unknown>[];
  };
  expect(theirs).toMatchObject([{ subject: 'dr-south', source: null, reason: REASON }]);
  // The same words: what the access log holds of them does not say so.
  expect(theirs[0]?.['commitment']).not.toBe((await uses())[0]?.['commitment']);
  expect((await review('1', southOfficer)).status).toBe(404);
});

test('somebody else judges it, once; who broke it never does, with whatever other role', async () => {
  const same = await site.token({ subject: 'dr-quill', clientId: 'portal', roles: ['clinician', 'auditor'] });
  const own = await review('1', same);
  expect([own.status, json(own)['code']]).toEqual([403, 'own-work']);
  const wrong = await review('1', officer, 'fine');
  expect([wrong.status, json(wrong)['code']]).toEqual([400, 'bad-request']);
  const judged = await review('1', officer, 'unjustified');
  expect(judged.status).toBe(201);
  expect(json(judged)['review']).toMatchObject({ judgement: 'unjustified', subject: 'pat' });
  const again = await review('1', officer, 'justified');
  expect([again.status, json(again)['code']]).toEqual([409, 'already-reviewed']);
  expect((await uses())[0]).toMatchObject({ review: { judgement: 'unjustified' } });
  expect(within.at(-1)).toMatchObject({ action: 'break-glass.review', entity: { type: 'break-glass', id: '1' } });
});

test('a reason that somebody with the key has replaced is not the one that the access log commits to', async () => {
  const [row] = await site.read<{ id: string; sealed: string }>(
    `SELECT reason.id, sealed FROM break_glass_reason reason JOIN break_glass ON reason_id = reason.id WHERE break_glass.id = 1`,
  );
  const fields = service.app.get(FieldCipher);
  const place = { table: 'break_glass_reason', column: 'sealed', row: row?.id ?? '' };
  const honest = await fields.decrypt(place, row?.sealed ?? '');
  const forged = await fields.encrypt(place, honest.replace(REASON, 'Planned visit, consent was given'));
  const put = (sealed: string): Promise<number> =>
    site.tamper('UPDATE break_glass_reason SET sealed = $2 WHERE id = $1', [place.row, sealed]);
  await put(forged);
  expect((await uses())[0]).toMatchObject({
    reason: null,
    salt: null,
    commitment: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  await put(row?.sealed ?? '');
  expect((await uses())[0]).toMatchObject({ reason: REASON });
});

test('a reason that was exchanged or damaged in the database is not shown as one', async () => {
  const [last] = await uses();
  expect(last?.['reason']).toBe(REASON);
  await site.tamper('UPDATE break_glass_reason SET sealed = (SELECT max(sealed) FROM break_glass_reason)');
  const shown = (await uses()).concat(
    (
      json(
        await call(service.url, '/v1/break-glass', {
          token: await site.token({ tenant: 'south', roles: ['auditor'] }),
        }),
      ) as { uses: Record<string, unknown>[] }
    ).uses,
  );
  expect(new Set(shown.map(({ reason }) => reason))).toEqual(new Set([REASON, null]));
  expect(shown.every(({ commitment }) => commitment !== null)).toBe(true);
});

test('neither a use nor its judgement can be changed or removed', async () => {
  for (const statement of [
    `UPDATE break_glass SET commitment = NULL`,
    `UPDATE break_glass_reason SET id = gen_random_uuid()`,
    'DELETE FROM break_glass_reason',
    'DELETE FROM break_glass_review',
    'TRUNCATE break_glass CASCADE',
  ])
    await expect(site.read(statement)).rejects.toThrow(/append-only|keeps its id/);
});
