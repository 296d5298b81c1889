// A file that is cut off, has one wrong bit, or was made to lie: nothing of it gets into a database. What its sums cannot
// tell (whoever writes the file writes the sums) the entries, the keys and the chain do.

import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verifyContainer } from '../../api/src/backup/container-reader.ts';
import { BackupDamagedError } from '../../api/src/backup/manifest.ts';
import { AccessLog } from '../../api/src/platform/auth/access-log.port.ts';
import { accessEvent } from '../support/access-events.ts';
import { forge, readMembers, writeMembers } from './support/forge.ts';
import { query, record, rowsIn, Ward } from './support/ward.ts';

let ward: Ward;
let good: string;

beforeAll(async () => {
  ward = await Ward.open();
  const service = await ward.site.start();
  await record(service, 'patient', 12);
  const log = service.app.get(AccessLog);
  for (const requestId of ['r1', 'r2', 'r3']) await log.record(accessEvent({ requestId }));
  await service.stop();
  const { ending, file } = await ward.backup('good');
  expect(ending.code).toBe(0);
  good = file;
}, 60_000);

afterAll(async () => ward.close());

function copy(name: string, change: (octets: Buffer) => Buffer): string {
  const file = ward.file(name);
  writeFileSync(file, change(readFileSync(good)));
  return file;
}

function isSame(file: string, whole: Buffer): boolean {
  try {
    return gunzipSync(readFileSync(file)).equals(whole);
  } catch {
    return false;
  }
}

async function refusal(file: string): Promise<string> {
  const error: unknown = await verifyContainer(file).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(BackupDamagedError);
  return (error as Error).message;
}

describe('damaged', () => {
  test('cut off anywhere, down to its last octet', async () => {
    const { size } = statSync(good);
    for (const length of [0, 1, 17, 500, Math.floor(size / 2), size - 300, size - 8, size - 1]) {
      const file = ward.file('short');
      copyFileSync(good, file);
      truncateSync(file, length);
      expect(await refusal(file)).toContain('short');
    }
  });

  test('one bit flipped, anywhere behind the ten octets of the gzip header', async () => {
    const { size } = statSync(good);
    const whole = gunzipSync(readFileSync(good));
    let harmless = 0;
    const step = Math.ceil(size / 200);
    for (let at = 10; at < size; at += step) {
      const file = copy('flipped', (octets) => {
        octets[at] = (octets[at] ?? 0) ^ (1 << (at % 8));
        return octets;
      });
      // In a run of zeros, a copy from elsewhere in the run gives the same octets: then nothing was damaged.
      if (isSame(file, whole)) harmless += 1;
      else await refusal(file);
    }
    expect(harmless).toBeLessThan(20);
  });

  test('something appended, be it octets or a second archive', async () => {
    for (const more of [
      Buffer.from('x'),
      Buffer.from('more than a few octets'),
      Buffer.alloc(1000),
      readFileSync(good),
    ])
      expect(await refusal(copy('more', (octets) => Buffer.concat([octets, more])))).toMatch(
        /goes on after its end|damaged or cut off|header.json comes after SHA256SUMS/,
      );
  });

  test('one bit in each member, under right compression: the sums name it', async () => {
    const members = await readMembers(good);
    for (const name of members.keys()) {
      const changed = new Map(members);
      const content = Buffer.from(members.get(name) ?? Buffer.of());
      const middle = Math.floor(content.length / 2);
      content[middle] = (content[middle] ?? 0) ^ 1;
      changed.set(name, content);
      const file = ward.file('member');
      await writeMembers(file, changed, 'old');
      expect(await refusal(file)).toContain(name.startsWith('data/') ? `${name} does not have the sum` : '');
    }
  });

  test('a member left out, added, or moved', async () => {
    const members = await readMembers(good);
    const names = [...members.keys()];
    const file = ward.file('members');
    const versions = names.find((name) => name.includes('-version/')) ?? '';
    const without = new Map([...members].filter(([name]) => name !== versions));
    await writeMembers(file, without);
    expect(await refusal(file)).toContain(`lacks ${versions}`);
    await writeMembers(file, new Map([...members, ['data/99-more/000001.copy', Buffer.from('1\n')]]));
    expect(await refusal(file)).toContain('is not where manifest.json has it');
    await writeMembers(file, new Map([...members].reverse()));
    await refusal(file);
    await writeMembers(file, new Map([...members].filter(([name]) => name !== 'SHA256SUMS')));
    expect(await refusal(file)).toContain('SHA256SUMS, is missing');
  });

  test('the command refuses it before it touches the database: exit 1', async () => {
    const file = copy('cut', (octets) => octets.subarray(0, octets.length - 40));
    const { code, output, databaseUrl } = await ward.restore(file);
    expect([code, output]).toEqual([1, expect.stringMatching(/refused: .*cut is damaged or cut off/)]);
    expect(await query(databaseUrl, `SELECT FROM pg_class WHERE relname = 'log'`)).toEqual([]);
  });

  test('a file that is no backup at all', async () => {
    expect(await refusal(ward.file('absent'))).toContain('there is no file');
    expect(await refusal(copy('text', () => Buffer.from('this is a text')))).toContain('damaged');
  });
});

describe('forged, with right sums', () => {
  interface Log {
    origin: string;
    size: string;
    sequenced: string;
    root: string;
    verifierKey: string;
  }
  const logOf = (json: Record<string, unknown>): Log => (json['logs'] as Log[])[0] as Log;

  const cases: readonly (readonly [string, Parameters<typeof forge>[2], RegExp])[] = [
    [
      'the manifest claims another root',
      { both: (json) => void (logOf(json).root = '0'.repeat(64)) },
      /the manifest does not describe the logs that the tables hold/,
    ],
    [
      'the manifest claims fewer entries',
      { both: (json) => void (logOf(json).sequenced = '11') },
      /the manifest does not describe the logs/,
    ],
    [
      'another format',
      { both: (json) => void (json['format'] = 'medanchor-backup/2') },
      /this version reads medanchor-backup\/1 only/,
    ],
    [
      'of another log',
      { both: (json) => void (logOf(json).origin = 'other.example/log/1') },
      /a backup of the log other\.example\/log\/1, but LOG_ORIGIN says test\.medanchor\.local/,
    ],
    [
      'made by a newer version',
      { both: (json) => void (json['migrations'] as string[]).push('Future9999999999999') },
      /made by a newer version \(its schema has Future9999999999999\)/,
    ],
    [
      'header and manifest contradict each other',
      { manifest: (json) => void (json['createdAt'] = '2020-01-01T00:00:00.000Z') },
      /contradict each other/,
    ],
    [
      'a tile was changed',
      {
        table: [
          'tile',
          (text) => text.replace(/\\\\x(..)/, (_, digits: string) => `\\\\x${digits === '00' ? '01' : '00'}`),
        ],
      },
      /tile 0\/0 is not what the entries make of it/,
    ],
    [
      'an entry was changed',
      { table: ['entry_batch', (text) => text.replace(/22637265617465/, '22757064617465')] },
      /does not hash to its leaf hash/,
    ],
    [
      'a record has another one’s key',
      {
        table: [
          'record',
          (text) => {
            const lines = text
              .trimEnd()
              .split('\n')
              .map((line) => line.split('\t'));
            const [one, other] = [lines[0] ?? [], lines[1] ?? []];
            [one[5], other[5]] = [other[5] ?? '', one[5] ?? ''];
            return `${lines.map((line) => line.join('\t')).join('\n')}\n`;
          },
        ],
      },
      /2 of 12 record keys cannot be opened with KEK_FILE/,
    ],
    [
      'a version refers to a record that is not there',
      { table: ['version', (text) => text.replace(/^[0-9]+\t/, '999\t')] },
      /violates foreign key constraint|1 version rows refer to a record that is not there/,
    ],
    [
      'a version’s row was removed',
      { table: ['version', (text) => text.replace(/^.*\n/, '')] },
      /the version of entry [0-9]+ has no row[^]*1 records do not have the versions that their head counts|1 records do not have[^]*has no row/,
    ],
    [
      'a version’s row leads to another entry',
      { table: ['version', (text) => text.replace(/\t2\t([0-9]+)\t/, '\t3\t$1\t')] },
      /the row of the version at entry [0-9]+ does not lead to that entry/,
    ],
    [
      'an event of the access log says something else',
      { table: ['access_event', (text) => text.replace('"requestId":"r2"', '"requestId":"r9"')] },
      /event of event 2 of the access log does not hash to its hash/,
    ],
    [
      'an event of the access log was left out',
      { table: ['access_event', (text) => text.replace(/^.*"requestId":"r2".*\n/m, '')] },
      /event 2 of the access log is not there any more/,
    ],
    [
      'a row was removed and the sizes were not',
      { table: ['checkpoint', () => ''] },
      /violates foreign key|not that of the newest checkpoint/,
    ],
  ];

  test.each(cases)('%s: refused, and the database is as empty as before', async (name, edit, message) => {
    const file = ward.file(`forged-${name.replaceAll(/\W/g, '-')}`);
    await forge(good, file, edit);
    const databaseUrl = await ward.emptyDatabase();
    const ending = await ward.restoreHere(file, { DATABASE_URL: databaseUrl }).catch((error: unknown) => ({
      code: 1,
      output: (error as Error).message,
    }));
    expect(ending).toMatchObject({ code: 1, output: expect.stringMatching(message) });
    expect(await rowsIn(databaseUrl)).toBe(0n);
  });

  test('an expert may look at it all the same: --accept-findings keeps it, and still ends with 1', async () => {
    const file = ward.file('forged-a-tile-was-changed');
    const { code, output, databaseUrl } = await ward.restore(file, { args: ['--accept-findings'] });
    expect([code, output]).toEqual([1, expect.stringContaining('Restored in spite of the findings')]);
    expect(await rowsIn(databaseUrl)).toBeGreaterThan(0n);
    await expect(ward.site.start({ DATABASE_URL: databaseUrl })).rejects.toThrow(/the tiles do not hash/);
  }, 30_000);
});

describe('the wrong keys', () => {
  test('a KEK that is not this ledger’s is named, before anything is loaded', async () => {
    const wrong = { KEK_FILE: ward.site.newKey('other-kek.key'), DATABASE_URL: await ward.emptyDatabase() };
    await expect(ward.restoreHere(good, wrong)).rejects.toThrow(
      /are wrapped with the KEK [0-9a-f]{8}, but neither KEK_FILE nor KEK_PREVIOUS_FILES holds/,
    );
    const { code, output } = await ward.restore(good, {
      databaseUrl: wrong.DATABASE_URL,
      settings: wrong,
      args: ['--accept-findings'],
    });
    expect(code).toBe(1);
    expect(output).toContain(
      '12 of 12 record keys cannot be opened with KEK_FILE (a wrapped key belongs to another KEK)',
    );
  }, 30_000);

  test('a checkpoint key that is not this log’s is named', async () => {
    const wrong = { CHECKPOINT_KEY_FILE: ward.site.newKey('other-checkpoint.key') };
    await expect(ward.restoreHere(good, wrong)).rejects.toThrow(/but CHECKPOINT_KEY_FILE holds the key of/);
  });

  test('a missing key is a matter of configuration: exit 2', async () => {
    const { code, output } = await ward.restore(good, { settings: { KEK_FILE: ward.file('nowhere.key') } });
    expect([code, output]).toEqual([2, expect.stringContaining('nowhere.key cannot be read')]);
  });
});
