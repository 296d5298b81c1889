// A record whose key its source keeps is erased here: names and openings are cleared, the log says so, and the receipt says
// where the key still is. What its source can still prove ends with the source's own key.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MedAnchorClient, MemoryKeyStore, type Version } from '@medanchor/client';
import { formatBundle, toHex, utf8, type Bundle } from '@medanchor/verifier';
import { LedgerService, type ErasureReceipt } from '../../api/src/ledger/index.ts';
import { tokenAt } from '../support/sign-in.ts';
import { Auditor } from './support/auditor.ts';
import { eraseNamed } from './support/erasing.ts';
import { observation } from './support/records.ts';
import { eventually, Site, type RunningService } from './support/site.ts';
import { named, openFsck } from './support/sweep.ts';

let site: Site;
let service: RunningService;
let ehr: MedAnchorClient;
let kept: Bundle;
let recordId: string;
let receipt: ErasureReceipt;

const recordKeys = new MemoryKeyStore();
const VERSION: Version & { content: Uint8Array } = {
  ...observation('hidden', '1', '4.10'),
  content: utf8(observation('hidden', '1', '4.10').content),
};

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  ehr = new MedAnchorClient({ url: service.url, token: tokenAt(service.url), source: 'ehr', recordKeys });
  ({ recordId } = await ehr.submitDigest({ ...VERSION, activity: 'create' }, { wait: 'confirmed' }));
  kept = await ehr.bundle(VERSION, 'digest');
  [receipt] = (await eraseNamed(service, [recordId])) as [ErasureReceipt];
  await eventually(
    'confirmation',
    () => service.api.log(),
    (log) => log.sizes.confirmed === '2',
  );
}, 60_000);

afterAll(async () => {
  await site.close();
});

test('the receipt says that the key is with the source', async () => {
  expect(receipt).toMatchObject({ index: 1n, seq: 2n, versions: 1n, keyHolder: 'source' });
});

test('names and openings are gone', async () => {
  expect(
    await site.read(
      `SELECT record_id, wrapped_key, subject_ref, key_holder, version_id, component_names, octet_length(component_commitments) AS octets
       FROM record JOIN version ON version.record = record.id WHERE erased_at IS NOT NULL`,
    ),
  ).toEqual([
    {
      record_id: null,
      wrapped_key: null,
      subject_ref: null,
      key_holder: 'source',
      version_id: null,
      component_names: '',
      octets: 0,
    },
  ]);
  expect((await service.api.verify({ ...observation('hidden', '1', '4.10'), recordId })).body.verdict).toBe(
    'unknown-version',
  );
});

test('the sweep has no finding', async () => {
  const swept = await openFsck(site);
  try {
    const report = await swept.fsck.sweep({ mode: 'full' });
    expect([named(report), report.entries]).toEqual([[], 2n]);
  } finally {
    await swept.close();
  }
});

test('whoever kept bundle and content can still prove it, and is told of the erasure; the entry has its own proof', async () => {
  const { content, ...name } = VERSION;
  const given = { ...name, source: 'ehr', content: Buffer.from(content).toString() };
  const report = await new Auditor(site.chain).audit(formatBundle(kept), given);
  expect([report.verdict, report.outcome]).toEqual(['identical', 'intact']);
  expect((await service.api.checkProof(formatBundle(kept))).body).toMatchObject({ flags: ['erased'] });
  const proof = await service.app.get(LedgerService).erasureBundle(receipt);
  expect((await new Auditor(site.chain).audit(formatBundle(proof))).outcome).toBe('intact');
});

test('under its old pseudonym nothing begins again; with a fresh key it does', async () => {
  await expect(ehr.submitDigest({ ...VERSION, activity: 'create' })).rejects.toMatchObject({
    code: 'record-key-differs',
  });
  const anew = new MedAnchorClient({
    url: service.url,
    token: tokenAt(service.url),
    source: 'ehr',
    recordKeys: new MemoryKeyStore(),
  });
  const again = await anew.submitDigest({ ...VERSION, activity: 'create' });
  expect(again.seq).toBe('1');
  expect(again.recordId).not.toBe(recordId);
  expect(kept.entry.kind === 'record-version' ? toHex(kept.entry.recordRef) : '').toBe(recordId);
});

test('of a record whose key was here, the receipt says that it was destroyed', async () => {
  expect(await service.api.submit(observation('other', '1', '5.00'))).toMatchObject({ status: 201 });
  expect(await eraseNamed(service, ['Observation/other'])).toMatchObject([{ keyHolder: 'ledger' }]);
});
