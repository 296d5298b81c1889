// Pseudonyms of patients: how the records of one patient are found again when the patient asks for their erasure, without
// the patient's reference being stored.
//
//     subjectRef = HMAC(subjectKey of the tenant, "medanchor/subject/1:" + source id + ":" + reference)
//
// The key is 32 random octets, wrapped by the KEK. It stays when records are erased; the pseudonym on the record goes.
import { randomBytes } from 'node:crypto';
import { hmacSha256, utf8 } from '@medanchor/verifier';
import { type DataSource } from 'typeorm';
import { type SourceRef } from '../ledger/index.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { type KeyProvider } from '../platform/keys/key-provider.port.ts';
import { subjectKeyContext } from './subject-key.ts';
import { patientReference } from './subject.rules.ts';

const KEY_LENGTH = 32;

export class SubjectRefs {
  readonly #database: DataSource;
  readonly #keys: KeyProvider;
  /** As many as there are tenants. A key that could not be had is asked for again. */
  readonly #known = new Map<string, Promise<Uint8Array>>();

  constructor(database: DataSource, keys: KeyProvider) {
    this.#database = database;
    this.#keys = keys;
  }

  /**
   * @param given as it stands in the content: `Patient/123`
   * @returns null for a reference that names nobody outside of its document
   */
  async refOf({ id, tenantId }: SourceRef, given: string): Promise<Uint8Array | null> {
    const reference = patientReference(given);
    if (reference === null) return null;
    const key = await this.#key(tenantId);
    // For each submission that names a patient: Node's createHmac takes several times as long for so few octets.
    return hmacSha256(key, utf8(`medanchor/subject/1:${id}:${reference}`));
  }

  #key(tenantId: string): Promise<Uint8Array> {
    const known = this.#known.get(tenantId);
    if (known !== undefined) return known;
    const reading = this.#read(tenantId);
    this.#known.set(tenantId, reading);
    reading.catch(() => this.#known.delete(tenantId));
    return reading;
  }

  async #read(tenantId: string): Promise<Uint8Array> {
    const context = subjectKeyContext(tenantId);
    let wrapped = await this.#stored(tenantId);
    if (wrapped === null) {
      const [fresh] = await this.#keys.wrap([{ key: new Uint8Array(randomBytes(KEY_LENGTH)), context }]);
      // Two processes that meet a new tenant at once: the first one's key counts.
      await this.#database.query(
        'INSERT INTO subject_key (tenant_id, wrapped_key) VALUES ($1, $2) ON CONFLICT DO NOTHING',
        [tenantId, fresh],
      );
      wrapped = await this.#stored(tenantId);
    }
    const [key] = await this.#keys.unwrap([{ wrapped: wrapped ?? new Uint8Array(), context }]);
    if (key instanceof Uint8Array) return key;
    throw new DomainError(
      'integrity-fault',
      'the stored key of the patients’ pseudonyms was changed or exchanged',
      {},
      {
        cause: key,
      },
    );
  }

  async #stored(tenantId: string): Promise<Uint8Array | null> {
    const rows: readonly { wrapped_key: Buffer }[] = await this.#database.query(
      'SELECT wrapped_key FROM subject_key WHERE tenant_id = $1',
      [tenantId],
    );
    return rows[0]?.wrapped_key ?? null;
  }
}
