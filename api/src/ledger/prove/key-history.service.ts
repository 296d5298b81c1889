// What the log says of the key that signed a version, as a bundle shows it (docs/spec/formats.md section 9): every `key` entry of
// that key and of those that it replaced, each with its proof in the tree of the bundle's own checkpoint.
import { type KeyHistoryItem } from '@medanchor/verifier';
import { IntegrityFaultError } from '../integrity-fault.ts';
import { type EntryStore } from '../store/entry-store.port.ts';
import { type SourceKeyStore } from '../store/source-key-store.port.ts';
import { readStoredEntry } from './prove.rules.ts';
import { type ProveService } from './prove.service.ts';

export class KeyHistoryService {
  readonly #keys: SourceKeyStore;
  readonly #entries: EntryStore;
  readonly #prove: ProveService;

  constructor(keys: SourceKeyStore, entries: EntryStore, prove: ProveService) {
    this.#keys = keys;
    this.#entries = entries;
    this.#prove = prove;
  }

  /**
   * @param size of the checkpoint; an entry beyond it is not shown, so that the bundle of an anchored version stays as it is
   * @returns in the order of the log; empty when the key is not registered
   */
  async history(source: string, keyId: string, size: bigint): Promise<readonly KeyHistoryItem[]> {
    const chain = await this.#keys.chain(source, keyId);
    const indexes = new Set(chain.flatMap(({ registeredIndex, revokedIndex }) => [registeredIndex, revokedIndex]));
    const shown = [...indexes]
      .filter((index) => index !== null && index < size)
      .sort((a, b) => ((a as bigint) < (b as bigint) ? -1 : 1)) as bigint[];
    const items: KeyHistoryItem[] = [];
    for (const index of shown) {
      items.push({ entry: await this.#entry(index), index, proof: await this.#prove.inclusion(index, size) });
    }
    return items;
  }

  async #entry(index: bigint): Promise<KeyHistoryItem['entry']> {
    const [octets] = await this.#entries.readEntries(index, index + 1n);
    const entry = octets === undefined ? null : readStoredEntry({ entry: octets, index });
    if (entry?.kind !== 'key') throw new IntegrityFaultError(`there is no key entry at index ${index} any more`);
    return entry;
  }
}
