// When is which sweep due, and when is one overdue? Pure.
import { type FsckMode } from '../store/fsck-run-store.port.ts';

export interface Intervals {
  /** Milliseconds between two sweeps of what is new, and between two of everything. 0: never. */
  readonly incrementalMs: number;
  readonly fullMs: number;
}

export interface Sightings {
  readonly now: Date;
  /** Start of this process. */
  readonly up: Date;
  /** When the latest full sweep, and the latest of any mode, finished; null when none has. */
  readonly full: Date | null;
  readonly any: Date | null;
}

/** A process that has just started has better things to do. */
const WARM_UP_MS = 60_000;

/** The sweep that is due now, or null. A full one covers what is new as well. */
export function dueMode({ incrementalMs, fullMs }: Intervals, { now, up, full, any }: Sightings): FsckMode | null {
  const warm = now.getTime() - up.getTime();
  const due = (interval: number, last: Date | null): boolean =>
    interval > 0 &&
    warm >= Math.min(interval, WARM_UP_MS) &&
    (last === null || now.getTime() - last.getTime() >= interval);
  if (due(fullMs, full)) return 'full';
  return due(incrementalMs, any) ? 'incremental' : null;
}

/** The mode whose sweep should long have been there, or null. */
export function overdueMode({ incrementalMs, fullMs }: Intervals, { now, up, full, any }: Sightings): FsckMode | null {
  const overdue = (interval: number, last: Date | null): boolean =>
    interval > 0 && now.getTime() - (last ?? up).getTime() > 2 * interval + WARM_UP_MS;
  if (overdue(fullMs, full)) return 'full';
  return overdue(incrementalMs, any) ? 'incremental' : null;
}
