// Erasure entries against their rows and against the records that they speak of. An erasure that the log knows must have been
// carried out; one that was carried out must be in the log; and neither may say something else than the other.
import { equalBytes, toHex, type Entry } from '@medanchor/verifier';
import { finding, type FsckPlace } from '../store/fsck-finding.ts';
import { type FsckErasureRow } from '../store/fsck-source.port.ts';
import { type Findings } from './findings.ts';

export class ErasureSweep {
  readonly #findings: Findings;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /**
   * One place of the log.
   *
   * @param leaf the hash of the entry's octets
   * @param row the erasure row with this index; row and record were read by one statement
   */
  compare(index: bigint, entry: Entry, leaf: Uint8Array, row: FsckErasureRow | undefined): void {
    const where: FsckPlace = { table: 'erasure', index: index.toString() };
    if (entry.kind !== 'record-erasure') {
      if (row !== undefined)
        this.#findings.add(
          finding(
            'erasure-unexpected',
            { ...where, record: row.record.toString() },
            `an erasure row stands at index ${index}, where the log has an entry of kind ${entry.kind}`,
          ),
        );
      return;
    }
    if (row === undefined) {
      this.#findings.add(
        finding('erasure-missing', where, `entry ${index} is the erasure of a record, but has no erasure row`),
      );
      return;
    }
    for (const [field, got, wanted] of [
      ['source_id', row.sourceId, entry.source],
      ['record_ref', toHex(row.recordRef), toHex(entry.recordRef)],
      ['seq', row.seq.toString(), entry.seq.toString()],
      ['leaf_hash', toHex(row.leafHash), toHex(leaf)],
      ['basis', row.basis, entry.basis.split(':')[0]],
      ['versions', row.versions.toString(), (entry.seq - 1n).toString()],
      ['erased_at', row.erasedAt, entry.time.replace('Z', '000Z')],
    ] as const)
      if (got !== wanted)
        this.#findings.add(
          finding(
            'erasure-changed',
            { ...where, field },
            `the erasure row at index ${index} was changed: ${field} is ${got}, the entry says ${wanted}`,
          ),
        );
    this.#compareRecord(row, entry);
  }

  #compareRecord(row: FsckErasureRow, entry: Extract<Entry, { kind: 'record-erasure' }>): void {
    const { state } = row;
    const where = { table: 'record', record: row.record.toString() };
    if (state === null) {
      this.#findings.add(
        finding('record-missing', where, `the erasure at index ${row.index} speaks of a record that is not there`),
      );
      return;
    }
    if (!state.whole)
      this.#findings.add(
        finding(
          'erasure-not-applied',
          where,
          `entry ${row.index} says that record ${row.record} was erased, but its key, or what names it or its versions, is still there`,
        ),
      );
    const last =
      state.headSeq === entry.seq - 1n &&
      state.headLeaf !== null &&
      entry.previous !== null &&
      equalBytes(state.headLeaf, entry.previous);
    if (!last || !equalBytes(state.recordRef, entry.recordRef))
      this.#findings.add(
        finding(
          'record-changed',
          { ...where, field: last ? 'record_ref' : 'head_leaf' },
          `record ${row.record} is not the one that entry ${row.index} erases, or does not end in the version before it`,
        ),
      );
  }
}
