// Somebody with the database owner's rights changes what the ledger has stored. Triggers do not stop such an owner; every
// change is found all the same, by the service itself and by whoever holds an earlier proof.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commitRecord, digestRecord, formatEntry, leafHash, parseEntry, toHex } from '@medanchor/verifier';
import { LocalKeyProvider } from '../../api/src/platform/keys/local-key-provider.file.ts';
import { readSecretFile } from '../../api/src/platform/keys/secret-file.ts';
import { Auditor, failures, resultOf } from './support/auditor.ts';
import type { Version } from './support/record-system.ts';
import { observation } from './support/records.ts';
import { Site, type RunningService } from './support/site.ts';

let site: Site;
let service: RunningService;
let auditor: Auditor;
let kekFile: string;

beforeAll(async () => {
  site = await Site.open();
  kekFile = site.newKey('kek.key');
  service = await site.start({ ENTRY_BUNDLES: 'public' });
  auditor = new Auditor(site.chain, [(await service.api.log()).verifierKey]);
}, 60_000);

afterAll(async () => {
  await site.close();
});

/** Each version in a batch of its own, anchored. */
async function recorded(...versions: readonly Version[]): Promise<void> {
  for (const version of versions) {
    expect((await service.api.submit(version, 'confirmed')).body.state).toBe('confirmed');
  }
}

const SAME_VERSION = `record = (SELECT id FROM record WHERE record_id = $1) AND version_id = $2`;
const nameOf = (version: Version): string[] => [version.recordId, version.versionId];

async function alarmKinds(): Promise<readonly string[]> {
  return (await service.api.alarms()).map(({ kind }) => kind);
}

describe('the version row', () => {
  test('its leaf hash is changed: the record’s chain of versions is broken', async () => {
    const version = observation('leaf', '1', '4.20');
    await recorded(version);
    await site.tamper(`UPDATE version SET leaf_hash = sha256('forged') WHERE ${SAME_VERSION}`, nameOf(version));
    const { body } = await service.api.verify(version);
    expect(failures(body)).toEqual(['version-chain: VERSION_CHAIN_BROKEN']);
    expect(body.outcome).toBe('altered');
    expect((await alarmKinds())[0]).toBe('integrity-fault');
    // The proof does not depend on that column.
    expect((await auditor.audit(await service.api.bundle(version), version)).outcome).toBe('intact');
    // A repeated delivery gets no receipt that would lie.
    const again = await service.api.submit(version);
    expect([again.status, again.body.code]).toEqual([500, 'integrity-fault']);
  });

  test('its component commitments are exchanged for those of other content: they are not what the entry commits to', async () => {
    const version = observation('components', '1', '4.20');
    await recorded(version);
    await site.tamper(
      `UPDATE version SET component_commitments = decode(repeat('5a', octet_length(component_commitments)), 'hex') WHERE ${SAME_VERSION}`,
      nameOf(version),
    );
    const { body } = await service.api.verify(version);
    expect(failures(body)).toEqual([
      'commitment: COMMITMENT_MISMATCH',
      'identity: COMMITMENT_MISMATCH',
      'content: CONTENT_ALTERED',
    ]);
    expect([body.verdict, body.outcome]).toEqual(['altered', 'altered']);
    const proof = await service.api.proofProblem(version);
    expect([proof.status, proof.body.code]).toEqual([500, 'integrity-fault']);
  });

  test('its version id is changed: the identity does not open, and the true name is gone', async () => {
    const version = observation('renamed', '1', '4.20');
    await recorded(version);
    const kept = await service.api.bundle(version);
    await site.tamper(`UPDATE version SET version_id = '7' WHERE ${SAME_VERSION}`, nameOf(version));
    const renamed = await service.api.verify({ ...version, versionId: '7' });
    expect(failures(renamed.body)).toEqual(['identity: COMMITMENT_MISMATCH', 'content: CONTENT_ALTERED']);
    expect(renamed.body.outcome).toBe('altered');
    const { body } = await service.api.verify(version);
    expect([body.verdict, body.outcome]).toEqual(['unknown-version', 'unproven']);
    // Whoever kept the proof shows that the ledger had it.
    expect((await auditor.audit(kept, version)).outcome).toBe('intact');
  });
});

describe('the log entry', () => {
  test('rewritten for other content by an operator who holds every key: it is not in the anchored tree', async () => {
    const honest = observation('forged', '1', '4.20');
    const forged = observation('forged', '1', '9.90');
    await recorded(honest);
    const kept = await service.api.bundle(honest);
    await rewriteEntry(honest, forged);

    const { body } = await service.api.verify(forged);
    expect(failures(body)).toEqual(['inclusion: INCLUSION_MISMATCH']);
    expect([body.verdict, body.outcome]).toEqual(['identical', 'altered']);
    expect((await alarmKinds())[0]).toBe('integrity-fault');
    const proof = await service.api.proofProblem(honest);
    expect([proof.status, proof.body.code]).toEqual([500, 'integrity-fault']);

    expect((await auditor.audit(kept, honest)).verdict).toBe('identical');
    const report = await auditor.audit(kept, forged);
    expect([report.verdict, report.outcome]).toEqual(['altered', 'altered']);
  });

  test('overwritten with octets that are no entry: an integrity fault, not the client’s fault', async () => {
    const version = observation('garbage', '1', '4.20');
    const later = observation('garbage', '2', '4.30');
    await recorded(version, later);
    await site.tamper(
      `UPDATE entry_batch SET entries = overlay(entries PLACING '\\x00000000' FROM 5) WHERE first_index =
         (SELECT batch_first FROM version WHERE ${SAME_VERSION})`,
      nameOf(version),
    );
    const answer = await service.api.verify(version);
    expect([answer.status, answer.body.code]).toEqual([500, 'integrity-fault']);
    expect((await alarmKinds())[0]).toBe('integrity-fault');
    const next = await service.api.verify(later);
    expect(failures(next.body)).toEqual(['version-chain: VERSION_CHAIN_BROKEN']);
    expect(next.body.outcome).toBe('altered');
  });

  test('its batch is deleted: neither a verdict nor a bundle of entries without it', async () => {
    const version = observation('batch', '1', '4.20');
    await recorded(version);
    const { index } = (await service.api.history(version)).body.versions[0] ?? { index: '' };
    await site.tamper(
      `DELETE FROM entry_batch WHERE first_index = (SELECT batch_first FROM version WHERE ${SAME_VERSION})`,
      nameOf(version),
    );
    const answer = await service.api.verify(version);
    expect([answer.status, answer.body.code]).toEqual([500, 'integrity-fault']);
    const width = Number(index) + 1;
    expect((await service.api.text(`/tile/entries/000.p/${width}`)).status).toBe(500);
  });
});

describe('a version is deleted', () => {
  test('in the middle of a record: its successor’s chain has a gap, and its name is not called unknown', async () => {
    const [one, two, three] = ['1', '2', '3'].map((id) => observation('middle', id, `4.${id}0`)) as [
      Version,
      Version,
      Version,
    ];
    await recorded(one, two, three);
    const kept = await service.api.bundle(two);
    await site.tamper(`DELETE FROM version WHERE ${SAME_VERSION}`, nameOf(two));
    const successor = await service.api.verify(three);
    expect(failures(successor.body)).toEqual(['version-chain: VERSION_CHAIN_BROKEN']);
    expect(successor.body.outcome).toBe('altered');
    const deleted = await service.api.verify(two);
    expect([deleted.status, deleted.body.code]).toEqual([500, 'integrity-fault']);
    expect((await service.api.proofProblem(two)).body.code).toBe('integrity-fault');
    expect((await service.api.history(two)).status).toBe(500);
    expect((await auditor.audit(kept, two)).outcome).toBe('intact');
  });

  test('at the end of a record: an older version does not become the latest', async () => {
    const one = observation('end', '1', '4.10');
    const two = observation('end', '2', '4.20');
    await recorded(one, two);
    await site.tamper(`DELETE FROM version WHERE ${SAME_VERSION}`, nameOf(two));
    const { body } = await service.api.verify({ ...one, versionId: '1' });
    expect(failures(body)).toEqual(['latest: VERSION_MISSING']);
    expect([body.verdict, body.outcome]).toEqual(['identical', 'altered']);
  });
});

describe('rows are swapped', () => {
  test('two versions of one record: each opens under its own name only', async () => {
    const one = observation('swapped', '1', '4.10');
    const two = observation('swapped', '2', '4.20');
    await recorded(one, two);
    for (const [from, to] of [
      ['1', 'aside'],
      ['2', '1'],
      ['aside', '2'],
    ] as const) {
      await site.tamper(`UPDATE version SET version_id = $3 WHERE ${SAME_VERSION}`, [one.recordId, from, to]);
    }
    for (const version of [one, two]) {
      const { body } = await service.api.verify(version);
      expect(failures(body)).toEqual(['identity: COMMITMENT_MISMATCH', 'content: CONTENT_ALTERED']);
      expect([body.verdict, body.outcome]).toEqual(['altered', 'altered']);
    }
  });

  test('two entries of the log: neither is in the tree where it now stands', async () => {
    const one = observation('left', '1', '4.10');
    const two = observation('right', '1', '4.20');
    await recorded(one, two);
    await site.tamper(
      `WITH pair AS (SELECT first_index, entries, sum(first_index) OVER () - first_index AS other FROM entry_batch
         WHERE first_index IN (SELECT batch_first FROM version JOIN record ON record.id = version.record
                               WHERE record_id IN ($1, $2)))
       UPDATE entry_batch SET entries = b.entries FROM pair b WHERE entry_batch.first_index = b.other`,
      [one.recordId, two.recordId],
    );
    for (const version of [one, two]) {
      const { body } = await service.api.verify(version);
      expect(resultOf(body, 'inclusion')).toBe('failed: INCLUSION_MISMATCH');
      expect(body.outcome).toBe('altered');
    }
  });

  test('the wrapped keys of two records: an integrity fault for these two, and others go on', async () => {
    const one = observation('key-a', '1', '4.10');
    const two = observation('key-b', '1', '4.20');
    await recorded(one, two);
    await site.tamper(
      `UPDATE record SET wrapped_key = other.wrapped_key FROM record other
       WHERE record.record_id IN ($1, $2) AND other.record_id IN ($1, $2) AND other.id <> record.id`,
      [one.recordId, two.recordId],
    );
    for (const version of [one, two]) {
      const answer = await service.api.verify(version);
      expect([answer.status, answer.body.code]).toEqual([500, 'integrity-fault']);
      expect((await service.api.proofProblem(version)).body.code).toBe('integrity-fault');
    }
    const batch = await service.api.submitMany([
      observation('key-a', '2', '4.11'),
      observation('key-c', '1', '4.30'),
      observation('key-b', '2', '4.21'),
    ]);
    expect(batch.map(({ status, problem }) => [status, problem?.code])).toEqual([
      [500, 'integrity-fault'],
      [201, undefined],
      [500, 'integrity-fault'],
    ]);
    expect((await alarmKinds()).slice(0, 6)).toEqual(new Array(6).fill('integrity-fault'));
  });
});

/** Makes every stored row say that `forged` was recorded: what an operator with the key-encryption key can do. */
async function rewriteEntry(honest: Version, forged: Version): Promise<void> {
  const [row] = await site.read<{
    first: string;
    entry: Buffer;
    wrapped: Buffer;
    tenant: string;
    source: string;
  }>(
    `SELECT batch_first AS first, wrapped_key AS wrapped, tenant_id AS tenant, source.id AS source,
            substring(entries FROM entry_offset + 1 FOR entry_length) AS entry
     FROM version JOIN record ON record.id = version.record JOIN source ON source.id = record.source_id
       JOIN entry_batch ON first_index = batch_first WHERE record_id = $1 AND version_id = $2`,
    nameOf(honest),
  );
  if (row === undefined) throw new Error('the version to forge is not stored');
  const keys = new LocalKeyProvider(readSecretFile(kekFile, 'KEK'));
  const context = `medanchor/record-key/1:${row.tenant}:${row.source}:${honest.recordId}`;
  const [key] = await keys.unwrap([{ wrapped: row.wrapped, context }]);
  if (!(key instanceof Uint8Array)) throw new Error('the key did not unwrap');
  const entry = parseEntry(row.entry);
  if (entry.kind !== 'record-version') throw new Error('not a version');
  const digest = digestRecord(Buffer.from(forged.content), forged.mediaType, forged, { fields: true });
  const { commitment, components } = commitRecord(digest, key, forged.versionId);
  const octets = formatEntry({ ...entry, commitment });
  expect(octets).toHaveLength(row.entry.length);
  const leaf = leafHash(octets);
  await site.tamper(
    `UPDATE entry_batch SET entries = substring(entries FOR 2) || decode($2, 'hex'), leaf_hashes = decode($3, 'hex') WHERE first_index = $1`,
    [row.first, toHex(octets), toHex(leaf)],
  );
  await site.tamper(
    `UPDATE version SET leaf_hash = decode($3, 'hex'), component_commitments = decode($4, 'hex') WHERE ${SAME_VERSION}`,
    [...nameOf(honest), toHex(leaf), components.map((component) => toHex(component.commitment)).join('')],
  );
}
