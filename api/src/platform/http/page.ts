// Lists come in pages: `next` is where the following page begins, and null after the last one.

/** @param limit how many were asked for: fewer rows are the last ones */
export function nextOf<T>(rows: readonly T[], limit: number, place: (last: T) => string): string | null {
  const last = rows.at(-1);
  return rows.length < limit || last === undefined ? null : place(last);
}
