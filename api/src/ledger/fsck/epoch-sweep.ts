// Anchoring epochs: every one but the first is an entry of the log; the rows must say the same.
import { type Epoch } from '../model.ts';
import { finding, type FsckFinding } from '../store/fsck-finding.ts';
import { type FsckSource } from '../store/fsck-source.port.ts';
import { openBatch } from './batch-row.rules.ts';
import { readEntry } from './version-row.rules.ts';

type EpochRow = Epoch & { readonly entryIndex: bigint | null };

export async function faultsOfEpochs(source: FsckSource, epochs: readonly EpochRow[]): Promise<readonly FsckFinding[]> {
  const faults: FsckFinding[] = [];
  for (const [position, row] of epochs.entries()) {
    const wrong = (field: string, detail: string): void =>
      void faults.push(finding('epoch-wrong', { table: 'anchor_epoch', epoch: row.epoch, field }, detail));
    if (row.epoch !== position + 1) wrong('epoch', `epoch ${row.epoch} stands where epoch ${position + 1} should be`);
    if (row.epoch === 1) continue;
    if (row.entryIndex === null) {
      wrong('entry_index', `epoch ${row.epoch} names no log entry that began it`);
      continue;
    }
    const batch = await source.batchBefore(row.entryIndex);
    const octets =
      batch === null ? undefined : openBatch(batch).entries[Number(row.entryIndex - batch.firstIndex)]?.octets;
    const read = octets === undefined ? null : readEntry(octets);
    if (read === null || 'unreadable' in read || read.entry.kind !== 'anchor-epoch') {
      wrong(
        'entry_index',
        `there is no epoch entry at index ${row.entryIndex}, where epoch ${row.epoch} says it began`,
      );
      continue;
    }
    const { entry } = read;
    for (const [field, got, wanted] of [
      ['epoch', String(row.epoch), entry.epoch.toString()],
      ['chain_id', row.chainId.toString(), entry.chainId.toString()],
      ['contract', row.contract, entry.contract],
      ['reason', row.reason, entry.reason],
    ] as const)
      if (got !== wanted) wrong(field, `${field} of epoch ${row.epoch} is ${got}, its log entry says ${wanted}`);
  }
  return faults;
}
