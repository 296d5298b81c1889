// A record system registers its key and signs, in both modes; everybody can see afterwards that it was it, and when it was not.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  generateSigningKey,
  LedgerRefusal,
  MedAnchorClient,
  MemoryKeyStore,
  type SigningKey,
  type Version,
} from '@medanchor/client';
import { formatBundle, parseBundle, toHex, utf8, type Bundle, type VerificationReport } from '@medanchor/verifier';
import { tokenAt } from '../support/sign-in.ts';
import { Auditor, failures, resultOf } from './support/auditor.ts';
import { runVerifier } from './support/cli.ts';
import { KeyDesk } from './support/keys.ts';
import { observation } from './support/records.ts';
import { eventually, Site, type RunningService } from './support/site.ts';

let site: Site;
let service: RunningService;
let auditor: Auditor;
let key: SigningKey;
let ehr: MedAnchorClient;

const recordKeys = new MemoryKeyStore();

function potassium(id: string, value: string): Version & { readonly content: Uint8Array } {
  const { recordId, versionId, content, mediaType } = observation(id, '1', value);
  return { recordId, versionId, content: utf8(content), mediaType, activity: 'create' };
}

const signedIn = () => ({ url: service.url, token: tokenAt(service.url) });

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
  auditor = new Auditor(site.chain, [(await service.api.log()).verifierKey]);
  ({ key } = await generateSigningKey('ES256'));
  ehr = new MedAnchorClient({ ...signedIn(), source: 'ehr', signingKey: key, recordKeys });
  await ehr.registerKey();
}, 60_000);

afterAll(async () => {
  await site.close();
});

async function anchored(index: string): Promise<void> {
  await eventually(
    'an anchor',
    () => service.api.log(),
    ({ sizes }) => BigInt(sizes.anchored) > BigInt(index),
  );
}

async function audited(bundle: Bundle, of: Version & { content: Uint8Array }): Promise<VerificationReport> {
  return auditor.audit(formatBundle(bundle), {
    source: 'ehr',
    recordId: of.recordId,
    versionId: of.versionId,
    content: Buffer.from(of.content).toString(),
    mediaType: of.mediaType,
  });
}

describe('content mode', () => {
  test('the entry carries the signature, the receipt names the key, and an auditor checks both with the log', async () => {
    const version = potassium('signed', '4.10');
    const receipt = await ehr.submit(version);
    expect(receipt.attestation).toEqual({ by: 'source-key', keyId: key.keyId });
    await anchored(receipt.index);
    const report = await audited(await ehr.bundle(version), version);
    expect(failures(report)).toEqual([]);
    expect([report.verdict, report.outcome]).toEqual(['identical', 'intact']);
    expect([resultOf(report, 'submitter-signature'), resultOf(report, 'submitter-key')]).toEqual(['passed', 'passed']);
  });

  test('sent again, it is the first receipt', async () => {
    const version = potassium('again', '4.10');
    const first = await ehr.submit(version);
    const again = await ehr.submit(version);
    expect(again.leafHash).toBe(first.leafHash);
  });

  test('unsigned, the verdict says that only the ledger attests it', async () => {
    const unsigned = new MedAnchorClient({ ...signedIn(), source: 'ehr' });
    const version = potassium('unsigned', '4.10');
    const receipt = await unsigned.submit(version);
    expect(receipt.attestation).toEqual({ by: 'ledger', client: 'test-client' });
    await anchored(receipt.index);
    const verdict = await unsigned.verify(version);
    expect(verdict['attestation']).toEqual({ by: 'ledger', client: 'test-client' });
    expect(verdict.checks.find(({ name }) => name === 'submitter-signature')).toEqual({
      name: 'submitter-signature',
      result: 'skipped',
      required: false,
      code: 'NOT_SIGNED',
      reason: 'Not signed by its source: attested by the ledger for client test-client.',
    });
    expect(verdict.outcome).toBe('intact');
  });
});

describe('digest mode', () => {
  test('no content and no name reaches the ledger, and the completed bundle proves as much', async () => {
    const version = potassium('hidden', '4.10');
    const receipt = await ehr.submitDigest(version);
    expect(receipt.attestation).toEqual({ by: 'source-key', keyId: key.keyId });
    expect(receipt.recordId).toMatch(/^[0-9a-f]{64}$/);
    await anchored(receipt.index);
    const rows = await site.read<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM record WHERE record_id LIKE '%hidden%') AS found`,
    );
    expect(rows).toEqual([{ found: false }]);
    const report = await audited(await ehr.bundle(version, 'digest'), version);
    expect(failures(report)).toEqual([]);
    expect([report.verdict, report.outcome]).toEqual(['identical', 'intact']);
    const other = { ...version, content: utf8(Buffer.from(version.content).toString().replace('4.10', '4.11')) };
    expect(failures(await audited(await ehr.bundle(version, 'digest'), other))).toEqual(['content: CONTENT_ALTERED']);
  });

  test('by name the ledger can prove the entry, and says who holds the salts', async () => {
    const version = potassium('hidden', '4.10');
    const bundle = await ehr.bundle(version, 'digest');
    const recordId = bundle.entry.kind === 'record-version' ? toHex(bundle.entry.recordRef) : '';
    const verdict = await ehr.verify({ ...version, recordId });
    expect([verdict.verdict, verdict.outcome]).toEqual([null, 'unproven']);
    expect(resultOf(verdict as never, 'content')).toBe('skipped: SALTS_WITH_SOURCE');
    expect(resultOf(verdict as never, 'identity')).toBe('skipped: SALTS_WITH_SOURCE');
    expect(resultOf(verdict as never, 'submitter-key')).toBe('passed');
  });

  test('repeated it is the first receipt; other content under the name is 409 and an alarm', async () => {
    const version = potassium('hidden', '4.10');
    const alarms = (await service.api.alarms()).length;
    const again = await ehr.submitDigest(version);
    expect(again.seq).toBe('1');
    await expect(ehr.submitDigest(potassium('hidden', '4.20'))).rejects.toMatchObject({ code: 'history-rewritten' });
    expect((await service.api.alarms()).length).toBe(alarms + 1);
  });
});

test('a record is in one mode for ever', async () => {
  const content = potassium('hidden', '4.30');
  const bundle = await ehr.bundle(content, 'digest');
  const recordId = bundle.entry.kind === 'record-version' ? toHex(bundle.entry.recordRef) : '';
  await expect(ehr.submit({ ...content, recordId, versionId: '2', activity: 'update' })).rejects.toMatchObject({
    status: 409,
    code: 'mode-differs',
  });
  const unsigned = new MedAnchorClient({ ...signedIn(), source: 'ehr' });
  await expect(unsigned.submit({ ...content, recordId, versionId: '2' })).rejects.toMatchObject({
    code: 'mode-differs',
  });
});

describe('what is signed by somebody else', () => {
  test('a key that is not registered: 422, and nothing is written', async () => {
    const { key: stranger } = await generateSigningKey();
    const client = new MedAnchorClient({ ...signedIn(), source: 'ehr', signingKey: stranger });
    const before = (await service.api.log()).sizes.sequenced;
    const refusal = await client.submit(potassium('stranger', '4.10')).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(LedgerRefusal);
    expect(refusal).toMatchObject({ status: 422, code: 'signature-key-unknown' });
    expect((await service.api.log()).sizes.sequenced).toBe(before);
  });

  test('a key of another source: 422', async () => {
    const { key: other } = await generateSigningKey();
    await new MedAnchorClient({ ...signedIn(), source: 'lab', signingKey: other }).registerKey();
    const client = new MedAnchorClient({ ...signedIn(), source: 'ehr', signingKey: other, recordKeys });
    await expect(client.submitDigest(potassium('lab-key', '4.10'))).rejects.toMatchObject({
      code: 'signature-key-unknown',
    });
  });

  test('the registered key over another content: 422', async () => {
    const lying: SigningKey = { ...key, sign: () => key.sign(utf8('something else')) };
    const client = new MedAnchorClient({ ...signedIn(), source: 'ehr', signingKey: lying, recordKeys });
    await expect(client.submitDigest(potassium('lie', '4.10'))).rejects.toMatchObject({
      status: 422,
      code: 'signature-invalid',
    });
  });

  test('named as forged by API and CLI: another key put into the bundle, and another key entry', async () => {
    const version = potassium('signed', '4.10');
    const bundle = await ehr.bundle(version);
    const { key: forger } = await generateSigningKey();
    const [registration, ...rest] = bundle.keyHistory ?? [];
    if (registration === undefined) throw new Error('the bundle shows no registration');
    const forged = { ...bundle, submitterKey: forger.publicJwk };
    const swapped: Bundle = {
      ...bundle,
      keyHistory: [
        { ...registration, entry: { ...registration.entry, keyId: forger.keyId, jwk: forger.publicJwk } },
        ...rest,
      ],
    };
    for (const [what, expected] of [
      [forged, ['submitter-signature: SUBMITTER_KEY_MISMATCH']],
      [swapped, ['submitter-key: SUBMITTER_KEY_HISTORY']],
    ] as const) {
      const text = formatBundle(what);
      expect(failures((await service.api.checkProof(text)).body)).toEqual(expected);
      const { code, output } = runVerifier(text, Buffer.from(version.content).toString(), [
        '--rpc',
        site.chain.url,
        '--contract',
        site.chain.contract,
      ]);
      expect(code).toBe(1);
      expect(output).toContain(`✗ ${expected[0].split(':')[0]}`);
    }
  });
});

describe('a key that ends', () => {
  test('is refused from then on, and what it signed before stays good', async () => {
    const { key: old } = await generateSigningKey();
    const client = new MedAnchorClient({ ...signedIn(), source: 'pacs', signingKey: old, recordKeys });
    await client.registerKey();
    const version = { ...potassium('ends', '4.10') };
    const receipt = await client.submit(version);
    const revoked = await new KeyDesk(service.url, 'pacs').revoke(old);
    expect([revoked.status, revoked.body['state'], revoked.body['endedIndex']]).toEqual([
      200,
      'revoked',
      String(BigInt(receipt.index) + 1n),
    ]);
    await expect(client.submit({ ...version, versionId: '2', activity: 'update' })).rejects.toMatchObject({
      status: 409,
      code: 'signature-key-revoked',
    });
    // A repeat of what was recorded is still its first receipt.
    expect((await client.submit(version)).index).toBe(receipt.index);
    await anchored(String(BigInt(receipt.index) + 1n));
    const report = await auditor.audit(
      formatBundle(parseBundle(await service.api.bundle({ source: 'pacs', ...version }))),
    );
    expect(resultOf(report, 'submitter-key')).toBe('passed');
    await expect(client.registerKey()).rejects.toMatchObject({ code: 'key-revoked' });
  });
});
