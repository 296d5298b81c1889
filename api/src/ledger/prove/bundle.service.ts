// Proof bundles (docs/spec/formats.md section 9): the proof, what opens the commitment, and fields to disclose.
import {
  componentSalt,
  digestRecord,
  equalBytes,
  fieldLeafHash,
  fieldSalt,
  fieldSeed,
  openRecord,
  parseEntry,
  recordRef,
  selectFields,
  verdictOf,
  VerifyError,
  versionSalt,
  type Bundle,
  type ComponentName,
  type Disclosure,
  type Entry,
  type FieldLeaf,
  type RecordIdentity,
} from '@medanchor/verifier';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { type KeyProvider } from '../../platform/keys/key-provider.port.ts';
import { IntegrityFaultError } from '../integrity-fault.ts';
import { type SourceRef, type StoredRecord, type StoredVersion } from '../model.ts';
import { type EntryStore } from '../store/entry-store.port.ts';
import { fieldsProofs, fieldsRoot } from '../store/fields-tree.ts';
import { recordKeyContext } from '../store/record-key.ts';
import { type KeyHistoryService } from './key-history.service.ts';
import { readStoredEntry } from './prove.rules.ts';
import { type EntryProof, type ProveService } from './prove.service.ts';

/** A version with the record and source that it belongs to. */
export interface LocatedVersion {
  readonly source: SourceRef;
  readonly record: StoredRecord;
  readonly version: StoredVersion;
}

export interface DisclosureRequest {
  readonly content: Uint8Array;
  /** JSON Pointers; everything below each is disclosed. */
  readonly pointers: readonly string[];
}

export class BundleService {
  readonly #entries: EntryStore;
  readonly #prove: ProveService;
  readonly #keys: KeyProvider;

  readonly #history: KeyHistoryService;

  constructor(prove: ProveService, keys: KeyProvider, entries: EntryStore, history: KeyHistoryService) {
    this.#entries = entries;
    this.#prove = prove;
    this.#keys = keys;
    this.#history = history;
  }

  /** After something did not hold: what is kept in memory is read again. */
  forgetKept(): void {
    this.#prove.forgetTiles();
  }

  /**
   * The salt of one version, from which the salts of its components follow. Never leaves the service. Null when the source
   * keeps the record's key (digest mode).
   */
  async versionSalt({ source, record, version }: LocatedVersion): Promise<Uint8Array | null> {
    if (record.keyHolder === 'source') return null;
    if (record.wrappedKey === null) throw new IntegrityFaultError('the stored key of this record is gone');
    const [key] = await this.#keys.unwrap([
      { wrapped: record.wrappedKey, context: recordKeyContext(source.tenantId, source.id, record.recordId) },
    ]);
    if (!(key instanceof Uint8Array) || !equalBytes(recordRef(key), record.recordRef)) {
      throw new IntegrityFaultError('the stored key of this record was changed or exchanged');
    }
    return versionSalt(key, version.versionId);
  }

  /** Opens every component but `fields`, whose leaves are opened one by one (see {@link disclose}). */
  async bundle(located: LocatedVersion): Promise<{ bundle: Bundle; proof: EntryProof }> {
    const proof = await this.#prove.prove(located.version.index);
    const salt = await this.versionSalt(located);
    return { bundle: await this.#assemble(located, proof, salt, (name) => name !== 'fields'), proof };
  }

  /** The bundle of an entry that is no record version: there is nothing in it to open. */
  async entryBundle(index: bigint): Promise<Bundle> {
    const { text, anchor } = await this.#prove.prove(index);
    const [octets] = await this.#entries.readEntries(index, index + 1n);
    if (octets === undefined) throw new IntegrityFaultError(`the stored entry ${index} is gone`);
    return { entry: parseEntry(octets), opening: null, proof: text, anchor };
  }

  /**
   * A bundle that shows the chosen fields and hides the rest: only `identity` and `fields` are opened.
   *
   * @throws {DomainError} `fields-not-committed`, `content-differs` (the content posted is not that of this version),
   *   `salts-with-source`, `disclosure-malformed` (a pointer that selects nothing)
   */
  async disclose(located: LocatedVersion, request: DisclosureRequest): Promise<Bundle> {
    const { version } = located;
    if (!version.components.some((component) => component.name === 'fields')) {
      throw new DomainError(
        'fields-not-committed',
        'single fields of this version cannot be disclosed: it was recorded without `fields`',
      );
    }
    const salt = await this.versionSalt(located);
    if (salt === null) {
      throw new DomainError(
        'salts-with-source',
        'the source keeps the key of this record (digest mode): it can disclose fields from the bundle by itself',
      );
    }
    const proof = await this.#prove.prove(version.index);
    const disclosed = discloseFields(located, salt, request);
    const bundle = await this.#assemble(located, proof, salt, (name) => name === 'identity' || name === 'fields');
    return { ...bundle, disclosed };
  }

  /** Without a salt nothing is opened, the names neither: those that are committed are the source's to show. */
  async #assemble(
    located: LocatedVersion,
    proof: EntryProof,
    salt: Uint8Array | null,
    opened: (name: ComponentName) => boolean,
  ): Promise<Bundle> {
    const { version } = located;
    const entry = readStoredEntry(version);
    return {
      entry,
      opening: {
        scheme: version.scheme,
        mediaType: version.mediaType,
        ...(salt === null ? {} : { identity: identityOf(located) }),
        components: version.components.map((component) =>
          salt !== null && opened(component.name)
            ? { ...component, salt: componentSalt(salt, component.name) }
            : component,
        ),
      },
      proof: proof.text,
      anchor: proof.anchor,
      ...(await this.#submitter(entry, proof)),
    };
  }

  /** The key that signed, and what the log says of it. */
  async #submitter(entry: Entry, { checkpoint }: EntryProof): Promise<Pick<Bundle, 'submitterKey' | 'keyHistory'>> {
    if (entry.kind !== 'record-version' || entry.submitter === undefined) return {};
    const { keyId } = entry.submitter;
    const keyHistory = await this.#history.history(entry.source, keyId, checkpoint.size);
    const submitterKey = keyHistory.find((item) => item.entry.keyId === keyId)?.entry.jwk;
    return submitterKey === undefined ? {} : { submitterKey, keyHistory };
  }
}

export function identityOf({ source, record, version }: LocatedVersion): RecordIdentity {
  return { source: source.name, recordId: record.recordId, versionId: version.versionId };
}

export function saltsOf(version: StoredVersion, salt: Uint8Array): ReadonlyMap<ComponentName, Uint8Array> {
  return new Map(version.components.map(({ name }) => [name, componentSalt(salt, name)]));
}

function discloseFields(
  located: LocatedVersion,
  salt: Uint8Array,
  { content, pointers }: DisclosureRequest,
): Disclosure {
  const { version } = located;
  const digest = digestRecord(content, version.mediaType, identityOf(located), {
    fields: true,
    scheme: version.scheme,
  });
  const { verdict } = verdictOf(openRecord(digest, version.components, saltsOf(version, salt)));
  if (verdict !== 'identical' && verdict !== 'equal-exact') {
    throw new DomainError('content-differs', 'fields can be disclosed only with the very content that was recorded', {
      verdict,
    });
  }
  const leaves = digest.fields ?? [];
  const indexes = select(leaves, pointers);
  const seed = fieldSeed(salt);
  const salts = leaves.map((_, index) => fieldSalt(seed, index));
  const hashes = leaves.map((leaf, index) => fieldLeafHash(salts[index] as Uint8Array, leaf));
  const proofs = fieldsProofs(hashes, indexes);
  return {
    count: BigInt(leaves.length),
    root: fieldsRoot(hashes),
    fields: indexes.map((index, position) => ({
      index: BigInt(index),
      path: leaves[index]?.path ?? '',
      value: leaves[index]?.value ?? '',
      salt: salts[index] as Uint8Array,
      proof: proofs[position] ?? [],
    })),
  };
}

function select(leaves: readonly FieldLeaf[], pointers: readonly string[]): readonly number[] {
  try {
    return selectFields(leaves, pointers);
  } catch (error) {
    // The pointers are the sender's own words.
    if (error instanceof VerifyError)
      throw new DomainError('disclosure-malformed', error.message, {}, { cause: error });
    throw error;
  }
}
