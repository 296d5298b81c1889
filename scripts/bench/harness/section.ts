// What a section of the bench is, and what it finds: tables of numbers, and targets that were met or not.

import type { GrownLog } from './grown-log.ts';
import type { Service } from './service.ts';

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

export interface Context {
  /** Small sizes and short times: to see that it works, not to quote. */
  readonly quick: boolean;
  readonly say: (text: string) => void;
  /** A fresh service of the section's own; it is ended after the section. */
  service(): Promise<Service>;
  /** Run after the section, last first, whatever happens. */
  readonly cleanUp: (end: () => Promise<void>) => void;
}

export interface Findings {
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  /** What could not be measured and why, and what to know when reading the tables. */
  readonly notes: readonly string[];
}

export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Column {
  readonly title: string;
  /** Digits after the point; text when absent. */
  readonly digits?: number;
  readonly unit?: string;
}

/** Null: not measured, or not measurable here. */
export type Cell = string | number | null;

export interface Target {
  readonly name: string;
  readonly comparison: 'at least' | 'at most';
  readonly limit: number;
  readonly unit: string;
  /** Null when it was not measured in this run. */
  readonly measured: number | null;
}

export type Met = 'met' | 'not met' | 'not measured';

export function isMet({ comparison, limit, measured }: Target): Met {
  if (measured === null) return 'not measured';
  return (comparison === 'at least' ? measured >= limit : measured <= limit) ? 'met' : 'not met';
}

export function atLeast(name: string, limit: number, unit: string, measured: number | null): Target {
  return { name, comparison: 'at least', limit, unit, measured };
}

export function atMost(name: string, limit: number, unit: string, measured: number | null): Target {
  return { name, comparison: 'at most', limit, unit, measured };
}
