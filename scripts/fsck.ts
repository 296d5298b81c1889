// `npm run fsck`: the tamper sweep. The service's own command does the work and says what came of it.

import { runBeside } from './launch/run-beside.ts';

/** The process's exit code: 0 nothing found, 1 findings, 2 usage or configuration, 3 not everything could be checked. */
export function main(args: readonly string[]): Promise<number> {
  return runBeside('fsck', args);
}
