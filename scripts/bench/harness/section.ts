// What a section of the bench is: it stands by itself, or looks at the one log that grows.

import type { Context } from './context.ts';
import type { Findings } from './findings.ts';
import type { GrownLog } from './grown-log.ts';

export type Section = OwnSection | LogSection;

interface Named {
  readonly name: string;
  /** One line for --list: what is measured, beside what. */
  readonly about: string;
}

/** Stands by itself. */
export interface OwnSection extends Named {
  run(context: Context): Promise<Findings>;
}

/** Looks at the one log that grows (GrownLog), which all sections of this kind share, since a million entries take time. */
export interface LogSection extends Named {
  visit(context: Context): LogVisit;
}

export interface LogVisit {
  /** The log has grown to one of the sizes. */
  atSize(log: GrownLog): Promise<void>;
  findings(log: GrownLog): Findings;
}
