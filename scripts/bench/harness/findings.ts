// What a section of the bench finds: tables of numbers, and targets that were met or not.

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
