// Key provider for a remote master key (envelope encryption): the master key wraps data keys, of which one is enough for
// millions of records; a data key, kept unwrapped for a bounded time, wraps the records' keys here. So an append waits for the
// key service only when a data key is made or its time in memory has passed. Version 2 of the wrapped form (sealing-key.ts).
//
// Whoever takes away our right to decrypt with the master key takes the service's keys away after `keepMs` at the latest.
import { randomBytes, randomInt } from 'node:crypto';
import { InvariantError } from '@medanchor/verifier';
import { LRUCache } from 'lru-cache';
import { type Clock } from '../clock/clock.ts';
import { coalesce } from '../database/coalesce.ts';
import { dataKeyContext, type DataKeyStore, type WrappedDataKey } from './data-key-store.port.ts';
import { KeyProvider, KeyUnwrapError, type UnwrapRequest, type WrapRequest } from './key-provider.port.ts';
import { type MasterKey } from './master-key.port.ts';
import { idOf, SealingKey, sealingKeyId } from './sealing-key.ts';

export const ENVELOPE_VERSION = 2;

export interface EnvelopeLimits {
  /** How long a data key stays unwrapped in memory. */
  readonly keepMs: number;
  /** An older data key is not used for wrapping any more. */
  readonly maxAgeMs: number;
  /** Uses by one process. With a day's age and less than 200 processes far below the 2^32 of random nonces. */
  readonly maxUses: number;
  /** How often the table is asked whether somebody has begun a newer one. */
  readonly lookMs: number;
}

export const LIMITS: Omit<EnvelopeLimits, 'keepMs'> = {
  maxAgeMs: 24 * 3_600_000,
  maxUses: 2 ** 24,
  lookMs: 10_000,
};

/** Unwrapped data keys in memory at most. */
const MAX_KEPT = 1024;
const ID_ATTEMPTS = 5;

interface Current {
  readonly id: number;
  readonly createdAt: Date;
  lookedAt: number;
  uses: number;
}

export class EnvelopeKeyProvider extends KeyProvider {
  readonly #master: MasterKey;
  readonly #store: DataKeyStore;
  readonly #clock: Clock;
  readonly #limits: EnvelopeLimits;
  readonly #kept: LRUCache<number, SealingKey>;
  readonly #load: (id: number) => Promise<SealingKey | KeyUnwrapError>;
  #current: Current | null = null;
  #choosing: Promise<Current> | null = null;

  constructor(master: MasterKey, store: DataKeyStore, clock: Clock, limits: EnvelopeLimits) {
    super();
    this.#master = master;
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
    // Purged on time and not at the next look: a key that nobody asks for must go as well.
    this.#kept = new LRUCache({ max: MAX_KEPT, ttl: limits.keepMs, ttlAutopurge: true });
    const load = coalesce<number, { readonly key: SealingKey | KeyUnwrapError }>((ids) => this.#loadAll(ids));
    this.#load = async (id) => (await load(id)).key;
  }

  async wrap(requests: readonly WrapRequest[]): Promise<readonly Uint8Array[]> {
    if (requests.length === 0) return [];
    const key = await this.#sealing(requests.length);
    return requests.map(({ key: secret, context }) => key.seal(secret, context));
  }

  async unwrap(requests: readonly UnwrapRequest[]): Promise<readonly (Uint8Array | KeyUnwrapError)[]> {
    const ids = requests.map(({ wrapped }) => sealingKeyId(wrapped, ENVELOPE_VERSION));
    const keys = new Map<number, SealingKey | KeyUnwrapError>();
    for (const id of ids) {
      const kept = id === null || keys.has(id) ? undefined : this.#kept.get(id);
      if (id !== null && kept !== undefined) keys.set(id, kept);
    }
    const missing = [...new Set(ids)].filter((id): id is number => id !== null && !keys.has(id));
    const loaded = await Promise.all(missing.map((id) => this.#load(id)));
    missing.forEach((id, position) => keys.set(id, loaded[position] as SealingKey | KeyUnwrapError));
    return requests.map(({ wrapped, context }, position) => {
      const id = ids[position] ?? null;
      const key = id === null ? undefined : keys.get(id);
      if (key === undefined) return new KeyUnwrapError('a wrapped key is malformed');
      return key instanceof SealingKey ? key.open(wrapped, context) : key;
    });
  }

  async header(): Promise<Uint8Array> {
    return (await this.#sealing(0)).header;
  }

  async knows(header: Uint8Array): Promise<boolean> {
    return header[0] === ENVELOPE_VERSION && (await this.#store.find([idOf(header)])).length === 1;
  }

  opens(): readonly Uint8Array[] {
    return [Uint8Array.of(ENVELOPE_VERSION, 0, 0, 0, 0)];
  }

  /**
   * A new data key, and all others wrapped again, by the newest version of the master key: after this the older versions are
   * needed for nothing but backups. Decrypts and encrypts, since Vault's `rewrap` does not take associated data.
   */
  async renew(): Promise<void> {
    this.#current = await this.#begin();
    for (const old of await this.#store.all()) {
      if (old.id === this.#current.id) continue;
      const [key] = await this.#master.decrypt([{ ...old, ciphertext: old.wrapped, context: dataKeyContext(old.id) }]);
      // Damaged or of a master that is gone: what it wrapped is counted as failed by the rotation itself.
      if (!(key instanceof Uint8Array)) continue;
      const [wrapped] = await this.#master.encrypt([{ plaintext: key, context: dataKeyContext(old.id) }]);
      key.fill(0);
      await this.#store.rewrap(old, this.#master.name, wrapped as string, this.#clock.now());
    }
  }

  async #sealing(uses: number): Promise<SealingKey> {
    const current = await this.#choose();
    current.uses += uses;
    const kept = this.#kept.get(current.id) ?? (await this.#load(current.id));
    if (kept instanceof SealingKey) return kept;
    // The newest data key is of no use to anybody: go on with a new one.
    this.#current = await this.#begin();
    return this.#kept.get(this.#current.id) as SealingKey;
  }

  async #choose(): Promise<Current> {
    const now = this.#clock.now().getTime();
    const { lookMs } = this.#limits;
    if (this.#current !== null && now - this.#current.lookedAt < lookMs && this.#isUsable(this.#current, now))
      return this.#current;
    this.#choosing ??= this.#look(now).finally(() => (this.#choosing = null));
    return this.#choosing;
  }

  async #look(now: number): Promise<Current> {
    const newest = await this.#store.newest(this.#master.name);
    const uses = newest?.id === this.#current?.id ? (this.#current?.uses ?? 0) : 0;
    const found = newest === null ? null : { id: newest.id, createdAt: newest.createdAt, lookedAt: now, uses };
    this.#current = found !== null && this.#isUsable(found, now) ? found : await this.#begin();
    return this.#current;
  }

  #isUsable({ createdAt, uses }: Current, now: number): boolean {
    return now - createdAt.getTime() < this.#limits.maxAgeMs && uses < this.#limits.maxUses;
  }

  async #begin(): Promise<Current> {
    const octets = randomBytes(32);
    try {
      for (let attempt = 1; attempt <= ID_ATTEMPTS; attempt += 1) {
        const id = randomInt(2 ** 32);
        const [wrapped] = await this.#master.encrypt([{ plaintext: octets, context: dataKeyContext(id) }]);
        const createdAt = this.#clock.now();
        const row = { id, master: this.#master.name, wrapped: wrapped as string, createdAt };
        // Durable before anything is wrapped with it.
        if (!(await this.#store.add(row))) continue;
        this.#kept.set(id, sealingKey(id, octets));
        return { id, createdAt, lookedAt: createdAt.getTime(), uses: 0 };
      }
    } finally {
      octets.fill(0);
    }
    throw new InvariantError('no free id for a data key was found');
  }

  async #loadAll(ids: readonly number[]): Promise<readonly { readonly key: SealingKey | KeyUnwrapError }[]> {
    const rows = new Map((await this.#store.find(ids)).map((row) => [row.id, row]));
    const present = ids.flatMap((id) => rows.get(id) ?? []);
    const opened = await this.#master.decrypt(
      present.map(({ id, master, wrapped }) => ({ master, ciphertext: wrapped, context: dataKeyContext(id) })),
    );
    const keys = new Map(present.map((row, position) => [row.id, this.#keep(row, opened[position])]));
    return ids.map((id) => ({
      key: keys.get(id) ?? new KeyUnwrapError('a wrapped key belongs to an unknown data key'),
    }));
  }

  #keep({ id }: WrappedDataKey, opened: Uint8Array | KeyUnwrapError | undefined): SealingKey | KeyUnwrapError {
    if (!(opened instanceof Uint8Array) || opened.length !== 32)
      return new KeyUnwrapError('the data key of a wrapped key was changed or exchanged', { cause: opened });
    const key = sealingKey(id, opened);
    opened.fill(0);
    this.#kept.set(id, key);
    return key;
  }
}

function sealingKey(id: number, octets: Uint8Array): SealingKey {
  const name = Buffer.alloc(4);
  name.writeUInt32BE(id);
  return new SealingKey(ENVELOPE_VERSION, name, octets);
}
