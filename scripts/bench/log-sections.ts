// Runs the sections that look at a growing log: one log for all of them, at each size one after the other.

import { GrownLog } from './harness/grown-log.ts';
import type { Context } from './harness/context.ts';
import type { Findings } from './harness/findings.ts';
import type { LogSection } from './harness/section.ts';

const SIZES = { full: [0, 10_000, 100_000, 1_000_000], quick: [0, 2000, 6000] } as const;
/** Memory is reported at each step. */
const STEP = { full: 100_000, quick: 2000 } as const;

export async function runLogSections(
  sections: readonly LogSection[],
  context: Context,
): Promise<ReadonlyMap<LogSection, Findings>> {
  const log = await GrownLog.open(context);
  const visits = sections.map((section) => ({ section, visit: section.visit(context) }));
  const mode = context.quick ? 'quick' : 'full';
  for (const size of SIZES[mode]) {
    await log.growTo(size, STEP[mode]);
    for (const { visit } of visits) await visit.atSize(log);
  }
  return new Map(visits.map(({ section, visit }) => [section, visit.findings(log)]));
}
