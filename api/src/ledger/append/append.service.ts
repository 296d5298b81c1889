// The append stage: commits digested versions and gives them a durable place in the log.
import { randomBytes } from 'node:crypto';
import { commitRecord, equalBytes, recordRef, type Activity, type RecordDigest } from '@medanchor/verifier';
import { type Clock } from '../../platform/clock/clock.ts';
import { type KeyProvider } from '../../platform/keys/key-provider.port.ts';
import { type SourceRef } from '../model.ts';
import {
  RecordErasedError,
  RecordExistsError,
  type EntryStore,
  type NewRecord,
  type SequenceResult,
  type Submission,
} from '../store/entry-store.port.ts';
import { recordKeyContext } from '../store/record-key.ts';
import { type RecordName, type RecordStore } from '../store/record-store.port.ts';
import { fieldsRoot } from '../store/fields-tree.ts';
import { planBatch } from './append.rules.ts';

/** A version that was parsed and digested; its content is gone already. */
export interface DigestedVersion {
  readonly source: SourceRef;
  readonly recordId: string;
  readonly versionId: string;
  readonly activity: Activity | null;
  readonly digest: RecordDigest;
  /** Pseudonym of the patient that the content names. */
  readonly subjectRef?: Uint8Array | null;
}

/** key-damaged: the stored key of this record was changed or exchanged; nothing was written for it. */
export type AppendResult = SequenceResult | { readonly result: 'key-damaged'; readonly record: bigint };

interface UsableRecord {
  readonly id: bigint;
  readonly recordRef: Uint8Array;
  /** null: damaged. */
  readonly key: Uint8Array | null;
  readonly create?: NewRecord;
}

const KEY_LENGTH = 32;
const IDS_RESERVED = 1024;
/** Each time, at least one of the records has come into being. */
const ATTEMPTS = 10;

export class AppendService {
  readonly #records: RecordStore;
  readonly #entries: EntryStore;
  readonly #keys: KeyProvider;
  readonly #clock: Clock;
  readonly #ids: bigint[] = [];

  constructor(records: RecordStore, entries: EntryStore, keys: KeyProvider, clock: Clock) {
    this.#records = records;
    this.#entries = entries;
    this.#keys = keys;
    this.#clock = clock;
  }

  /** Makes one batch durable: keys for new records, commitments, then the sequencing transaction. */
  async append(versions: readonly DigestedVersion[]): Promise<readonly AppendResult[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#append(versions);
      } catch (error) {
        // Somebody else was first with one of the new records: now it is there to be found, with the key that counts.
        // Or one was erased: then its name is free, and the version begins a new record.
        const stale = error instanceof RecordExistsError || error instanceof RecordErasedError;
        if (!stale || attempt >= ATTEMPTS) throw error;
      }
    }
  }

  async #append(versions: readonly DigestedVersion[]): Promise<readonly AppendResult[]> {
    const records = await this.#resolve(versions);
    // A record whose key is damaged fails alone; the others of the batch have nothing to do with it.
    const results: (AppendResult | null)[] = [];
    const submissions: Submission[] = [];
    for (const version of versions) {
      const record = records.get(nameKey(version.source.id, version.recordId)) as UsableRecord;
      results.push(record.key === null ? { result: 'key-damaged', record: record.id } : null);
      if (record.key !== null) submissions.push(toSubmission(version, record, record.key));
    }
    const sequenced = (await this.sequence(submissions)).values();
    return results.map((result) => result ?? (sequenced.next().value as SequenceResult));
  }

  async sequence(submissions: readonly Submission[]): Promise<readonly SequenceResult[]> {
    const time = this.#clock.now();
    return this.#entries.sequence(submissions, (state, all) => planBatch(state, all, time));
  }

  /** All records named, each once: those that are there with their keys, the others with fresh ones. */
  async #resolve(versions: readonly DigestedVersion[]): Promise<ReadonlyMap<string, UsableRecord>> {
    const wanted = new Map(versions.map((version) => [nameKey(version.source.id, version.recordId), version]));
    const found = await this.#records.find([...wanted.values()].map(nameOf));
    const usable = new Map<string, UsableRecord>();
    const keys = await this.#keys.unwrap(
      found.map((record) => {
        const { source } = wanted.get(nameKey(record.sourceId, record.recordId)) as DigestedVersion;
        return { wrapped: record.wrappedKey, context: recordKeyContext(source.tenantId, source.id, record.recordId) };
      }),
    );
    found.forEach(({ id, sourceId, recordId, recordRef: ref }, position) => {
      const key = keys[position];
      const intact = key instanceof Uint8Array && equalBytes(recordRef(key), ref);
      usable.set(nameKey(sourceId, recordId), { id, recordRef: ref, key: intact ? key : null });
    });
    const missing = [...wanted].filter(([name]) => !usable.has(name));
    if (missing.length > 0)
      for (const [name, record] of await this.#fresh(missing, newestSubjects(versions))) usable.set(name, record);
    return usable;
  }

  /** Reserved many at a time: a round trip for each batch would cost more than the gaps that a restart leaves. */
  async #takeIds(count: number): Promise<readonly bigint[]> {
    if (this.#ids.length < count) {
      const reserved = await this.#records.reserve(Math.max(count, IDS_RESERVED));
      this.#ids.push(...reserved);
    }
    return this.#ids.splice(0, count);
  }

  /** Not stored yet: that happens with the first version, in one transaction. */
  async #fresh(
    missing: readonly (readonly [string, DigestedVersion])[],
    subjects: ReadonlyMap<string, Uint8Array>,
  ): Promise<readonly [string, UsableRecord][]> {
    const ids = await this.#takeIds(missing.length);
    const random = new Uint8Array(randomBytes(KEY_LENGTH * missing.length));
    const keyAt = (position: number): Uint8Array => random.slice(position * KEY_LENGTH, (position + 1) * KEY_LENGTH);
    const wrapped = await this.#keys.wrap(
      missing.map(([, { source, recordId }], position) => ({
        key: keyAt(position),
        context: recordKeyContext(source.tenantId, source.id, recordId),
      })),
    );
    return missing.map(([name, version], position) => {
      const key = keyAt(position);
      const subjectRef = subjects.get(name) ?? null;
      const create = { ...nameOf(version), wrappedKey: wrapped[position] as Uint8Array, subjectRef };
      return [name, { id: ids[position] as bigint, recordRef: recordRef(key), key, create }];
    });
  }
}

function toSubmission(version: DigestedVersion, record: UsableRecord, key: Uint8Array): Submission {
  const { commitment, components } = commitRecord(version.digest, key, version.versionId, fieldsRoot);
  return {
    kind: 'record-version',
    record: record.id,
    recordRef: record.recordRef,
    ...(record.create === undefined ? {} : { create: record.create }),
    ...(version.subjectRef === undefined || version.subjectRef === null ? {} : { subjectRef: version.subjectRef }),
    source: version.source.id,
    versionId: version.versionId,
    activity: version.activity,
    scheme: version.digest.scheme,
    mediaType: version.digest.mediaType,
    commitment,
    components,
  };
}

/** The patient whom each record is about that begins with this batch: the one that its last version names. */
function newestSubjects(versions: readonly DigestedVersion[]): ReadonlyMap<string, Uint8Array> {
  const subjects = new Map<string, Uint8Array>();
  for (const { source, recordId, subjectRef } of versions)
    if (subjectRef !== undefined && subjectRef !== null) subjects.set(nameKey(source.id, recordId), subjectRef);
  return subjects;
}

function nameOf({ source, recordId }: DigestedVersion): RecordName {
  return { sourceId: source.id, recordId };
}

function nameKey(sourceId: string, recordId: string): string {
  return `${sourceId}/${recordId}`;
}
