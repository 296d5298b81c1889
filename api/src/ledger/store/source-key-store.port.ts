import { type SourceKey } from '../model.ts';

/**
 * The keys of sources, to read. They are written with the entries that they come from (EntryStore).
 *
 * - a key that was registered stays, whatever becomes of it; its JWK never changes.
 */
export abstract class SourceKeyStore {
  /** In the order in which they were registered. */
  abstract list(source: string): Promise<readonly SourceKey[]>;
  /** Those of the keys that are registered. */
  abstract find(names: readonly { readonly source: string; readonly keyId: string }[]): Promise<readonly SourceKey[]>;
  /** The key, the one that it replaced, and so on; the newest first. Empty when it is not registered. */
  abstract chain(source: string, keyId: string): Promise<readonly SourceKey[]>;
}
