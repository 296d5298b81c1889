// Every decision stands in the access log: reads each time, everything else once for each token and source.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { call } from '../api/support/http.ts';
import { RecordSystem } from '../flow/support/record-system.ts';
import { observation } from '../flow/support/records.ts';
import { Site, type RunningService } from '../flow/support/site.ts';

let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
}, 60_000);

afterAll(() => site.close());

/** The events of a client, as `action outcome reasons`, in the order of the chain. */
async function eventsOf(clientId: string): Promise<readonly string[]> {
  const rows = await site.read<{ event: string }>('SELECT event FROM access_event ORDER BY seq');
  return rows
    .map(({ event }) => JSON.parse(event) as Record<string, unknown>)
    .filter(({ caller }) => (caller as { clientId?: string } | null)?.clientId === clientId)
    .map(({ action, outcome, decision }) => {
      const { policyVersion, reasons, result } = decision as Record<string, unknown>;
      return `${String(action)} ${String(outcome)} ${String(result)} ${String(reasons)} v${String(policyVersion)}`;
    });
}

test('submissions with one token are one event, and another token, and another source, one more each', async () => {
  const one = { roles: ['record-system'], clientId: 'writer' } as const;
  const first = new RecordSystem(service.url, await site.token(one));
  for (const versionId of ['1', '2', '3']) await first.submit(observation('kept', versionId, `4.${versionId}0`));
  expect(await eventsOf('writer')).toEqual(['version.submit success allow allowed v2']);
  await first.submitMany([
    { ...observation('kept', '4', '4.40') },
    { ...observation('kept', '1', '4.50'), source: 'lab' },
  ]);
  expect(await eventsOf('writer')).toHaveLength(2);
  await new RecordSystem(service.url, await site.token(one)).submit(observation('kept', '5', '4.60'));
  expect(await eventsOf('writer')).toHaveLength(3);
});

test('each read is an event of its own', async () => {
  const reader = new RecordSystem(service.url, await site.token({ roles: ['auditor'], clientId: 'reader' }));
  for (let i = 0; i < 3; i += 1) await reader.history({ source: 'ehr', recordId: 'Observation/kept' });
  expect(await eventsOf('reader')).toEqual(Array<string>(3).fill('version.read success allow allowed v2'));
});

test('a denial says why, each time', async () => {
  const token = await site.token({ roles: ['clinician'], clientId: 'curious' });
  for (let i = 0; i < 2; i += 1) expect((await call(service.url, '/v1/alarms', { token })).status).toBe(403);
  expect(await eventsOf('curious')).toEqual(Array<string>(2).fill('alarm.read denied deny role-lacks-action v2'));
});

test('what belongs to operations is recorded too', async () => {
  const token = await site.token({ roles: ['administrator'], clientId: 'operator' });
  for (let i = 0; i < 2; i += 1) expect((await call(service.url, '/v1/fsck', { token })).status).toBe(200);
  expect(await eventsOf('operator')).toEqual(['fsck.read success allow allowed v2']);
});
