// Finds the records that versions belong to, with their keys; makes what a new record needs. Nothing is stored here: a record
// comes into being with its first version, in one transaction.
import { randomBytes } from 'node:crypto';
import { equalBytes, recordRef } from '@medanchor/verifier';
import { type Clock } from '../../platform/clock/clock.ts';
import { type KeyProvider } from '../../platform/keys/key-provider.port.ts';
import { type KeyHolder, type SourceRef, type StoredRecord } from '../model.ts';
import { RecordExistsError, type NewRecord } from '../store/entry-store.port.ts';
import { type PreparedRecordStore } from '../store/prepared-record-store.port.ts';
import { recordKeyContext } from '../store/record-key.ts';
import { type RecordName, type RecordStore } from '../store/record-store.port.ts';

/** The name of a record, and how it would come into being. */
export interface WantedRecord {
  readonly source: SourceRef;
  readonly recordId: string;
  /** The pseudonym that the source made (digest mode); null when the ledger keeps the key. */
  readonly ref: Uint8Array | null;
  /** It may have been prepared under its name. */
  readonly signed: boolean;
  /** Pseudonym of the patient; null when it names none. */
  readonly subjectRef: Uint8Array | null;
}

export interface UsableRecord {
  readonly id: bigint;
  readonly recordRef: Uint8Array;
  readonly holder: KeyHolder;
  /** null: damaged, or kept by the source. */
  readonly key: Uint8Array | null;
  /** A pseudonym that names another record of this source already. */
  readonly refTaken?: true;
  readonly create?: NewRecord;
}

const KEY_LENGTH = 32;
const IDS_RESERVED = 1024;

export class RecordResolver {
  readonly #records: RecordStore;
  readonly #prepared: PreparedRecordStore;
  readonly #keys: KeyProvider;
  readonly #clock: Clock;
  readonly #ids: bigint[] = [];

  constructor(records: RecordStore, prepared: PreparedRecordStore, keys: KeyProvider, clock: Clock) {
    this.#records = records;
    this.#prepared = prepared;
    this.#keys = keys;
    this.#clock = clock;
  }

  /**
   * By {@link nameKey}, each once: those that are there with their keys, the others with fresh ones.
   *
   * @throws {RecordExistsError} when one has come into being meanwhile: resolve them again
   */
  async resolve(versions: readonly WantedRecord[]): Promise<ReadonlyMap<string, UsableRecord>> {
    const wanted = new Map<string, WantedRecord>();
    for (const version of versions) {
      const name = nameKey(version.source.id, version.recordId);
      const other = wanted.get(name);
      // What the first version asks for is what comes into being; any signed one may have been prepared.
      // The patient is the one whom its last version names.
      if (other === undefined) wanted.set(name, version);
      else {
        const signed = other.signed || version.signed;
        wanted.set(name, { ...other, signed, subjectRef: version.subjectRef ?? other.subjectRef });
      }
    }
    const found = await this.#records.find([...wanted.values()].map(nameOf));
    const usable = new Map(await this.#opened(found, wanted));
    const missing = [...wanted].filter(([name]) => !usable.has(name));
    if (missing.length === 0) return usable;
    for (const [name, record] of await this.#reserved(missing)) usable.set(name, record);
    const fresh = missing.filter(([name]) => !usable.has(name));
    for (const [name, record] of await this.#fresh(fresh.filter(([, { ref }]) => ref === null)))
      usable.set(name, record);
    for (const [name, record] of await this.#sourceHeld(fresh.filter(([, { ref }]) => ref !== null)))
      usable.set(name, record);
    return usable;
  }

  /** A reservation for a record that is not there: its id, and its key in wrapped form. */
  async newRecord(source: SourceRef, recordId: string): Promise<{ id: bigint; wrappedKey: Uint8Array }> {
    const [[, record] = []] = await this.#fresh([
      ['', { source, recordId, ref: null, signed: false, subjectRef: null }],
    ]);
    return { id: record?.id as bigint, wrappedKey: record?.create?.wrappedKey as Uint8Array };
  }

  async #opened(
    found: readonly StoredRecord[],
    wanted: ReadonlyMap<string, WantedRecord>,
  ): Promise<readonly [string, UsableRecord][]> {
    const kept = found.filter(({ wrappedKey }) => wrappedKey !== null);
    const unwrapped = await this.#keys.unwrap(
      kept.map((record) => {
        const { source } = wanted.get(nameKey(record.sourceId, record.recordId)) as WantedRecord;
        return {
          wrapped: record.wrappedKey as Uint8Array,
          context: recordKeyContext(source.tenantId, source.id, record.recordId),
        };
      }),
    );
    const keys = new Map(kept.map(({ id }, position) => [id, unwrapped[position]]));
    return found.map(({ id, sourceId, recordId, recordRef: ref, keyHolder }) => {
      const key = keys.get(id);
      const intact = key instanceof Uint8Array && equalBytes(recordRef(key), ref);
      return [nameKey(sourceId, recordId), { id, recordRef: ref, holder: keyHolder, key: intact ? key : null }];
    });
  }

  /** Reserved many at a time: a round trip for each batch would cost more than the gaps that a restart leaves. */
  async #takeIds(count: number): Promise<readonly bigint[]> {
    if (this.#ids.length < count) {
      const reserved = await this.#records.reserve(Math.max(count, IDS_RESERVED));
      this.#ids.push(...reserved);
    }
    return this.#ids.splice(0, count);
  }

  /** Only signed submissions are prepared, so only they are looked up. */
  async #reserved(missing: readonly Missing[]): Promise<readonly [string, UsableRecord][]> {
    const signed = missing.filter(([, { signed, ref }]) => signed && ref === null);
    if (signed.length === 0) return [];
    const names = new Map(signed);
    const found = await this.#prepared.find(
      signed.map(([, record]) => nameOf(record)),
      this.#clock.now(),
    );
    const keys = await this.#keys.unwrap(
      found.map(({ sourceId, recordId, wrappedKey }) => ({
        wrapped: wrappedKey,
        context: recordKeyContext(names.get(nameKey(sourceId, recordId))?.source.tenantId ?? '', sourceId, recordId),
      })),
    );
    const intact = found.flatMap(({ id, sourceId, recordId }, position) => {
      const key = keys[position];
      const wanted = names.get(nameKey(sourceId, recordId));
      return key instanceof Uint8Array && wanted !== undefined ? [{ id, key, wanted }] : [];
    });
    // Wrapped anew: a rotation that has passed this record's place would never see a key that an older one wraps.
    const wrapped = await this.#keys.wrap(
      intact.map(({ key, wanted: { source, recordId } }) => ({
        key,
        context: recordKeyContext(source.tenantId, source.id, recordId),
      })),
    );
    return intact.map(({ id, key, wanted }, position): [string, UsableRecord] => {
      const { subjectRef } = wanted;
      const wrappedKey = wrapped[position] as Uint8Array;
      const create = { ...nameOf(wanted), wrappedKey, prepared: true, subjectRef } as const;
      return [
        nameKey(create.sourceId, create.recordId),
        { id, recordRef: recordRef(key), holder: 'ledger', key, create },
      ];
    });
  }

  async #fresh(missing: readonly Missing[]): Promise<readonly [string, UsableRecord][]> {
    if (missing.length === 0) return [];
    const ids = await this.#takeIds(missing.length);
    const random = new Uint8Array(randomBytes(KEY_LENGTH * missing.length));
    const keyAt = (position: number): Uint8Array => random.slice(position * KEY_LENGTH, (position + 1) * KEY_LENGTH);
    const wrapped = await this.#keys.wrap(
      missing.map(([, { source, recordId }], position) => ({
        key: keyAt(position),
        context: recordKeyContext(source.tenantId, source.id, recordId),
      })),
    );
    return missing.map(([name, record], position) => {
      const key = keyAt(position);
      const create = { ...nameOf(record), wrappedKey: wrapped[position] as Uint8Array, subjectRef: record.subjectRef };
      return [name, { id: ids[position] as bigint, recordRef: recordRef(key), holder: 'ledger', key, create }];
    });
  }

  /** A pseudonym stands for one record: two with the same would look like one record with two histories. */
  async #sourceHeld(missing: readonly Missing[]): Promise<readonly [string, UsableRecord][]> {
    if (missing.length === 0) return [];
    const ids = await this.#takeIds(missing.length);
    const refs = missing.map(([, { source, ref }]) => ({ sourceId: source.id, recordRef: ref as Uint8Array }));
    const found = await this.#records.refsTaken(refs);
    const names = new Set(missing.map(([name]) => name));
    // It has come into being since it was looked for.
    if (found.some(({ sourceId, recordId }) => recordId !== null && names.has(nameKey(sourceId, recordId))))
      throw new RecordExistsError();
    const taken = new Set(found.map((one) => refKey(one)));
    return missing.map(([name, record], position) => {
      const ref = refs[position] as { sourceId: string; recordRef: Uint8Array };
      const refTaken = taken.has(refKey(ref));
      taken.add(refKey(ref));
      return [
        name,
        {
          id: ids[position] as bigint,
          recordRef: ref.recordRef,
          holder: 'source',
          key: null,
          ...(refTaken ? { refTaken } : {}),
          create: { ...nameOf(record), wrappedKey: null, subjectRef: record.subjectRef },
        },
      ];
    });
  }
}

type Missing = readonly [name: string, record: WantedRecord];

function nameOf({ source, recordId }: Pick<WantedRecord, 'source' | 'recordId'>): RecordName {
  return { sourceId: source.id, recordId };
}

export function nameKey(sourceId: string, recordId: string): string {
  return `${sourceId}/${recordId}`;
}

function refKey({ sourceId, recordRef: ref }: { sourceId: string; recordRef: Uint8Array }): string {
  return `${sourceId}/${Buffer.from(ref).toString('hex')}`;
}
