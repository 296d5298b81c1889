// When the service sweeps by itself, and when health says that it should have.

import { describe, expect, test } from '@jest/globals';
import { dueMode, overdueMode, type Intervals } from '../../api/src/ledger/fsck/schedule.rules.ts';

const MINUTE = 60_000;
const intervals: Intervals = { incrementalMs: 15 * MINUTE, fullMs: 24 * 60 * MINUTE };
const now = new Date('2026-11-24T12:00:00.000Z');
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * MINUTE);

describe('due', () => {
  test.each([
    ['nothing ever swept, but just started', { up: 0.5, full: null, any: null }, null],
    ['nothing ever swept', { up: 1, full: null, any: null }, 'full'],
    ['the last full one is a day old, even with a newer one of what is new', { up: 99, full: 1440, any: 3 }, 'full'],
    ['the last of any kind is a quarter of an hour old', { up: 99, full: 900, any: 15 }, 'incremental'],
    ['all is recent', { up: 99, full: 900, any: 14 }, null],
    ['a full one covers what is new as well', { up: 99, full: 14, any: 14 }, null],
  ])('%s', (_, { up, full, any }, mode) => {
    const at = (minutes: number | null): Date | null => (minutes === null ? null : ago(minutes));
    expect(dueMode(intervals, { now, up: ago(up), full: at(full), any: at(any) })).toBe(mode);
  });

  test('0 switches it off', () => {
    const sightings = { now, up: ago(9999), full: null, any: null };
    expect(dueMode({ incrementalMs: 0, fullMs: 0 }, sightings)).toBeNull();
    expect(dueMode({ ...intervals, fullMs: 0 }, sightings)).toBe('incremental');
    expect(overdueMode({ incrementalMs: 0, fullMs: 0 }, sightings)).toBeNull();
  });

  test('an interval shorter than the warm-up', () => {
    const sightings = { now, up: new Date(now.getTime() - 200), full: null, any: null };
    expect(dueMode({ incrementalMs: 100, fullMs: 0 }, sightings)).toBe('incremental');
  });
});

describe('overdue', () => {
  test.each([
    ['twice the interval and a minute', { full: 2881, any: 1 }, null],
    ['longer than that', { full: 2882, any: 1 }, 'full'],
    ['what is new', { full: 60, any: 32 }, 'incremental'],
  ])('%s', (_, { full, any }, mode) => {
    expect(overdueMode(intervals, { now, up: ago(9999), full: ago(full), any: ago(any) })).toBe(mode);
  });

  test('never swept: counted from the start of the process', () => {
    expect(overdueMode(intervals, { now, up: ago(31), full: null, any: null })).toBeNull();
    expect(overdueMode(intervals, { now, up: ago(32), full: null, any: null })).toBe('incremental');
  });
});
