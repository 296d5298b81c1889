// In which order tables can be filled while foreign keys are checked.
import { InvariantError } from '@medanchor/verifier';

export interface Reference {
  readonly child: string;
  readonly parent: string;
}

/**
 * Parents before children; otherwise the given order. A table that refers to itself is no obstacle: one COPY checks its
 * rows when all of them are there.
 *
 * @throws {InvariantError} when tables refer to each other in a circle
 */
export function orderByReferences<T extends { readonly name: string }>(
  tables: readonly T[],
  references: readonly Reference[],
): readonly T[] {
  const names = new Set(tables.map(({ name }) => name));
  const placed = new Set<string>();
  const ordered: T[] = [];
  while (ordered.length < tables.length) {
    const next = tables.find(
      ({ name }) =>
        !placed.has(name) &&
        references.every(
          ({ child, parent }) => child !== name || parent === name || placed.has(parent) || !names.has(parent),
        ),
    );
    if (next === undefined) {
      const left = tables.filter(({ name }) => !placed.has(name)).map(({ name }) => name);
      throw new InvariantError(`the tables ${left.join(', ')} refer to each other in a circle`);
    }
    placed.add(next.name);
    ordered.push(next);
  }
  return ordered;
}
