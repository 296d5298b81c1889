// Many versions in one request: one line of result for each line, in order, whatever the other lines are like.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { observation } from '../flow/support/records.ts';
import { eventually, Site, type RunningService } from '../flow/support/site.ts';
import { authorization } from '../support/sign-in.ts';
import { call, json, lines, post } from './support/http.ts';
import { rows } from './support/rows.ts';

const NDJSON = 'application/x-ndjson';
const LINE_LIMIT = 2048;
const MAX_LINES = 6000;
let site: Site;
let service: RunningService;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start({ BATCH_LINE_LIMIT_BYTES: String(LINE_LIMIT), BATCH_MAX_LINES: String(MAX_LINES) });
}, 60_000);

afterAll(async () => {
  await site.close();
});

function envelope(id: string, versionId = '1', value = '4.20'): string {
  const { content, ...name } = observation(id, versionId, value);
  return JSON.stringify({ ...name, contentBase64: Buffer.from(content).toString('base64') });
}

type Result = [line: unknown, status: unknown, code: unknown];

/** Line, status and code of every result, as they came. */
async function submit(body: string | Uint8Array, mediaType = NDJSON, query = ''): Promise<Result[]> {
  const reply = await post(service.url, `/v1/versions${query}`, mediaType, body);
  expect([reply.status, reply.headers.get('content-type')]).toEqual([200, NDJSON]);
  return lines(reply).map(({ line, status, problem }) => [
    line,
    status,
    (problem as { code?: unknown } | undefined)?.code,
  ]);
}

describe('lines', () => {
  test('one bad line fails alone, and results keep the order of the lines', async () => {
    const results = await submit(
      [
        envelope('a'),
        'not JSON',
        envelope('b'),
        '{"source":"ehr","recordId":"Observation/c","versionId":"1","mediaType":"application/json","contentBase64":"e30"}',
        '{"source":"ehr","recordId":"Observation/c","versionId":"1","content":{},"contentBase64":"e30="}',
        '{"source":"ehr","recordId":"Observation/c","content":{"resourceType":"Basic"}}',
        '{"source":"ehr","recordId":"Observation/c","versionId":"1","content":{"resourceType":"Basic","a":1,"a":2}}',
        '{"source":"ehr","recordId":"Observation/c","versionId":"1","content":{},"unknown":1}',
        '{"source":"ehr","recordId":"Observation/c","versionId":"1","content":{"resourceType":"Basic"},"__proto__":{}}',
        '{"source":"ehr","recordId":"Observation\\u0000","versionId":"1","content":{}}',
        '{"source":"ehr","recordId":"Observation/c","versionId":7,"content":{"resourceType":"Basic"}}',
        '{"source":"ehr","recordId":"Observation/c","versionId":"1","mediaType":"application/fhir+json"}',
        '{"source":"ehr","recordId":"Observation/c","versionId":"1","activity":"delete","content":{"resourceType":"Basic"}}',
        '{"source":"ehr","recordId":"Observation/c","versionId":"1","contentBase64":"e30="}',
        '[]',
        envelope('a'),
        envelope('a', '1', '9.99'),
      ].join('\n'),
    );
    expect(results).toEqual([
      [1, 201, undefined],
      [2, 422, 'line-malformed'],
      [3, 201, undefined],
      [4, 422, 'line-malformed'],
      [5, 422, 'line-malformed'],
      [6, 422, 'line-malformed'],
      [7, 422, 'line-malformed'],
      [8, 422, 'line-malformed'],
      [9, 422, 'line-malformed'],
      [10, 422, 'line-malformed'],
      [11, 422, 'line-malformed'],
      [12, 400, 'content-missing'],
      [13, 400, 'content-not-allowed'],
      [14, 415, 'media-type-missing'],
      [15, 422, 'line-malformed'],
      [16, 200, undefined],
      [17, 409, 'history-rewritten'],
    ]);
    expect(await rows(site)).toMatchObject({ version: 2, next: 2, record: 2 });
  });

  test('CR LF, empty lines and a last line without its end', async () => {
    expect(await submit(`${envelope('crlf-1')}\r\n\r\n\n${envelope('crlf-2')}\n\n${envelope('crlf-3')}`)).toEqual([
      [1, 201, undefined],
      [4, 201, undefined],
      [6, 201, undefined],
    ]);
  });

  test('an empty stream has no result and writes nothing', async () => {
    const before = await rows(site);
    for (const body of ['', '\n\r\n\n']) {
      const reply = await post(service.url, '/v1/versions', NDJSON, body);
      expect([reply.status, reply.text]).toEqual([200, '']);
    }
    expect(await rows(site)).toEqual(before);
  });

  test('content in a line is digested octet for octet as it stands there', async () => {
    const content = '{ "resourceType" : "Basic" , "id":"raw","n":1.50e+02 }';
    await submit(`{"content": ${content} ,"source":"ehr","recordId":"Basic/raw","versionId":"1"}\n`);
    const verify = (text: string): Promise<unknown> =>
      service.api
        .verify({ source: 'ehr', recordId: 'Basic/raw', content: text, mediaType: 'application/fhir+json' })
        .then(({ body }) => body.verdict);
    expect(await verify(content)).toBe('identical');
    expect(await verify(JSON.stringify(JSON.parse(content)))).toBe('equal');
  });

  test('a line above the limit fails alone, and one of exactly the limit does not', async () => {
    const exact = envelope('limit').replace('"source"', `${' '.repeat(LINE_LIMIT - envelope('limit').length)}"source"`);
    expect(exact).toHaveLength(LINE_LIMIT);
    expect(await submit(`${envelope('before')}\n${exact}\n${exact} \n${envelope('after')}\n`)).toEqual([
      [1, 201, undefined],
      [2, 201, undefined],
      [3, 413, 'line-too-large'],
      [4, 201, undefined],
    ]);
  });

  test('versions of one record are recorded in the order of their lines', async () => {
    await submit(Array.from({ length: 40 }, (_, one) => envelope('ordered', String(one), `1.${one + 10}`)).join('\n'));
    const { body } = await service.api.history({ source: 'ehr', recordId: 'Observation/ordered' });
    expect(body.versions.map(({ versionId }) => versionId)).toEqual(
      Array.from({ length: 40 }, (_, one) => String(one)),
    );
  });
});

describe('FHIR resources as a Bulk Data export prints them', () => {
  const FHIR = 'application/fhir+ndjson';

  test('the record is Type/id, the version meta.versionId, else the one in the query', async () => {
    const own = '{"resourceType":"Patient","id":"p1","meta":{"versionId":"7"}}';
    const none = '{"resourceType":"Patient","id":"p2"}';
    const reply = await post(service.url, '/v1/versions?source=lab&versionId=export-1', FHIR, `${own}\n${none}\n`);
    expect(
      lines(reply).map(({ status, receipt }) => {
        const { source, recordId, versionId } = receipt as Record<string, unknown>;
        return [status, source, recordId, versionId];
      }),
    ).toEqual([
      [201, 'lab', 'Patient/p1', '7'],
      [201, 'lab', 'Patient/p2', 'export-1'],
    ]);
  });

  test('what is missing is named', async () => {
    expect(await submit('{"resourceType":"Patient","id":"p3"}', FHIR, '?source=lab')).toEqual([
      [1, 422, 'line-malformed'],
    ]);
    expect(await submit('{"resourceType":"Patient","id":"p3"}', FHIR, '?versionId=1')).toEqual([
      [1, 422, 'line-malformed'],
    ]);
    expect(await submit('{"resourceType":"Patient"}', FHIR, '?source=lab&versionId=1')).toEqual([
      [1, 422, 'line-malformed'],
    ]);
    expect(await submit('{"id":"p3"}', FHIR, '?source=lab&versionId=1')).toEqual([[1, 422, 'line-malformed']]);
  });

  test('verified in the same form: one verdict a line', async () => {
    const body = [
      '{"resourceType":"Patient","id":"p1","meta":{"versionId":"7"}}',
      '{"resourceType":"Patient","id":"p2","active":true}',
      '{"resourceType":"Patient","id":"p9"}',
    ].join('\n');
    const reply = await post(service.url, '/v1/verify?source=lab', FHIR, body);
    expect(lines(reply).map(({ line, status, verdict }) => [line, status, verdict])).toEqual([
      [1, 200, 'identical'],
      [2, 200, 'altered'],
      [3, 200, 'unknown-version'],
    ]);
  });
});

async function streaming(): Promise<Record<string, string>> {
  return { 'content-type': NDJSON, ...(await authorization(service.url)) };
}

describe('long streams', () => {
  test('5,000 lines are answered while they are still being sent', async () => {
    const before = await rows(site);
    const sender = request(`${service.url}/v1/versions`, { method: 'POST', headers: await streaming() });
    const first = once(sender, 'response');
    const half = (from: number): string =>
      Array.from({ length: 2500 }, (_, one) => `${envelope(`stream-${from + one}`)}\n`).join('');
    sender.write(half(0));
    // The second half is sent only after the first answers have come.
    const [response] = (await first) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    sender.end(half(2500));
    let text = '';
    for await (const part of response) text += String(part);
    const results = lines({ status: 200, headers: new Headers(), text });
    expect(results.map(({ line }) => line)).toEqual(Array.from({ length: 5000 }, (_, one) => one + 1));
    expect(results.filter(({ status }) => status === 201)).toHaveLength(5000);
    expect(await rows(site)).toMatchObject({ version: before.version + 5000, next: before.next + 5000 });
  }, 60_000);

  test('a sender who waits for the result of each line gets it while the stream goes on', async () => {
    const sender = request(`${service.url}/v1/versions`, { method: 'POST', headers: await streaming() });
    const responded = once(sender, 'response');
    sender.write(`${envelope('talk-1')}\n`);
    const [response] = (await responded) as [IncomingMessage];
    const results = (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    for (const line of [1, 2, 3]) {
      const { value } = (await results.next()) as { value: Buffer };
      expect(JSON.parse(value.toString())).toMatchObject({ line, status: 201 });
      if (line < 3) sender.write(`${envelope(`talk-${line + 1}`)}\n`);
    }
    sender.end();
    expect((await results.next()).done).toBe(true);
  });

  test('too many lines: those up to the limit are recorded, then the fault is named', async () => {
    const before = await rows(site);
    const body = `${'\n'.repeat(MAX_LINES - 1)}${envelope('at-the-limit')}\n${envelope('beyond')}\n`;
    expect(await submit(body)).toEqual([
      [MAX_LINES, 201, undefined],
      [null, 413, 'too-many-lines'],
    ]);
    expect((await rows(site)).version).toBe(before.version + 1);
  });

  test('a client that goes away in the middle leaves whole entries and a healthy service', async () => {
    const before = await rows(site);
    const sender = request(`${service.url}/v1/versions`, { method: 'POST', headers: await streaming() });
    sender.on('error', () => undefined);
    const whole = Array.from({ length: 200 }, (_, one) => `${envelope(`gone-${one}`)}\n`).join('');
    await new Promise<void>((resolve) => {
      sender.write(`${whole}${envelope('half').slice(0, 60)}`, () => resolve());
    });
    await eventually(
      'the first lines',
      () => rows(site),
      ({ version }) => version > before.version,
    );
    sender.destroy();
    await eventually(
      'nothing in flight',
      () => service.api.health(),
      ({ body }) => (body.parts['sequencer'] as unknown as { inFlight: number }).inFlight === 0,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    const after = await rows(site);
    expect([after.entries, after.next]).toEqual([after.version, after.version]);
    expect(after.version - before.version).toBeLessThanOrEqual(200);
    expect((await call(service.url, '/v1/records/ehr/Observation%2Fhalf/versions')).status).toBe(404);
    // Sent again as a whole: nothing is doubled.
    const again = await submit(whole);
    expect(again.every(([, status]) => status === 200 || status === 201)).toBe(true);
    expect((await rows(site)).version).toBe(before.version + 200);
    expect(json(await call(service.url, '/health/ready'))['status']).toBe('up');
  }, 30_000);
});
