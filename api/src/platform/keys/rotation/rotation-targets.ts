// Everything that a rotation has to visit. Whoever adds a column of encrypted values names it here when its module is made;
// what is not named is not rotated, and could not be read any more once the old key is destroyed.
import { type RotationTarget } from './rotation-target.port.ts';

/** A text column in the form of field-cipher.ts; null where there is nothing. */
export interface EncryptedColumn {
  readonly table: string;
  readonly column: string;
  /** Its primary key, whose text is `row` in the place that a value was encrypted for. */
  readonly id: string;
}

export class RotationTargets {
  readonly #targets = new Map<string, RotationTarget>();
  readonly #ofColumn: (column: EncryptedColumn) => RotationTarget;

  constructor(ofColumn: (column: EncryptedColumn) => RotationTarget) {
    this.#ofColumn = ofColumn;
  }

  add(target: RotationTarget): void {
    this.#targets.set(target.name, target);
  }

  addColumn(column: EncryptedColumn): void {
    this.add(this.#ofColumn(column));
  }

  /** In a stable order. */
  all(): readonly RotationTarget[] {
    return [...this.#targets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
