// A stream may go on for longer than its sender has access: lines that come after the end are refused, and the refusal is recorded
// once for each source.

import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Site, type RunningService } from '../flow/support/site.ts';

let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
}, 60_000);

afterAll(() => site.close());

const line = (versionId: string): string =>
  `${JSON.stringify({
    source: 'ehr',
    recordId: 'Observation/streamed',
    versionId,
    mediaType: 'text/plain',
    contentBase64: Buffer.from(`version ${versionId}`).toString('base64'),
  })}\n`;

test('the lines before the end are receipted, those after it refused', async () => {
  const end = Math.ceil((Date.now() + 3000) / 1000);
  const token = await site.token({ roles: ['record-system'], clientId: 'locum-system', more: { access_until: end } });
  const sender = request(`${service.url}/v1/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` },
  });
  const responded = once(sender, 'response');
  sender.write(line('1'));
  const [response] = (await responded) as [IncomingMessage];
  const answers = (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse(String((await answers.next()).value));
  expect(await next()).toMatchObject({ line: 1, status: 201 });
  await delay(end * 1000 - Date.now());
  for (const number of [2, 3]) {
    sender.write(line(String(number)));
    expect(await next()).toMatchObject({
      line: number,
      status: 403,
      problem: { code: 'access-denied', reasons: ['outside-access-period'] },
    });
  }
  sender.end();
  expect((await answers.next()).done).toBe(true);
  const rows = await site.read<{ event: string }>('SELECT event FROM access_event ORDER BY seq');
  const events = rows.map(({ event }) => JSON.parse(event) as Record<string, Record<string, unknown>>);
  expect(
    events
      .filter(({ caller }) => caller?.['clientId'] === 'locum-system')
      .map(({ outcome, decision }) => [outcome, decision?.['reasons']]),
  ).toEqual([
    ['success', ['allowed']],
    ['denied', ['outside-access-period']],
  ]);
}, 20_000);
