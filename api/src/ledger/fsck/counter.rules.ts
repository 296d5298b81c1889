// The counters of the stages against what is stored, as one statement saw all of it. Pure.
import { equalBytes } from '@medanchor/verifier';
import { finding, type FsckFinding } from '../store/fsck-finding.ts';
import { type FsckBounds } from '../store/fsck-source.port.ts';

export function faultsOfCounters(bounds: FsckBounds): readonly FsckFinding[] {
  return [...sequence(bounds), ...tree(bounds), ...signed(bounds), ...strays(bounds)];
}

function sequence({ nextIndex, stored }: FsckBounds): FsckFinding[] {
  const where = { table: 'log_sequence', field: 'next_index' };
  if (nextIndex === null) return [finding('sequence-wrong', where, 'the row of the sequence is not there')];
  if (stored > nextIndex)
    return [
      finding('sequence-wrong', where, `next_index is ${nextIndex}, but entries are stored up to ${stored - 1n}`),
      finding(
        'batch-beyond-sequence',
        { table: 'entry_batch', from: nextIndex.toString(), to: stored.toString() },
        `entries from ${nextIndex} on were stored without the sequence: batch rows were added behind the ledger's back, or next_index was set back`,
      ),
    ];
  return [];
}

function tree({ nextIndex, tree: head }: FsckBounds): FsckFinding[] {
  const where = { table: 'log_tree', field: 'size' };
  if (head === null) return [finding('tree-size-wrong', where, 'the row of the tree is not there')];
  if (nextIndex === null || head.size <= nextIndex) return [];
  return [finding('tree-size-wrong', where, `the tree has ${head.size} entries, but only ${nextIndex} were sequenced`)];
}

function signed({ signed: head, latestCheckpoint: latest, tree }: FsckBounds): FsckFinding[] {
  const where = { table: 'log_checkpoint' };
  const findings: FsckFinding[] = [];
  if (head === null)
    return [finding('signed-head-wrong', { ...where, field: 'size' }, 'the row of the signed head is not there')];
  const size = latest?.size ?? 0n;
  if (head.size > size)
    findings.push(
      finding(
        'checkpoint-missing',
        { table: 'checkpoint', size: head.size.toString() },
        `size ${head.size} was signed last, but its checkpoint is not there: the largest one has size ${size}`,
      ),
    );
  else if (head.size < size)
    findings.push(
      finding(
        'signed-head-wrong',
        { ...where, field: 'size' },
        `size ${head.size} was signed last by its counter, but there is a checkpoint of size ${size}`,
      ),
    );
  else if (latest !== null && (head.root === null || !equalBytes(head.root, latest.root)))
    findings.push(
      finding(
        'signed-head-wrong',
        { ...where, field: 'root' },
        `the root that was signed last, at size ${size}, is not that of its checkpoint`,
      ),
    );
  if (latest !== null && tree !== null && latest.size > tree.size)
    findings.push(
      finding(
        'checkpoint-beyond-tree',
        { table: 'checkpoint', size: latest.size.toString() },
        `a checkpoint of size ${latest.size} is signed, but the tree has only ${tree.size} entries: an old tree, or a log that was cut`,
      ),
    );
  return findings;
}

function strays({ strayVersions, wrongTiles }: FsckBounds): FsckFinding[] {
  return [
    ...strayVersions.map(({ index, record, seq }) =>
      finding(
        'version-unexpected',
        { table: 'version', index: index.toString(), record: record.toString(), seq: seq.toString() },
        `a version row stands at index ${index}, where the log has no entry`,
      ),
    ),
    ...wrongTiles.map(({ level, n, width, wanted }) => {
      const where = { table: 'tile', level, tile: n.toString() };
      if (width === 0) return finding('tile-missing', where, `tile ${level}/${n} is not there any more`);
      if (wanted === 0)
        return finding('tile-unexpected', where, `tile ${level}/${n} is beyond the tree: nothing has written it`);
      return finding(
        'tile-width-wrong',
        { ...where, field: 'hashes' },
        `tile ${level}/${n} has ${width} hashes, the tree's size asks for ${wanted}`,
      );
    }),
  ];
}
