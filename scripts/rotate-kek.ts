// `npm run rotate-kek`: wraps everything again with the key that wraps now. The service's own command does the work and says what
// came of it.

import { runBeside } from './launch/run-beside.ts';

/** The process's exit code: 0 the old keys can be destroyed, 1 they cannot, 2 usage or configuration, 3 it did not end. */
export function main(args: readonly string[]): Promise<number> {
  return runBeside('rotate', args);
}
