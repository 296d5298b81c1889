// Pure rules of keys: what a `key` entry may do, and whether a key was in force, in the order of the log. Within one batch
// each entry sees those before it.
import { type KeyEntry } from '@medanchor/verifier';
import { type SourceKey } from '../model.ts';
import { sourceKeyName, type Refusal } from '../store/entry-store.port.ts';

export class KeyBook {
  readonly #keys: Map<string, SourceKey>;
  readonly #changed = new Map<string, SourceKey>();

  constructor(keys: ReadonlyMap<string, SourceKey>) {
    this.#keys = new Map(keys);
  }

  /** Rows as they are after the batch. */
  get changed(): readonly SourceKey[] {
    return [...this.#changed.values()];
  }

  /** Why a version signed with this key cannot come next in the log; null when it can. */
  refusalOfUse(source: string, keyId: string): Refusal | null {
    const key = this.#keys.get(sourceKeyName(source, keyId));
    if (key === undefined)
      return refused('signature-key-unknown', `key ${keyId} is not registered for this source: register it first`);
    if (key.revokedIndex !== null)
      return refused('signature-key-revoked', `key ${keyId} was ${ending(key)} at index ${key.revokedIndex}`);
    return null;
  }

  /** Why this `key` entry cannot come next in the log; null when it can. */
  refusalOf({ action, source, keyId, replaces }: KeyEntry): Refusal | null {
    const key = this.#keys.get(sourceKeyName(source, keyId));
    if (action === 'revoke') return endable(key, keyId);
    if (key !== undefined) {
      return key.revokedIndex === null
        ? refused('key-exists', `key ${keyId} is registered for this source since index ${key.registeredIndex}`)
        : refused('key-revoked', `key ${keyId} was ${ending(key)}; it cannot be registered again: make a new one`);
    }
    return replaces === undefined ? null : endable(this.#keys.get(sourceKeyName(source, replaces)), replaces);
  }

  /** @param entry for which `refusalOf` gave null */
  apply({ source, keyId, jwk, replaces }: KeyEntry, index: bigint): void {
    const end = (ended: string, replacedBy: string | null): void => {
      const key = this.#keys.get(sourceKeyName(source, ended)) as SourceKey;
      this.#set({ ...key, revokedIndex: index, replacedBy });
    };
    if (jwk === undefined) end(keyId, null);
    else this.#set({ source, keyId, jwk, registeredIndex: index, revokedIndex: null, replacedBy: null });
    if (replaces !== undefined) end(replaces, keyId);
  }

  #set(key: SourceKey): void {
    const name = sourceKeyName(key.source, key.keyId);
    this.#keys.set(name, key);
    this.#changed.set(name, key);
  }
}

function endable(key: SourceKey | undefined, keyId: string): Refusal | null {
  if (key === undefined) return refused('unknown-key', `key ${keyId} is not registered for this source`);
  return key.revokedIndex === null
    ? null
    : refused('key-revoked', `key ${keyId} was ${ending(key)} at index ${key.revokedIndex}`);
}

function ending({ replacedBy }: SourceKey): string {
  return replacedBy === null ? 'revoked' : `replaced by ${replacedBy}`;
}

function refused(code: Refusal['code'], detail: string): Refusal {
  return { result: 'refused', code, detail };
}
