// What the operator does with a command at the machine, and what the service does by itself, stands in the access log like what was
// asked for by request: in the transaction of the act, in the chain, and in the export as FHIR tells of programs and their launchers.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { AccessExportCheck, utf8 } from '@medanchor/verifier';
import path from 'node:path';
import { deployRegistry } from '../../scripts/deploy/deploy-registry.ts';
import { loadRestoreConfig } from '../../api/src/platform/config/config.schema.ts';
import { migrateFor } from '../../api/src/platform/database/migrate.ts';
import { call } from '../api/support/http.ts';
import { runProgram, type Ending } from '../backup/support/command.ts';
import { query, record, Ward } from '../backup/support/ward.ts';
import { bothRoles } from '../support/database.ts';
import { TEST_ORIGIN } from '../support/chain.ts';
import { eraseNamed } from './support/erasing.ts';

const OPERATOR = { kind: 'operator', issuer: 'urn:medanchor:operating-system', subject: `uid:${process.getuid?.()}` };
/** Each command is a process that connects, checks the schema and wires everything. */
const PATIENCE_MS = 120_000;

let ward: Ward;
/** A backup from before both erasures, and the journal that knows of them. */
let old: string;

beforeAll(async () => {
  ward = await Ward.open();
  const service = await ward.site.start();
  await record(service, 'erased', 2);
  await record(service, 'stays', 2);
  old = (await ward.backup('old')).file;
  await eraseNamed(service, ['Observation/erased0', 'Observation/erased1']);
  await service.stop();
}, PATIENCE_MS);

afterAll(() => ward.close());

afterEach(() => ward.site.tamper('ALTER TABLE access_event DROP CONSTRAINT IF EXISTS refused'));

const REFUSE = (text: string): string =>
  `ALTER TABLE access_event ADD CONSTRAINT refused CHECK (strpos(event, '${text}') = 0) NOT VALID`;

interface Event {
  readonly action: string;
  readonly caller: Record<string, unknown> | null;
  readonly entity: Record<string, unknown>;
}

/** Of the operator's tenant, the latest last. */
async function events(databaseUrl = ward.site.database.url): Promise<readonly Event[]> {
  const rows = await query<{ event: string }>(
    databaseUrl,
    `SELECT event FROM access_event WHERE chain = (SELECT id FROM tenant WHERE name = 'default') ORDER BY seq`,
  );
  return rows.map(({ event }) => JSON.parse(event) as Event);
}

const last = async (count: number, databaseUrl?: string): Promise<readonly Event[]> =>
  (await events(databaseUrl)).slice(-count);

const command = (name: string, args: readonly string[] = [], settings: Record<string, string> = {}): Promise<Ending> =>
  runProgram(name, args, { ...ward.settings(), ...settings });

describe('npm run rotate-kek', () => {
  const rotations = (): Promise<unknown[]> => ward.site.read('SELECT state FROM kek_rotation ORDER BY id');
  let keys: Record<string, string>;

  beforeAll(() => {
    const first = ward.settings()['KEK_FILE'] ?? '';
    keys = { KEK_FILE: ward.site.newKey('second.key'), KEK_PREVIOUS_FILES: first };
  });

  test(
    'does not begin when that cannot be recorded',
    async () => {
      await ward.site.tamper(REFUSE('"type":"key-rotation"'));
      const before = await events();
      const said = await command('rotate', [], keys);
      expect([said.code, said.output]).toEqual([3, expect.stringContaining('refused')]);
      expect(await rotations()).toEqual([]);
      expect(await events()).toEqual(before);
    },
    PATIENCE_MS,
  );

  test(
    'has not ended as long as that cannot be recorded; gone on with, both its beginnings and its end are',
    async () => {
      await ward.site.tamper(REFUSE('"type":"key-rotation/finish"'));
      expect((await command('rotate', [], keys)).code).toBe(3);
      expect(await rotations()).toEqual([{ state: 'running' }]);
      await ward.site.tamper('ALTER TABLE access_event DROP CONSTRAINT refused');
      expect((await command('rotate', [], keys)).code).toBe(0);
      expect(await rotations()).toEqual([{ state: 'finished' }]);
      const [{ id } = { id: '' }] = await ward.site.read<{ id: string }>('SELECT id FROM kek_rotation');
      const caller = { ...OPERATOR, clientId: 'rotate-kek', roles: [], sessionId: null };
      expect(await last(3)).toMatchObject([
        { action: 'kek.rotate', caller, decision: null, entity: { type: 'key-rotation', id } },
        { action: 'kek.rotate', caller, entity: { type: 'key-rotation', id } },
        { action: 'kek.rotate', caller, entity: { type: 'key-rotation/finish', id } },
      ]);
    },
    PATIENCE_MS,
  );
});

test(
  'npm run client: a machine is registered by the operator, or not at all',
  async () => {
    const args = ['--name', 'Ward', '--role', 'record-system', '--out', ward.file('ward.json')];
    await ward.site.tamper(REFUSE('"action":"client.manage"'));
    expect((await command('client', args)).code).toBe(1);
    expect(await ward.site.read('SELECT FROM client')).toEqual([]);
    await ward.site.tamper('ALTER TABLE access_event DROP CONSTRAINT refused');
    expect((await command('client', args)).code).toBe(0);
    const [client] = await ward.site.read<{ id: string }>('SELECT id FROM client');
    expect(await last(1)).toMatchObject([
      {
        action: 'client.manage',
        caller: { ...OPERATOR, clientId: 'client' },
        entity: { type: 'client', id: client?.id },
      },
    ]);
  },
  PATIENCE_MS,
);

test(
  'npm run epoch: the entry, the epoch and the event are one',
  async () => {
    const { contract } = await deployRegistry({
      rpcUrl: ward.site.chain.url,
      anchorKey: ward.site.chain.anchorKey,
      origin: TEST_ORIGIN,
      file: path.join(ward.folder, 'another.json'),
    });
    const settings = { ANCHOR_CONTRACT: contract, KEK_FILE: ward.site.newKey('unused.key'), KEK_PREVIOUS_FILES: '' };
    const args = ['--reason', 'the contract was replaced'];
    const state = (): Promise<unknown[]> =>
      ward.site.read('SELECT (SELECT next_index FROM log_sequence), (SELECT count(*) FROM anchor_epoch) AS epochs');
    const before = await state();
    await ward.site.tamper(REFUSE('"action":"epoch.begin"'));
    expect((await command('epoch', args, settings)).code).toBe(1);
    expect(await state()).toEqual(before);
    await ward.site.tamper('ALTER TABLE access_event DROP CONSTRAINT refused');
    expect((await command('epoch', args, settings)).code).toBe(0);
    expect(await state()).not.toEqual(before);
    const caller = { ...OPERATOR, clientId: 'epoch' };
    expect(await last(1)).toMatchObject([{ action: 'epoch.begin', caller, entity: { type: 'anchor-epoch', id: '2' } }]);
  },
  PATIENCE_MS,
);

describe('npm run restore', () => {
  test(
    'is recorded where it leads to, and so is what is erased again',
    async () => {
      const { code, databaseUrl } = await ward.restoreHere(old);
      expect(code).toBe(0);
      const caller = { ...OPERATOR, clientId: 'restore' };
      expect(await last(3, databaseUrl)).toMatchObject([
        { action: 'backup.restore', caller, entity: { type: 'backup', id: expect.stringMatching(/^2.*Z$/) } },
        { action: 'record.erase', caller, entity: { recordRef: expect.any(String) } },
        { action: 'record.erase', caller, entity: { recordRef: expect.any(String) } },
      ]);
    },
    PATIENCE_MS,
  );

  test(
    'leaves an empty database when it cannot be recorded',
    async () => {
      const databaseUrl = await ward.emptyDatabase();
      const settings = bothRoles(databaseUrl);
      await migrateFor(loadRestoreConfig({ ...ward.settings(databaseUrl), ...settings }));
      await query(databaseUrl, REFUSE('"action":"backup.restore"'));
      await expect(ward.restoreHere(old, { DATABASE_URL: databaseUrl })).rejects.toThrow(/refused/);
      expect(await query(databaseUrl, 'SELECT (SELECT count(*)::int FROM record) AS records')).toEqual([
        { records: 0 },
      ]);
      await query(databaseUrl, 'ALTER TABLE access_event DROP CONSTRAINT refused');
      expect((await ward.restoreHere(old, { DATABASE_URL: databaseUrl })).code).toBe(0);
    },
    PATIENCE_MS,
  );
});

test(
  'the start of the service erases again, and serves nobody as long as that cannot be recorded',
  async () => {
    const { databaseUrl } = await ward.restoreHere(old, { ERASURE_JOURNAL_FILE: ward.file('nothing.ndjson') });
    const names = (): Promise<unknown[]> => query(databaseUrl, 'SELECT count(record_id)::int AS names FROM record');
    await query(databaseUrl, REFUSE('"action":"record.erase"'));
    await expect(ward.site.start({ DATABASE_URL: databaseUrl })).rejects.toThrow(/refused/);
    expect(await names()).toEqual([{ names: 4 }]);
    await query(databaseUrl, 'ALTER TABLE access_event DROP CONSTRAINT refused');
    const service = await ward.site.start({ DATABASE_URL: databaseUrl, STAGES: 'off' });
    await service.stop();
    expect(await names()).toEqual([{ names: 2 }]);
    const caller = { kind: 'service', issuer: 'urn:medanchor:service', subject: 'erasure-journal' };
    expect(await last(2, databaseUrl)).toMatchObject([
      { action: 'record.erase', caller, decision: null },
      { action: 'record.erase', caller, decision: null },
    ]);
  },
  PATIENCE_MS,
);

describe('the export', () => {
  const DCM = 'http://dicom.nema.org/resources/ontology/DCM';

  test(
    'tells of the program and who launched it, and is what was hashed',
    async () => {
      const { databaseUrl } = await ward.restoreHere(old);
      const service = await ward.site.start({ DATABASE_URL: databaseUrl, STAGES: 'off' });
      const { text } = await call(service.url, '/v1/access-log/export');
      await service.stop();
      const lines = text.trimEnd().split('\n');
      const check = new AccessExportCheck();
      for (const line of lines) check.add(utf8(line));
      expect(check.events).toBe(BigInt(lines.length));
      const restored = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(restored.find((one) => JSON.stringify(one).includes('urn:medanchor:backup"'))).toMatchObject({
        type: { system: DCM, code: '110100', display: 'Application Activity' },
        subtype: [{ system: 'urn:medanchor:action', code: 'backup.restore' }],
        action: 'E',
        outcome: '0',
        agent: [
          {
            type: { coding: [{ system: DCM, code: '110150', display: 'Application' }] },
            who: { identifier: { system: 'urn:medanchor:command', value: 'restore' } },
            requestor: false,
          },
          {
            type: { coding: [{ system: DCM, code: '110151', display: 'Application Launcher' }] },
            who: { identifier: { system: OPERATOR.issuer, value: OPERATOR.subject } },
            requestor: true,
          },
          { type: { coding: [{ code: '110152' }] }, requestor: false },
        ],
      });
    },
    PATIENCE_MS,
  );
});
