// Where a source keeps the keys of its records in digest mode. Whoever loses a key can never show what was committed with it;
// whoever destroys it has erased the link between the record and the log.

/** Implement it over a database or a secret store of yours. Keys are 32 random octets, one for each record. */
export interface RecordKeyStore {
  get(recordId: string): Promise<Uint8Array | null>;
  /**
   * Keeps `key` unless there is one, and returns the one that counts: two processes that meet a new record at once must end
   * up with the same key. Resolves only when it is durable.
   */
  putIfAbsent(recordId: string, key: Uint8Array): Promise<Uint8Array>;
}

/** For tests and examples: gone with the process. */
export class MemoryKeyStore implements RecordKeyStore {
  readonly #keys = new Map<string, Uint8Array>();

  async get(recordId: string): Promise<Uint8Array | null> {
    return this.#keys.get(recordId) ?? null;
  }

  async putIfAbsent(recordId: string, key: Uint8Array): Promise<Uint8Array> {
    const kept = this.#keys.get(recordId) ?? key;
    this.#keys.set(recordId, kept);
    return kept;
  }
}
