// An auditor takes the access log home: the export is FHIR, line by line, and says by itself whether it is what was recorded;
// offline with the log's key, or with a chain. Whoever changes, leaves out or adds a line is noticed.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AccessAnchorService } from '../../api/src/access-log/access-anchor.service.ts';
import { ExportService } from '../../api/src/access-log/export.service.ts';
import { AccessLog } from '../../api/src/platform/auth/access-log.port.ts';
import { call, json, metric } from '../api/support/http.ts';
import { Files, verify } from '../cli/support.ts';
import { accessEvent, TENANT } from '../support/access-events.ts';
import { TEST_ORIGIN } from '../support/chain.ts';
import { observation } from './support/records.ts';
import { eventually, Site, type RunningService } from './support/site.ts';

const files = new Files();
let site: Site;
let service: RunningService;
let logKey: string;
/** Four anchored events in two batches, a third batch of one event, and one event that no batch covers. */
let lines: readonly string[];

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  const [log, anchoring] = [service.app.get(AccessLog), service.app.get(AccessAnchorService)];
  await log.record(accessEvent({ requestId: 'r1' }));
  await log.record(
    accessEvent({
      action: 'sign-in',
      requestId: 'r2',
      entity: null,
      caller: {
        kind: 'person',
        issuer: 'https://issuer.example',
        subject: 'account-7',
        clientId: 'web',
        roles: new Set(['clinician'] as const),
        sessionId: 'session-9',
      },
    }),
  );
  await anchoring.run();
  await log.record(accessEvent({ requestId: 'r3', breakGlass: new Uint8Array(32).fill(0xb6) }));
  await log.record(
    accessEvent({
      action: 'key.manage',
      outcome: 'denied',
      requestId: 'r4',
      caller: null,
      decision: { allowed: false, policyVersion: '1', reasons: ['not-signed-in'] },
      entity: { type: 'key', id: 'k1' },
    }),
  );
  await anchoring.run();
  await log.record(accessEvent({ requestId: 'r5' }));
  await anchoring.run();
  await service.api.submit(observation('a', '1', '4.10'), 'confirmed');
  await log.record(accessEvent({ requestId: 'r6' }));
  await log.record(accessEvent({ tenantId: null, requestId: 'nobody' }));
  lines = await exported();
  logKey = (await service.api.log()).verifierKey;
}, 60_000);

afterAll(async () => {
  await site.close();
  files.remove();
});

async function exported(after = 0n, to: bigint | null = null): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const line of service.app.get(ExportService).lines(TENANT, after, to)) all.push(line);
  return all;
}

const offline = (content: readonly string[] | string) =>
  verify(
    'access-log',
    files.write('export.ndjson', typeof content === 'string' ? content : content.join('')),
    '--offline',
    '--log-key',
    logKey,
  );

type Fhir = Record<string, unknown>;
const resources = (): Fhir[] => lines.map((line) => JSON.parse(line) as Fhir);

describe('the file', () => {
  test('has the events in order, and after each anchored batch its opening; the last one that is provable brings the proof', () => {
    expect(
      resources()
        .map(({ resourceType }) => resourceType)
        .join(' '),
    ).toBe('AuditEvent AuditEvent Basic AuditEvent AuditEvent Basic AuditEvent Basic AuditEvent');
    expect(lines.findIndex((line) => line.includes('"url":"bundle"'))).toBe(7);
    expect(lines.filter((line) => line.includes('"url":"bundle"'))).toHaveLength(1);
  });

  test('a read by a machine is told as BALP tells it: client, server, record without a patient, request id', () => {
    const { extension, ...resource } = resources()[0] ?? {};
    expect(resource).toEqual({
      resourceType: 'AuditEvent',
      id: '11111111-1',
      type: {
        system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
        code: 'rest',
        display: 'RESTful Operation',
      },
      subtype: [
        { system: 'http://hl7.org/fhir/restful-interaction', code: 'read' },
        { system: 'urn:medanchor:action', code: 'version.read' },
      ],
      action: 'R',
      recorded: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      outcome: '0',
      outcomeDesc: 'role-allows',
      purposeOfEvent: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }] }],
      agent: [
        {
          type: {
            coding: [
              {
                system: 'http://dicom.nema.org/resources/ontology/DCM',
                code: '110152',
                display: 'Destination Role ID',
              },
            ],
          },
          who: { identifier: { system: 'https://issuer.example', value: 'ehr-1' } },
          requestor: true,
          network: { address: '192.0.2.7', type: '2' },
          policy: ['urn:medanchor:policy:1'],
          role: [
            { coding: [{ system: 'urn:medanchor:role', code: 'auditor' }] },
            { coding: [{ system: 'urn:medanchor:role', code: 'record-system' }] },
          ],
        },
        {
          type: {
            coding: [
              { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110153', display: 'Source Role ID' },
            ],
          },
          who: { identifier: { system: 'urn:medanchor:log', value: TEST_ORIGIN } },
          network: { address: TEST_ORIGIN, type: '5' },
          requestor: false,
        },
      ],
      source: {
        observer: { identifier: { system: 'urn:medanchor:log', value: TEST_ORIGIN } },
        type: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
            code: '4',
            display: 'Application Server',
          },
        ],
      },
      entity: [
        {
          what: { identifier: { system: 'urn:medanchor:record-ref', value: 'ab'.repeat(32) } },
          type: {
            system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
            code: '2',
            display: 'System Object',
          },
          role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '4', display: 'Domain Resource' },
          detail: [
            { type: 'source', valueString: '33333333-3333-4333-8333-333333333333' },
            { type: 'seq', valueString: '3' },
          ],
        },
        {
          what: { identifier: { value: 'r1' } },
          type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
        },
      ],
    });
    expect((extension as Fhir[])[0]?.['url']).toBe('urn:medanchor:access-log:event');
  });

  test('a person has the client beside them; what was denied and who was not recognised can be told', () => {
    const [, person, , glass, denied] = resources();
    expect(person).toMatchObject({
      type: { code: '110114' },
      subtype: [{ code: '110122', display: 'Login' }, { code: 'sign-in' }],
      agent: [
        { who: { identifier: { value: 'web' } }, requestor: false },
        { who: { identifier: { value: 'account-7' } }, altId: 'session-9', requestor: true },
        { requestor: false },
      ],
    });
    expect(JSON.stringify(glass?.['entity'])).toContain(`{"type":"break-glass","valueString":"${'b6'.repeat(32)}"}`);
    expect(denied).toMatchObject({
      outcome: '4',
      outcomeDesc: 'not-signed-in',
      agent: [{ who: { display: 'not recognised' }, requestor: true }, { requestor: false }],
      entity: [{ what: { identifier: { system: 'urn:medanchor:key', value: 'k1' } } }, {}],
    });
  });
});

describe('medanchor-verify access-log', () => {
  test('offline, with the log’s key: all up to the last anchored event', async () => {
    expect(await offline(await exported(0n, 5n))).toMatchObject({
      code: 0,
      out: expect.stringContaining('Result:   Events 1 to 5 are what was recorded, without a gap.'),
    });
  });

  test('what no batch covers yet is said, and does not pass', async () => {
    expect(await offline(lines)).toMatchObject({
      code: 3,
      out: expect.stringContaining(
        'Events 1 to 5 are what was recorded; events 6 to 6 are not covered by the log yet.',
      ),
    });
  });

  test('a part from the middle proves itself as well', async () => {
    expect(await offline(await exported(2n, 5n))).toMatchObject({
      code: 0,
      out: expect.stringContaining('Events 3 to 5 are what was recorded, without a gap.'),
    });
  });

  test('with the chain, and as JSON', async () => {
    const file = files.write('whole.ndjson', (await exported(0n, 5n)).join(''));
    const { chain } = site;
    const ran = await verify('access-log', file, '--rpc', chain.url, '--contract', chain.contract, '--json');
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({
      chain: TENANT,
      log: TEST_ORIGIN,
      first: '1',
      last: '5',
      provenTo: '5',
      batches: '3',
      offline: false,
      exitCode: 0,
    });
  });

  test.each<[string, (all: string[]) => readonly string[], string]>([
    [
      'an event is left out',
      (all) => all.toSpliced(1, 1),
      // The opening of the batch does not follow its last event any more.
      'line 2: it opens a batch that does not end with the event before this line',
    ],
    [
      'an event in the middle of a batch is left out',
      (all) => all.toSpliced(3, 1),
      'line 4: it is event 4, but event 3 is the next one',
    ],
    [
      'two events change places',
      (all) => [all[1] ?? '', all[0] ?? '', ...all.slice(2)],
      'line 2: it is event 1, but event 3 is the next one',
    ],
    [
      'the hashed text is changed',
      (all) =>
        all.with(0, (all[0] ?? '').replaceAll(String.raw`\"requestId\":\"r1\"`, String.raw`\"requestId\":\"r9\"`)),
      'line 1: event 1 was changed: it does not hash to its own hash',
    ],
    [
      'the resource says something else than the hashed text',
      (all) => all.with(0, (all[0] ?? '').replace('"value":"ehr-1"', '"value":"ehr-2"')),
      'line 1: the AuditEvent of event 1 does not say what the event that was hashed says',
    ],
    [
      'a line is no resource of an export',
      (all) => ['{"resourceType":"Patient"}\n', ...all],
      'line 1: neither an AuditEvent nor the opening of a batch',
    ],
  ])('%s: exit code 1', async (_what, forge, reason) => {
    const forged = await offline(forge([...(await exported(0n, 5n))]));
    expect([forged.code, forged.out]).toEqual([1, expect.stringContaining(`The export does not hold: ${reason}`)]);
  });

  test('without openings: the events follow from each other, and that is all', async () => {
    const bare = lines.filter((line) => !line.includes('"resourceType":"Basic"'));
    expect(await offline(bare)).toMatchObject({
      code: 3,
      out: expect.stringContaining('nothing in the export ties them to the log'),
    });
  });

  test('by another log’s key: not proven', async () => {
    const other = 'medanchor.test/log/1+00000000+AQ==';
    const ran = await verify('access-log', files.write('e', lines.join('')), '--offline', '--log-key', other);
    expect(ran.code).not.toBe(0);
  });

  test('usage: no content, no missing file', async () => {
    expect(await verify('access-log', 'a', 'b', '--offline')).toMatchObject({ code: 2 });
    expect(await verify('access-log', '/nowhere/at/all', '--offline')).toMatchObject({
      code: 2,
      err: expect.stringContaining('EXPORT: /nowhere/at/all cannot be read (ENOENT)'),
    });
  });
});

describe('over HTTP', () => {
  test('a caller sees the chain of their own tenant only, this very request in it', async () => {
    const [tenant] = await site.read<{ id: string }>(`SELECT id FROM tenant WHERE name = 'default'`);
    const listed = json(await call(service.url, '/v1/access-log?limit=1'));
    expect(listed).toMatchObject({ events: [{ seq: '1' }], next: '1' });
    expect((listed['events'] as { event: string }[])[0]?.event).toContain(`"chain":"${tenant?.id}"`);
    const { status, headers, text } = await call(service.url, '/v1/access-log/export');
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      200,
      'application/fhir+ndjson',
      'private, no-store',
    ]);
    expect(text).toContain('access-log.read');
    expect(text).not.toContain('"value":"nobody"');
    expect(text).not.toContain(TENANT);
  });

  test.each([
    ['/v1/access-log?from=yesterday', /a time YYYY-MM-DDThh:mm:ss\.sssZ/],
    ['/v1/access-log?record=Patient%2F1', /64 lower-case hexadecimal digits/],
    ['/v1/access-log?limit=0', /limit/],
    ['/v1/access-log/export?tenant=other', /tenant/],
  ])('%s: 400', async (path, detail) => {
    const refused = await call(service.url, path);
    expect([refused.status, json(refused)['detail']]).toEqual([400, expect.stringMatching(detail)]);
  });

  test('health and metrics tell how far the log has committed to it', async () => {
    const { body } = await eventually(
      'health',
      () => service.api.health(),
      ({ body }) => body.parts['access-log'] !== undefined,
    );
    expect(body.parts['access-log']).toMatchObject({ status: 'up', notAnchored: expect.stringMatching(/^[1-9]/) });
    expect(await metric(service.url, 'medanchor_access_events_total{outcome="denied"}')).toBe(1);
    expect(await metric(service.url, 'medanchor_access_anchor_timestamp_seconds')).toBeGreaterThan(1.7e9);
  });
});
