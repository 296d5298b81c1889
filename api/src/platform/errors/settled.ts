// Many items in one go, of which each may fail alone: an item, or the error in its place. The order is kept throughout.
//
// `Error.isError` and not `instanceof`: what Node's own modules throw can come from another realm (a test's, a vm's), and an
// error that is not known for one would pass for a result.

/** The value of `work`, or what it threw. */
export function settle<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return error as Error;
  }
}

/**
 * Runs `work` once on the items that have not failed; the errors of the others stay in their places.
 *
 * @param work not called when nothing is left; gives one result for each item, in order
 */
export async function onlyGood<I extends object, O>(
  items: readonly (I | Error)[],
  work: (good: readonly I[]) => Promise<readonly (O | Error)[]>,
): Promise<readonly (O | Error)[]> {
  const good = items.filter((item): item is I => !Error.isError(item));
  const results = (good.length === 0 ? [] : await work(good)).values();
  return items.map((item) => (Error.isError(item) ? item : (results.next().value as O | Error)));
}
