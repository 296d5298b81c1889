// The append stage: commits digested versions and gives them a durable place in the log.
import { randomBytes } from 'node:crypto';
import { commitRecord, equalBytes, recordRef, type Activity, type RecordDigest } from '@medanchor/verifier';
import { type Clock } from '../../platform/clock/clock.ts';
import { type KeyProvider } from '../../platform/keys/key-provider.port.ts';
import { type SourceRef, type StoredRecord } from '../model.ts';
import { type EntryStore, type SequenceResult, type Submission } from '../store/entry-store.port.ts';
import { recordKeyContext } from '../store/record-key.ts';
import { type RecordStore } from '../store/record-store.port.ts';
import { fieldsRoot } from '../store/fields-tree.ts';
import { planBatch } from './append.rules.ts';

/** A version that was parsed and digested; its content is gone already. */
export interface DigestedVersion {
  readonly source: SourceRef;
  readonly recordId: string;
  readonly versionId: string;
  readonly activity: Activity | null;
  readonly digest: RecordDigest;
}

/** key-damaged: the stored key of this record was changed or exchanged; nothing was written for it. */
export type AppendResult = SequenceResult | { readonly result: 'key-damaged'; readonly record: bigint };

export class AppendService {
  readonly #records: RecordStore;
  readonly #entries: EntryStore;
  readonly #keys: KeyProvider;
  readonly #clock: Clock;

  constructor(records: RecordStore, entries: EntryStore, keys: KeyProvider, clock: Clock) {
    this.#records = records;
    this.#entries = entries;
    this.#keys = keys;
    this.#clock = clock;
  }

  /**
   * Makes one batch durable: keys for new records, commitments, then the sequencing transaction.
   * A crash after the keys were stored and before the batch leaves records without versions, which is harmless.
   */
  async append(versions: readonly DigestedVersion[]): Promise<readonly AppendResult[]> {
    const records = await this.#resolve(versions);
    const located = versions.map((version) => ({
      version,
      record: records.get(nameKey(version.source.id, version.recordId)) as StoredRecord,
    }));
    const keys = await this.#keys.unwrap(
      located.map(({ version, record }) => ({
        wrapped: record.wrappedKey,
        context: recordKeyContext(version.source.tenantId, version.source.id, version.recordId),
      })),
    );
    // A record whose key is damaged fails alone; the others of the batch have nothing to do with it.
    const results: (AppendResult | null)[] = [];
    const submissions: Submission[] = [];
    located.forEach(({ version, record }, position) => {
      const key = keys[position];
      const usable = key instanceof Uint8Array && equalBytes(recordRef(key), record.recordRef);
      results.push(usable ? null : { result: 'key-damaged', record: record.id });
      if (usable) submissions.push(toSubmission(version, record, key));
    });
    const sequenced = (await this.sequence(submissions)).values();
    return results.map((result) => result ?? (sequenced.next().value as SequenceResult));
  }

  async sequence(submissions: readonly Submission[]): Promise<readonly SequenceResult[]> {
    const time = this.#clock.now();
    return this.#entries.sequence(submissions, (state, all) => planBatch(state, all, time));
  }

  /** The rows of all records named, created with a fresh key where missing. */
  async #resolve(versions: readonly DigestedVersion[]): Promise<ReadonlyMap<string, StoredRecord>> {
    const wanted = new Map(versions.map((version) => [nameKey(version.source.id, version.recordId), version]));
    const names = [...wanted.values()].map((version) => ({ sourceId: version.source.id, recordId: version.recordId }));
    const found = index(await this.#records.find(names));
    const missing = [...wanted].filter(([key]) => !found.has(key)).map(([, version]) => version);
    if (missing.length === 0) return found;
    const fresh = missing.map(() => new Uint8Array(randomBytes(32)));
    const wrapped = await this.#keys.wrap(
      missing.map((version, position) => ({
        key: fresh[position] as Uint8Array,
        context: recordKeyContext(version.source.tenantId, version.source.id, version.recordId),
      })),
    );
    await this.#records.create(
      missing.map((version, position) => ({
        sourceId: version.source.id,
        recordId: version.recordId,
        recordRef: recordRef(fresh[position] as Uint8Array),
        wrappedKey: wrapped[position] as Uint8Array,
      })),
    );
    // Read back: another process may have been first, and then its key counts.
    return new Map([
      ...found,
      ...index(
        await this.#records.find(
          missing.map((version) => ({ sourceId: version.source.id, recordId: version.recordId })),
        ),
      ),
    ]);
  }
}

function toSubmission(version: DigestedVersion, record: StoredRecord, key: Uint8Array): Submission {
  const { commitment, components } = commitRecord(version.digest, key, version.versionId, fieldsRoot);
  return {
    kind: 'record-version',
    record: record.id,
    recordRef: record.recordRef,
    source: version.source.id,
    versionId: version.versionId,
    activity: version.activity,
    scheme: version.digest.scheme,
    mediaType: version.digest.mediaType,
    commitment,
    components,
  };
}

function nameKey(sourceId: string, recordId: string): string {
  return `${sourceId}/${recordId}`;
}

function index(records: readonly StoredRecord[]): Map<string, StoredRecord> {
  return new Map(records.map((record) => [nameKey(record.sourceId, record.recordId), record]));
}
