// The tamper sweep by HTTP: asked for, reported, its findings page by page; alarms once, health and metrics until it is
// cleared.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { observation } from '../flow/support/records.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { call, json, post } from './support/http.ts';

let site: Site;
let service: RunningService;

interface Run {
  id: string;
  mode: string;
  state: string;
  findings: string;
  entries: string;
  chain: { status: string } | null;
  checks: { name: string; result: string }[];
}
interface Overview {
  latest: Run | null;
  open: { fault: number; warning: number };
  runs: Run[];
  next: string | null;
}

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  for (const id of ['a', 'b', 'c']) await service.api.submit(observation(id, '1', '4.10'));
  await eventually(
    'confirmation',
    () => service.api.log(),
    (log) => log.sizes.confirmed === '3',
  );
}, 60_000);

afterAll(async () => {
  await site.close();
});

const overview = async (query = ''): Promise<Overview> =>
  json(await call(service.url, `/v1/fsck${query}`)) as unknown as Overview;

async function sweep(mode: string): Promise<Run> {
  const before = (await overview()).latest?.id;
  const answer = await post(service.url, `/v1/fsck?mode=${mode}`, 'application/json', '');
  expect([answer.status, json(answer)]).toEqual([202, { requested: mode }]);
  const { latest } = await eventually(
    'the sweep',
    overview,
    (view) => view.latest !== null && view.latest.id !== before,
  );
  return latest as Run;
}

const alarms = async (): Promise<number> =>
  (json(await call(service.url, '/v1/alarms'))['alarms'] as { kind: string }[]).filter(
    ({ kind }) => kind === 'integrity-fault',
  ).length;

const fsckHealth = async () => (await service.api.health()).body.parts['fsck'];

test('before the first sweep', async () => {
  expect(await overview()).toEqual({ latest: null, open: { fault: 0, warning: 0 }, runs: [], next: null });
  expect(await fsckHealth()).toEqual({
    status: 'up',
    lastRun: null,
    mode: null,
    entries: null,
    findings: 0,
    ageSeconds: null,
  });
});

test('a sweep on request: what it read, and every check by name', async () => {
  const run = await sweep('full');
  expect([run.mode, run.state, run.entries, run.findings, run.chain?.status]).toEqual([
    'full',
    'finished',
    '3',
    '0',
    'passed',
  ]);
  expect(run.checks.every(({ result }) => result === 'passed')).toBe(true);
  expect(await fsckHealth()).toMatchObject({ status: 'up', mode: 'full', entries: '3', findings: 0 });
});

test('damage: an alarm for each new finding, none when it is seen again, and cleared when it is gone', async () => {
  await site.tamper(`UPDATE version SET activity = 'delete' WHERE index IN (0, 1)`);
  expect((await sweep('full')).findings).toBe('2');
  expect(await alarms()).toBe(2);
  expect((await overview()).open).toEqual({ fault: 2, warning: 0 });

  const again = await sweep('full');
  expect([again.findings, await alarms()]).toEqual(['2', 2]);
  expect(await fsckHealth()).toMatchObject({ status: 'degraded', code: 'integrity-fault', findings: 2 });
  const metrics = (await call(service.url, '/metrics')).text;
  expect(metrics).toContain('medanchor_fsck_findings{severity="fault"} 2');
  expect(metrics).toContain('medanchor_fsck_findings{severity="warning"} 0');
  expect(metrics).toContain('medanchor_fsck_entries 3');
  expect(metrics).toMatch(/^medanchor_fsck_last_run_timestamp_seconds\{mode="full"\} \d+/m);
  expect(metrics).toMatch(/^medanchor_fsck_seconds \d+\.\d+/m);
  expect(metrics).toContain('medanchor_integrity_alarms_total{kind="integrity-fault"} 2');

  const first = json(await call(service.url, `/v1/fsck/findings?limit=1`));
  expect(first).toEqual({
    findings: [
      {
        id: '1',
        code: 'version-changed',
        severity: 'fault',
        where: { table: 'version', index: '0', record: '1', seq: '1', field: 'activity' },
        detail: 'the version row at index 0 was changed: activity is delete, the entry says create',
        foundBy: '2',
        foundAt: expect.any(String),
        clearedAt: null,
      },
    ],
    next: '1',
  });
  const rest = json(await call(service.url, `/v1/fsck/findings?after=1&run=${again.id}`));
  expect((rest['findings'] as { where: { index: string } }[]).map(({ where }) => where.index)).toEqual(['1']);

  await site.tamper(`UPDATE version SET activity = 'create' WHERE index = 0`);
  await sweep('full');
  expect((await overview()).open).toEqual({ fault: 1, warning: 0 });
  await site.tamper(`UPDATE version SET activity = 'create' WHERE index = 1`);
  expect((await sweep('full')).findings).toBe('0');
  expect(await alarms()).toBe(2);
  expect(await fsckHealth()).toMatchObject({ status: 'up', findings: 0 });
  const seen = json(await call(service.url, `/v1/fsck/findings?run=${again.id}`));
  expect((seen['findings'] as { clearedAt: string | null }[]).map(({ clearedAt }) => clearedAt !== null)).toEqual([
    true,
    true,
  ]);
}, 60_000);

test('runs page by page, newest first', async () => {
  const all = (await overview()).runs.map(({ id }) => id);
  expect(all).toEqual(['5', '4', '3', '2', '1']);
  const page = await overview('?limit=2&before=4');
  expect([page.runs.map(({ id }) => id), page.next]).toEqual([['3', '2'], '2']);
});

test('bad input, and a process that runs no stages', async () => {
  for (const path of ['/v1/fsck?limit=0', '/v1/fsck?nothing=1', '/v1/fsck/findings?after=-1'])
    expect([path, (await call(service.url, path)).status]).toEqual([path, 400]);
  expect((await call(service.url, '/v1/fsck/findings?run=99')).status).toBe(404);
  expect((await post(service.url, '/v1/fsck?mode=some', 'application/json', '')).status).toBe(400);
  const idle = await site.start({ STAGES: 'off' });
  const refused = await post(idle.url, '/v1/fsck', 'application/json', '');
  expect([refused.status, json(refused)['code']]).toEqual([503, 'unavailable']);
});
