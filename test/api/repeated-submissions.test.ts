// A lost answer and a retry never make two entries, and a repeated name never hides other content.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { observation } from '../flow/support/records.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { metric } from './support/http.ts';
import { rows } from './support/rows.ts';

const APPENDED = 'medanchor_append_entries_total';
let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
}, 60_000);

afterAll(async () => {
  await site.close();
});

test('the same version again is 200 with the first receipt', async () => {
  const version = observation('sodium', '1', '140');
  const first = await service.api.submit(version);
  const again = await service.api.submit(version);
  expect([first.status, again.status]).toEqual([201, 200]);
  // The state may have moved on meanwhile; all else is the same receipt.
  const { state: _first, ...firstReceipt } = first.body;
  const { state: _again, ...receipt } = again.body;
  expect(receipt).toEqual(firstReceipt);
  expect(receipt).toMatchObject({ index: '0', seq: '1', versionId: '1' });
  expect(await rows(site)).toEqual({ source: 1, record: 1, version: 1, batches: 1, entries: 1, next: 1 });
});

test('a copy that another server wrote out differently is the same version', async () => {
  const version = observation('potassium', '1', '6.30');
  const first = await service.api.submit(version);
  const { status, valueQuantity, ...rest } = JSON.parse(version.content.replace('6.30', '"<number>"')) as Record<
    string,
    unknown
  >;
  const copy = JSON.stringify(
    { valueQuantity, meta: { lastUpdated: '2026-11-01T10:00:00Z' }, ...rest, status },
    null,
    2,
  ).replace('"<number>"', '6.30');
  expect(copy).not.toBe(version.content);
  const again = await service.api.submit({ ...version, content: copy });
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.body.leafHash).toBe(first.body.leafHash);
});

test('other content under the same name is 409, an alarm and a metric, and nothing else', async () => {
  const version = observation('potassium', '1', '6.30');
  const before = await rows(site);
  const alarms = await service.api.alarms();
  const conflicts = await metric(service.url, `${APPENDED}{result="conflict"}`);
  const raised = await metric(service.url, 'medanchor_integrity_alarms_total{kind="history-rewritten"}');
  const answer = await service.api.submit({ ...version, content: version.content.replace('6.30', '4.30') });
  expect([answer.status, answer.body.code, answer.body['verdict']]).toEqual([409, 'history-rewritten', 'altered']);
  expect(await rows(site)).toEqual(before);
  expect(await service.api.alarms()).toHaveLength(alarms.length + 1);
  expect((await service.api.alarms())[0]).toMatchObject({
    kind: 'history-rewritten',
    detail: 'other content was submitted for the version recorded at index 1 (altered)',
  });
  expect(await metric(service.url, `${APPENDED}{result="conflict"}`)).toBe(conflicts + 1);
  expect(await metric(service.url, 'medanchor_integrity_alarms_total{kind="history-rewritten"}')).toBe(raised + 1);
});

test('of 20 equal submissions at once, one is 201 and 19 are 200 with its receipt', async () => {
  const before = await rows(site);
  const version = observation('calcium', '1', '2.40');
  const answers = await Promise.all(Array.from({ length: 20 }, () => service.api.submit(version)));
  const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
  expect(statuses).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
  expect(new Set(answers.map(({ body }) => `${body.index} ${body.leafHash}`)).size).toBe(1);
  expect(await rows(site)).toMatchObject({
    record: before.record + 1,
    version: before.version + 1,
    next: before.next + 1,
  });
});

test('20 versions that differ under one name at once: one is recorded, 19 are refused', async () => {
  const before = await rows(site);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, one) => service.api.submit(observation('iron', '1', `10.${one + 10}`))),
  );
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([
    201,
    ...Array.from({ length: 19 }, () => 409),
  ]);
  expect((await rows(site)).next).toBe(before.next + 1);
});

test('the line is cut before the answer arrives: the retry finds the version, or makes it, once', async () => {
  const before = await rows(site);
  const cut = Array.from({ length: 12 }, (_, one) => observation('cut', String(one + 1), `1.${one + 10}`));
  // Some are cut at once, some while the batch is on its way to the disk.
  await Promise.all(cut.map((version, one) => sendAndHangUp(service.url, version, one)));
  const retried = await Promise.all(cut.map((version) => service.api.submit(version)));
  expect(retried.every(({ status }) => status === 200 || status === 201)).toBe(true);
  // A submission whose sender has gone may still be on its way; it must not add anything either.
  const after = await eventually(
    'quiet',
    () => rows(site),
    ({ version }) => version === before.version + 12,
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await rows(site)).toEqual(after);
  expect(after).toMatchObject({ record: before.record + 1, next: before.next + 12, entries: before.entries + 12 });
  const history = await service.api.history({ source: 'ehr', recordId: 'Observation/cut' });
  expect(history.body.versions.map(({ seq }) => seq)).toEqual(Array.from({ length: 12 }, (_, one) => String(one + 1)));
});

/** Writes the whole request and destroys the socket after `ms`, whatever has been answered by then. */
async function sendAndHangUp(url: string, version: ReturnType<typeof observation>, ms: number): Promise<void> {
  const { hostname, port } = new URL(url);
  const path = `/v1/records/${version.source}/${encodeURIComponent(version.recordId)}/versions?versionId=${version.versionId}`;
  const socket = connect(Number(port), hostname);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', resolve);
  });
  await new Promise<void>((resolve) => {
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: ${version.mediaType}\r\n` +
        `content-length: ${Buffer.byteLength(version.content)}\r\n\r\n${version.content}`,
      () => resolve(),
    );
  });
  await new Promise((resolve) => setTimeout(resolve, ms));
  socket.destroy();
}
