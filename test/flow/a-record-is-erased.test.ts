// A record with two versions is erased: what stands in the log, what the service answers about it afterwards, in every
// instance; what a holder of content and bundle can still prove; and that the sweep is satisfied.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorization } from '../support/sign-in.ts';
import { formatBundle, fromUtf8, leafHash, parseBundle, toHex } from '@medanchor/verifier';
import type { ErasureReceipt } from '../../api/src/ledger/index.ts';
import { LedgerService } from '../../api/src/ledger/index.ts';
import { metric } from '../api/support/http.ts';
import { Auditor, failures, resultOf } from './support/auditor.ts';
import { eraseNamed } from './support/erasing.ts';
import { observation } from './support/records.ts';
import { eventually, Site, type RunningService } from './support/site.ts';
import { named, openFsck } from './support/sweep.ts';

const FIRST = observation('glucose', '1', '5.10');
const SECOND = observation('glucose', '2', '6.30');
const OTHER = observation('sodium', '1', '140');

let site: Site;
let service: RunningService;
let second: RunningService;
let receipt: ErasureReceipt;
let kept: string;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  second = await site.start();
  await service.api.submit(FIRST);
  await service.api.submit(OTHER);
  await service.api.submit(SECOND, 'confirmed');
  kept = await service.api.bundle(SECOND);
  // The other instance has seen it too.
  expect((await second.api.verify(SECOND)).body.verdict).toBe('identical');
  [receipt] = (await eraseNamed(service, ['Observation/glucose'])) as [ErasureReceipt];
  await eventually(
    'confirmation',
    () => service.api.log(),
    (log) => log.sizes.confirmed === '4',
  );
}, 60_000);

afterAll(async () => {
  await site.close();
});

describe('in the log', () => {
  test('the erasure is the last link of the record: number 3 after two versions, with its legal basis', async () => {
    const [row] = await site.read<{ leaf: string; ref: string }>(
      `SELECT encode(head_leaf, 'hex') AS leaf, encode(record_ref, 'hex') AS ref FROM record WHERE erased_at IS NOT NULL`,
    );
    const { entries } = (
      await site.read<{ entries: Buffer }>('SELECT entries FROM entry_batch ORDER BY first_index DESC')
    )[0] ?? { entries: Buffer.alloc(0) };
    const [source] = await site.read<{ id: string }>('SELECT id FROM source');
    expect(fromUtf8(entries.subarray(2))).toBe(
      `{"basis":"gdpr-17-1-b: consent was withdrawn","format":"medanchor-entry/1","kind":"record-erasure","previous":"${row?.leaf}",` +
        `"recordRef":"${row?.ref}","seq":"3","source":"${source?.id}","time":"${receipt.erasedAt.toISOString()}"}`,
    );
    expect(toHex(receipt.leafHash)).toBe(toHex(leafHash(entries.subarray(2))));
    expect(receipt).toMatchObject({ index: 3n, seq: 3n, versions: 2n, basis: 'gdpr-17-1-b' });
  });

  test('a proof bundle of the erasure verifies for an auditor who trusts nobody', async () => {
    const bundle = await service.app.get(LedgerService).erasureBundle(receipt);
    expect(bundle).toMatchObject({ entry: { kind: 'record-erasure', seq: 3n }, opening: null });
    const report = await new Auditor(site.chain).audit(formatBundle(bundle));
    expect([report.outcome, report.status, failures(report)]).toEqual(['intact', 'confirmed', []]);
  });

  test('it is counted, by legal basis', async () => {
    expect(await metric(service.url, 'medanchor_erase_records_total{basis="gdpr-17-1-b"}')).toBe(1);
  });
});

describe('in the database', () => {
  test('key, names and openings are gone, and nothing else', async () => {
    expect(
      await site.read(
        `SELECT record_id, wrapped_key, subject_ref, head_seq::int, erased_at IS NOT NULL AS erased FROM record ORDER BY id`,
      ),
    ).toEqual([
      { record_id: null, wrapped_key: null, subject_ref: null, head_seq: 2, erased: true },
      {
        record_id: 'Observation/sodium',
        wrapped_key: expect.any(Buffer),
        subject_ref: expect.any(Buffer),
        head_seq: 1,
        erased: false,
      },
    ]);
    expect(
      await site.read(
        `SELECT index::int, seq::int, version_id, media_type, component_names, octet_length(component_commitments) AS octets, activity, scheme
         FROM version ORDER BY index`,
      ),
    ).toEqual([
      {
        index: 0,
        seq: 1,
        version_id: null,
        media_type: '',
        component_names: '',
        octets: 0,
        activity: 'create',
        scheme: 'fhir-json-static/1',
      },
      {
        index: 1,
        seq: 1,
        version_id: '1',
        media_type: 'application/fhir+json',
        component_names: 'identity,raw,content,contentExact,fields',
        octets: 160,
        activity: 'create',
        scheme: 'fhir-json-static/1',
      },
      {
        index: 2,
        seq: 2,
        version_id: null,
        media_type: '',
        component_names: '',
        octets: 0,
        activity: 'update',
        scheme: 'fhir-json-static/1',
      },
    ]);
  });

  test('the sweep has no finding', async () => {
    const swept = await openFsck(site);
    try {
      const report = await swept.fsck.sweep({ mode: 'full' });
      expect(named(report)).toEqual([]);
      expect(report.entries).toBe(4n);
    } finally {
      await swept.close();
    }
  });
});

describe('by name', () => {
  test.each(['the first', 'the second'])('%s instance knows nothing any more', async (which) => {
    const { api, url } = which === 'the first' ? service : second;
    expect((await api.verify(SECOND)).body).toMatchObject({ verdict: 'unknown-version', outcome: 'unproven' });
    expect((await api.verify({ ...SECOND, versionId: '1' })).body.verdict).toBe('unknown-version');
    const history = await api.history(SECOND);
    expect([history.status, (history.body as unknown as { code: string }).code]).toEqual([404, 'unknown-record']);
    expect((await api.proofProblem(SECOND)).body.code).toBe('unknown-record');
    const disclosed = await fetch(`${url}/v1/records/ehr/Observation%2Fglucose/versions/2/proof?disclose=/status`, {
      method: 'POST',
      headers: { 'content-type': SECOND.mediaType, ...(await authorization(url)) },
      body: SECOND.content,
    });
    expect(disclosed.status).toBe(404);
  });

  test('other records are served as before', async () => {
    expect((await second.api.verify(OTHER)).body).toMatchObject({ verdict: 'identical', outcome: 'intact' });
    expect(await service.api.alarms()).toEqual([]);
  });
});

describe('by proof', () => {
  test('who kept content and salts can still prove it, and is told of the erasure', async () => {
    const asked = await fetch(`${service.url}/v1/proofs/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        bundle: JSON.parse(kept) as unknown,
        contentBase64: Buffer.from(SECOND.content).toString('base64'),
        mediaType: SECOND.mediaType,
        source: 'ehr',
        recordId: SECOND.recordId,
        versionId: '2',
      }),
    });
    const verdict = (await asked.json()) as Parameters<typeof resultOf>[0] & Record<string, unknown>;
    expect(verdict).toMatchObject({ verdict: 'identical', flags: ['erased'], outcome: 'intact', status: 'confirmed' });
    expect(resultOf(verdict, 'latest')).toBe('skipped: ERASED');
    expect(verdict.checks.find(({ name }) => name === 'latest')?.reason).toBe(
      `The record of this version was erased at ${receipt.erasedAt.toISOString()} (entry 3, gdpr-17-1-b).`,
    );
  });

  test('the bundle alone is `erased`: nobody can say any more what the version was', async () => {
    const { body } = await service.api.checkProof(kept);
    expect(body).toMatchObject({ verdict: 'erased', flags: ['erased'], outcome: 'unproven', status: 'confirmed' });
    expect(failures(body)).toEqual([]);
  });

  test('other content is still `altered`', async () => {
    const asked = await fetch(`${second.url}/v1/proofs/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        bundle: JSON.parse(kept) as unknown,
        contentBase64: Buffer.from(SECOND.content.replace('6.30', '6.40')).toString('base64'),
      }),
    });
    expect(await asked.json()).toMatchObject({ verdict: 'altered', flags: ['erased'], outcome: 'altered' });
  });

  test('offline, nothing has changed: the auditor needs neither the service nor its database', async () => {
    const report = await new Auditor(site.chain).audit(kept, SECOND);
    expect([report.verdict, report.outcome, report.flags]).toEqual(['identical', 'intact', []]);
  });

  test('a proof of a record that stays says nothing of an erasure', async () => {
    const { body } = await service.api.checkProof(await service.api.bundle(OTHER));
    expect(body).toMatchObject({ verdict: null, flags: [], outcome: 'intact' });
  });
});

describe('again', () => {
  test('erasing it once more is no second erasure', async () => {
    expect(await eraseNamed(service, ['Observation/glucose'])).toEqual([]);
    const again = await service.app.get(LedgerService).erase([receipt.record], 'court-order');
    expect(again).toMatchObject([{ index: 3n, basis: 'gdpr-17-1-b' }]);
    expect((await service.api.log()).sizes.sequenced).toBe('4');
  });

  test('the same name begins another record, under another pseudonym, whose history is empty before', async () => {
    const { status, body } = await second.api.submit(SECOND, 'confirmed');
    expect([status, body.index, body.seq]).toEqual([201, '4', '1']);
    const entry = (text: string): string => toHex((parseBundle(text).entry as { recordRef: Uint8Array }).recordRef);
    expect(entry(await service.api.bundle(SECOND))).not.toBe(entry(kept));
    expect((await service.api.history(SECOND)).body.versions.map(({ versionId }) => versionId)).toEqual(['2']);
    expect((await service.api.verify(FIRST)).body.verdict).toBe('unknown-version');
    // What was erased stays erased.
    expect((await service.api.checkProof(kept)).body.verdict).toBe('erased');
  });
});
