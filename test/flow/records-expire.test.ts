// Retention: what a rule says has expired is proposed to people or erased; a legal hold keeps it; and an approved erasure that
// was interrupted is gone on with.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RetentionJob } from '../../api/src/privacy/retention.job.ts';
import { as, startWithPersons } from '../api/support/persons.ts';
import { observation } from './support/records.ts';
import { Site, type RunningService } from './support/site.ts';

let site: Site;
let service: RunningService;
let job: RetentionJob;

const RULES = '/v1/sources/ehr/retention-rules';
const ERASURES = '/v1/sources/ehr/erasures';

/** As if the last version had come so many months ago. */
async function age(record: string, months: number): Promise<void> {
  await site.tamper(
    `UPDATE version SET recorded_at = now() - make_interval(months => $2)
     WHERE record = (SELECT id FROM record WHERE record_id = $1) AND seq = (SELECT head_seq FROM record WHERE record_id = $1)`,
    [`Observation/${record}`, months],
  );
}

async function rule(body: object, activatedBy: string | null): Promise<string> {
  const { body: added } = await as('anna', service.url, 'POST', RULES, body);
  const path = `${RULES}/${String(added['id'])}`;
  if (activatedBy !== null) await as(activatedBy, service.url, 'POST', `${path}/activation`);
  return path;
}

async function left(): Promise<readonly string[]> {
  const rows = await site.read<{ name: string }>(
    'SELECT record_id AS name FROM record WHERE record_id IS NOT NULL ORDER BY 1',
  );
  return rows.map(({ name }) => name.slice('Observation/'.length));
}

beforeAll(async () => {
  site = await Site.open();
  // The job runs when the test says so.
  service = await startWithPersons(site, { RETENTION_INTERVAL_MS: '0' });
  job = service.app.get(RetentionJob, { strict: false });
  for (const id of ['old', 'older', 'held', 'touched', 'young', 'ancient'])
    await service.api.submit(observation(id, '1', '4.10'));
  await service.api.submit(observation('touched', '2', '4.20'));
  await age('old', 121);
  await age('older', 200);
  await age('held', 200);
  await age('young', 119);
  // The first version of `touched` is old; its last one is not.
  await site.tamper(
    `UPDATE version SET recorded_at = now() - interval '20 years' WHERE seq = 1 AND record = (SELECT id FROM record WHERE record_id = 'Observation/touched')`,
  );
  await as('anna', service.url, 'POST', '/v1/sources/ehr/legal-holds', {
    recordId: 'Observation/held',
    reason: 'court-1',
  });
}, 60_000);

afterAll(async () => {
  await service.stop();
  await site.close();
});

describe('a rule that proposes', () => {
  test('makes one request of what has expired, which a person approves', async () => {
    const path = await rule({ months: 120, action: 'review' }, null);
    expect(await job.run()).toEqual({ finished: 0, erased: 0, proposed: 2 });
    expect(await left()).toHaveLength(6);
    // What is proposed is not proposed again.
    expect(await job.run()).toEqual({ finished: 0, erased: 0, proposed: 0 });
    const { body } = await as('anna', service.url, 'GET', ERASURES);
    const [request] = body['erasures'] as readonly Record<string, unknown>[];
    expect(request).toMatchObject({ state: 'requested', basis: 'retention-expired', bySubject: false });
    expect(request?.['retentionRule']).toBe(path.split('/').at(-1));
    await as('boris', service.url, 'POST', `${ERASURES}/${String(request?.['id'])}/refusal`);
    // Refused once, it is asked again at the next run: nothing else would ever bring it up.
    expect(await job.run()).toMatchObject({ proposed: 2 });
    await as('anna', service.url, 'DELETE', path);
  });
});

describe('an approved erasure that was interrupted', () => {
  test('is gone on with', async () => {
    const [request] = (await as('anna', service.url, 'GET', ERASURES)).body['erasures'] as readonly { id: string }[];
    // The process died right after the decision.
    await site.tamper(
      `UPDATE erasure_request SET state = 'approved', decided_by = 'boris', decided_at = now() WHERE id = $1`,
      [request?.id],
    );
    expect(await job.run()).toEqual({ finished: 1, erased: 0, proposed: 0 });
    expect(await left()).toEqual(['ancient', 'held', 'touched', 'young']);
    expect((await as('anna', service.url, 'GET', `${ERASURES}/${request?.id}`)).body).toMatchObject({
      state: 'done',
      remaining: { records: '0' },
      erased: [{ basis: 'retention-expired' }, { basis: 'retention-expired' }],
    });
  });
});

describe('a rule that erases', () => {
  test('does nothing while it is paused, then erases by itself, and never what is held', async () => {
    await age('ancient', 500);
    const path = await rule({ months: 120, action: 'erase' }, null);
    expect(await job.run()).toEqual({ finished: 0, erased: 0, proposed: 0 });
    await as('boris', service.url, 'POST', `${path}/activation`);
    expect(await job.run()).toEqual({ finished: 0, erased: 1, proposed: 0 });
    expect(await left()).toEqual(['held', 'touched', 'young']);
    const entry = await service.api.history(observation('ancient', '1', '4.10'));
    expect(entry.status).toBe(404);
    expect(await job.run()).toEqual({ finished: 0, erased: 0, proposed: 0 });
  });

  test('one process at a time', async () => {
    const results = await Promise.all([job.run(), job.run(), job.run()]);
    expect(results.filter((result) => result !== null).length).toBeGreaterThanOrEqual(1);
  });
});
