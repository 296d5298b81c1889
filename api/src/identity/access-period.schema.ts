// The access period of an account or a client as requests say it and answers show it.
import { z } from 'zod';
import { placeInPeriod, type AccessPeriod } from '../platform/auth/access-period.rules.ts';
import { DomainError } from '../platform/errors/domain-error.ts';

const time = z.iso
  .datetime({ offset: true, error: 'a time with its offset from UTC, as 2026-12-24T18:00:00Z' })
  .transform((text) => new Date(text));

const accessFrom = time.nullable().describe('When access begins. null: it has begun');
const accessUntil = time.nullable().describe('From then on there is no access any more. null: without an end');

/** Of what is made: without a word about it, access has no limit. */
export const newPeriodShape = { accessFrom: accessFrom.default(null), accessUntil: accessUntil.default(null) };

interface Period {
  readonly accessFrom: Date | null;
  readonly accessUntil: Date | null;
}

/** For a schema with both members. */
export function isInOrder({ accessFrom, accessUntil }: Period): boolean {
  return accessFrom === null || accessUntil === null || accessFrom < accessUntil;
}

export const IN_ORDER = { path: ['accessUntil'], error: 'must be later than accessFrom' };

/** Both must be said: an end that was only forgotten would be no end. */
export const accessPeriodBody = z.strictObject({ accessFrom, accessUntil }).refine(isInOrder, IN_ORDER);

export function periodOf({ accessFrom: from, accessUntil: until }: Period): AccessPeriod {
  return { from, until };
}

/** Whoever gives access that is over already has mistyped the time. @throws {DomainError} `bad-request` */
export function assertNotOver(period: AccessPeriod, now: Date): void {
  if (placeInPeriod(period, now) === 'after') throw new DomainError('bad-request', 'accessUntil: lies in the past');
}

/** In answers. */
export const periodView = {
  accessFrom: z.string().nullable().describe('null: without a beginning'),
  accessUntil: z.string().nullable().describe('null: without an end'),
};

export function viewOfPeriod({ from, until }: AccessPeriod): {
  accessFrom: string | null;
  accessUntil: string | null;
} {
  return { accessFrom: from?.toISOString() ?? null, accessUntil: until?.toISOString() ?? null };
}
