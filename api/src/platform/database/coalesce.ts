// One query for many requests: calls that arrive in one turn of the event loop, or while the query of earlier ones is under
// way, are answered together. Under load the database sees a few large look-ups in place of thousands of small ones; a
// lone call waits for nothing. Nothing is remembered: every answer was read after it was asked for.
import DataLoader from 'dataloader';

const MAX_TOGETHER = 256;

/**
 * @param load gives one answer for each key, in order; an Error in the place of an answer concerns that key alone
 * @returns asks for one key
 */
export function coalesce<K, V>(load: (keys: readonly K[]) => Promise<readonly (V | Error)[]>): (key: K) => Promise<V> {
  let underWay: Promise<unknown> = Promise.resolve();
  const loader = new DataLoader<K, V>(
    (keys) => {
      const loading = load(keys);
      underWay = loading.catch(() => undefined);
      return loading;
    },
    {
      cache: false,
      maxBatchSize: MAX_TOGETHER,
      batchScheduleFn: (dispatch) => void underWay.then(() => setImmediate(dispatch)),
    },
  );
  return (key) => loader.load(key);
}
