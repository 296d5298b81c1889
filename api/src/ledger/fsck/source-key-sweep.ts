// Keys of sources: every row against the entries that it comes from, and every `key` entry, as it passes by, against its row.
import { type Entry, type KeyEntry } from '@medanchor/verifier';
import { type FsckSource } from '../store/fsck-source.port.ts';
import { openBatch } from './batch-row.rules.ts';
import { type Findings } from './findings.ts';
import { faultsOfKeyEntry, faultsOfKeyRow } from './source-key.rules.ts';
import { readEntry } from './version-row.rules.ts';

const PAGE = 500;

export class SourceKeySweep {
  readonly #source: FsckSource;
  readonly #findings: Findings;

  constructor(source: FsckSource, findings: Findings) {
    this.#source = source;
    this.#findings = findings;
  }

  /** An entry whose octets are those that were recorded. */
  async entry(index: bigint, entry: KeyEntry): Promise<void> {
    const keyIds = entry.replaces === undefined ? [entry.keyId] : [entry.keyId, entry.replaces];
    const rows = await this.#source.sourceKeys(entry.source, keyIds);
    for (const fault of faultsOfKeyEntry(index, entry, rows)) this.#findings.add(fault);
  }

  /** @param to where the log ended when the sweep began; what came later is for the next one */
  async rows(to: bigint): Promise<void> {
    for (let after = -1n; ;) {
      const rows = await this.#source.sourceKeysAfter(after, PAGE);
      for (const row of rows) {
        if (row.registeredIndex >= to) return;
        const revokedIndex = row.revokedIndex !== null && row.revokedIndex >= to ? null : row.revokedIndex;
        const seen = { ...row, revokedIndex, replacedBy: revokedIndex === null ? null : row.replacedBy };
        const ended = revokedIndex === null ? null : await this.#entryAt(revokedIndex);
        for (const fault of faultsOfKeyRow(seen, await this.#entryAt(row.registeredIndex), ended))
          this.#findings.add(fault);
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      after = last.registeredIndex;
    }
  }

  async #entryAt(index: bigint): Promise<Entry | null> {
    const batch = await this.#source.batchBefore(index);
    const octets = batch === null ? undefined : openBatch(batch).entries[Number(index - batch.firstIndex)]?.octets;
    const read = octets === undefined ? null : readEntry(octets);
    return read === null || 'unreadable' in read ? null : read.entry;
  }
}
