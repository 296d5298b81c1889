// The first step of a signed submission: what the source has to sign. A new record gets its key now, reserved under its name for a
// while, since the commitment is made with it.
import { commitWithSalt, equalBytes, recordRef, statementBytes, versionSalt, type Activity } from '@medanchor/verifier';
import { type Clock } from '../../platform/clock/clock.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { type KeyProvider } from '../../platform/keys/key-provider.port.ts';
import { IntegrityFaultError } from '../integrity-fault.ts';
import { type StoredRecord } from '../model.ts';
import { type SequenceResult } from '../store/entry-store.port.ts';
import { fieldsRoot } from '../store/fields-tree.ts';
import { type PreparedRecordStore } from '../store/prepared-record-store.port.ts';
import { recordKeyContext } from '../store/record-key.ts';
import { type RecordStore } from '../store/record-store.port.ts';
import { compareWithFirst } from './append.rules.ts';
import { type DigestedVersion } from './append.service.ts';
import { type RecordResolver } from './record-resolver.ts';

/** Another content is recorded under this version id: its salt is not for who does not have its content. */
export type PrepareConflict = Extract<SequenceResult, { result: 'conflict' }>;

export interface PreparedVersion {
  readonly result: 'prepared';
  readonly activity: Activity;
  readonly commitment: Uint8Array;
  readonly scheme: DigestedVersion['digest']['scheme'];
  /** With it the source can see for itself that the commitment is that of its content. */
  readonly versionSalt: Uint8Array;
  /** The octets to sign. */
  readonly statement: Uint8Array;
  readonly expiresAt: Date;
}

/** Long enough for a person with a signing card, short enough that forgotten keys do not pile up. */
const LIFETIME_MS = 10 * 60_000;

export interface PrepareParts {
  readonly records: RecordStore;
  readonly prepared: PreparedRecordStore;
  readonly resolver: RecordResolver;
  readonly keys: KeyProvider;
  readonly clock: Clock;
}

export class PrepareService {
  readonly #parts: PrepareParts;

  constructor(parts: PrepareParts) {
    this.#parts = parts;
  }

  /** @throws {DomainError} `mode-differs`; @throws {IntegrityFaultError} when the record's key is damaged */
  async prepare(version: DigestedVersion): Promise<PreparedVersion | PrepareConflict> {
    const { source, recordId, versionId, digest } = version;
    const now = this.#parts.clock.now();
    const [found] = await this.#parts.records.locate([{ sourceId: source.id, recordId, versionId }]);
    const record = found?.record ?? null;
    const first = found?.version ?? null;
    const key = record === null ? await this.#reserve(version, now) : await this.#keyOf(record, version);
    const salt = versionSalt(key, versionId);
    const { commitment, components } = commitWithSalt(digest, salt, fieldsRoot);
    if (first !== null) {
      const compared = compareWithFirst(first, { components, scheme: digest.scheme });
      if (compared.result === 'conflict') return { ...compared, version: first };
    }
    const activity = version.activity ?? first?.activity ?? (record === null ? 'create' : 'update');
    const { scheme } = digest;
    return {
      result: 'prepared',
      activity,
      commitment,
      scheme,
      versionSalt: salt,
      statement: statementBytes({ activity, commitment, scheme, source: source.id }),
      expiresAt: new Date(now.getTime() + LIFETIME_MS),
    };
  }

  async #keyOf(record: StoredRecord, { source, recordId }: DigestedVersion): Promise<Uint8Array> {
    if (record.keyHolder === 'source')
      throw new DomainError(
        'mode-differs',
        'the source keeps the key of this record (digest mode): it computes the commitment and signs it by itself',
      );
    const key = record.wrappedKey === null ? null : await this.#unwrap(record.wrappedKey, source, recordId);
    if (key === null || !equalBytes(recordRef(key), record.recordRef))
      throw new IntegrityFaultError('the stored key of this record was changed or exchanged');
    return key;
  }

  async #reserve({ source, recordId }: DigestedVersion, now: Date): Promise<Uint8Array> {
    const { prepared, resolver } = this.#parts;
    const made = { sourceId: source.id, recordId, ...(await resolver.newRecord(source, recordId)) };
    const { wrappedKey } = await prepared.reserve(made, now, LIFETIME_MS);
    const key = await this.#unwrap(wrappedKey, source, recordId);
    if (key === null) throw new IntegrityFaultError('the reserved key of this record was changed or exchanged');
    return key;
  }

  async #unwrap(wrapped: Uint8Array, source: DigestedVersion['source'], recordId: string): Promise<Uint8Array | null> {
    const context = recordKeyContext(source.tenantId, source.id, recordId);
    const [key] = await this.#parts.keys.unwrap([{ wrapped, context }]);
    return key instanceof Uint8Array ? key : null;
  }
}
