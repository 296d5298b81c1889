// Rows of sources' keys against the `key` entries of the log, in both directions; and records whose key their source keeps.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateSigningKey, MedAnchorClient, MemoryKeyStore, type SigningKey } from '@medanchor/client';
import { utf8 } from '@medanchor/verifier';
import { tokenAt } from '../support/sign-in.ts';
import { KeyDesk } from './support/keys.ts';
import { observation } from './support/records.ts';
import { eventually, Site } from './support/site.ts';
import { named, sweepAfter } from './support/sweep.ts';

//   index  0         1       2       3                   4         5
//          register  signed  digest  rotate to second    digest(2) revoke second
let site: Site;
let first: SigningKey;
let second: SigningKey;
let source: string;

beforeAll(async () => {
  site = await Site.open();
  const service = await site.start();
  [{ key: first }, { key: second }] = await Promise.all([generateSigningKey('EdDSA'), generateSigningKey('ES256')]);
  const recordKeys = new MemoryKeyStore();
  const signedIn = { url: service.url, token: tokenAt(service.url) };
  const client = new MedAnchorClient({ ...signedIn, source: 'ehr', signingKey: first, recordKeys });
  await client.registerKey();
  const { content, ...version } = observation('a', '1', '4.10');
  await client.submit({ ...version, content: utf8(content), activity: 'create' });
  const hidden = { ...version, recordId: 'Observation/b', content: utf8(content), activity: 'create' } as const;
  await client.submitDigest(hidden);
  const desk = new KeyDesk(service.url, 'ehr');
  await desk.rotate(first, second);
  const later = new MedAnchorClient({ ...signedIn, source: 'ehr', signingKey: second, recordKeys });
  await later.submitDigest({ ...hidden, versionId: '2', activity: 'update' });
  await desk.revoke(second, { reason: 'the card was lost' });
  await eventually(
    'confirmation',
    () => service.api.log(),
    (log) => log.sizes.confirmed === '6',
  );
  await service.stop();
  const [row] = await site.read<{ id: string }>(`SELECT id FROM source WHERE name = 'ehr'`);
  source = row?.id ?? '';
}, 60_000);

afterAll(async () => {
  await site.close();
});

const of = (key: SigningKey): string => `WHERE key_id = '${key.keyId}'`;
const place = (key: SigningKey, field = ''): string =>
  `${field === '' ? '' : `field=${field} `}key=${key.keyId} source=${source} table=source_key`;

test('nothing was changed: clean, signed and source-held versions included', async () => {
  const report = await sweepAfter(site, []);
  expect(named(report)).toEqual([]);
  expect(report.checks.find(({ name }) => name === 'keys')).toEqual({ name: 'keys', result: 'passed', reason: '' });
});

describe('keys', () => {
  test('a key is deleted', async () => {
    const report = await sweepAfter(site, [`DELETE FROM source_key ${of(first)}`]);
    expect(named(report)).toEqual([`source-key-missing ${place(first)}`]);
    expect(report.checks.find(({ name }) => name === 'keys')?.result).toBe('failed');
  });

  test('a key is exchanged under its id', async () => {
    const report = await sweepAfter(site, [`UPDATE source_key SET jwk = jwk || '{"x":"AAAA"}' ${of(second)}`]);
    expect(named(report)).toEqual([`source-key-changed ${place(second, 'jwk')}`]);
  });

  test('a revocation is taken back', async () => {
    const report = await sweepAfter(site, [`UPDATE source_key SET revoked_index = NULL ${of(second)}`]);
    expect(named(report)).toEqual([`source-key-changed ${place(second, 'revoked_index')}`]);
  });

  test('a key is said to have come earlier, or to have been replaced by another', async () => {
    const report = await sweepAfter(site, [
      `UPDATE source_key SET registered_index = 2 ${of(second)}`,
      `UPDATE source_key SET replaced_by = 'nobody' ${of(first)}`,
    ]);
    expect(named(report)).toEqual(
      [
        `source-key-changed ${place(first, 'replaced_by')}`,
        `source-key-changed ${place(second, 'registered_index')}`,
      ].sort(),
    );
  });

  test('a key is added of which the log says nothing', async () => {
    const keyId = 'x'.repeat(43);
    const report = await sweepAfter(site, [
      `INSERT INTO source_key SELECT source, '${keyId}', log, jwk, 4, NULL, NULL FROM source_key ${of(first)}`,
    ]);
    expect(named(report)).toEqual([
      `source-key-changed field=registered_index key=${keyId} source=${source} table=source_key`,
    ]);
  });
});

describe('signed and source-held versions', () => {
  test('a signed version’s row is changed', async () => {
    const report = await sweepAfter(site, [`UPDATE version SET activity = 'import' WHERE index = 1`]);
    expect(named(report)).toEqual([expect.stringMatching(/^version-changed field=activity index=1 /)]);
  });

  test('a source-held record gets another pseudonym', async () => {
    const report = await sweepAfter(site, [
      `UPDATE record SET record_ref = sha256('other') WHERE key_holder = 'source'`,
    ]);
    expect(named(report)).toEqual([
      expect.stringMatching(/^record-changed field=record_ref record=[0-9]+ table=record$/),
    ]);
  });
});
