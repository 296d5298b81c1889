// For how long somebody has access at all: an auditor for the weeks of an audit, a locum, a vendor's system, an administrator for
// a day (ISO/IEC 27001 A.5.18, A.8.2). Pure.

/** Begins with `from`, and is over at `until`; null: without a beginning, without an end. */
export interface AccessPeriod {
  readonly from: Date | null;
  readonly until: Date | null;
}

export const UNLIMITED_ACCESS: AccessPeriod = { from: null, until: null };

export type PlaceInPeriod = 'before' | 'within' | 'after';

/** As `nbf` and `exp` count (RFC 7519): within from the first instant on, and not any more at the last. */
export function placeInPeriod({ from, until }: AccessPeriod, now: Date): PlaceInPeriod {
  if (until !== null && now >= until) return 'after';
  return from !== null && now < from ? 'before' : 'within';
}

/** `from 2026-11-02T07:00:00.000Z until 2026-11-21T18:00:00.000Z` */
export function describePeriod({ from, until }: AccessPeriod): string {
  return [from === null ? null : `from ${from.toISOString()}`, until === null ? null : `until ${until.toISOString()}`]
    .filter((part) => part !== null)
    .join(' ');
}

/** NumericDate (RFC 7519 section 2), with a fraction where the time has one; a side without a limit has no claim. */
export function periodClaims({ from, until }: AccessPeriod): { access_from?: number; access_until?: number } {
  return {
    ...(from === null ? {} : { access_from: from.getTime() / 1000 }),
    ...(until === null ? {} : { access_until: until.getTime() / 1000 }),
  };
}
