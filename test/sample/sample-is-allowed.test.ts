// Where a sample is loaded at all: never into somebody's own database or chain, never against the user's word.

import { describe, expect, test } from '@jest/globals';
import { loadSettings } from '../../scripts/launch/settings.ts';
import { sampleIsAllowed } from '../../scripts/sample/load-sample.ts';

describe('where a sample is loaded', () => {
  const embedded = { database: true, chain: true };

  test.each([
    ['embedded, and wanted', { embedded, wanted: 'on' }, true],
    ['switched off', { embedded, wanted: 'off' }, false],
    ['an external database', { embedded: { ...embedded, database: false }, wanted: 'on' }, false],
    ['an external chain', { embedded: { ...embedded, chain: false }, wanted: 'on' }, false],
  ] as const)('%s: %j', (_name, target, allowed) => {
    expect(sampleIsAllowed(target)).toBe(allowed);
  });

  test('MEDANCHOR_SAMPLE is on unless it says off; any other value is refused at start', () => {
    expect(loadSettings({}).MEDANCHOR_SAMPLE).toBe('on');
    expect(loadSettings({ MEDANCHOR_SAMPLE: '' }).MEDANCHOR_SAMPLE).toBe('on');
    expect(loadSettings({ MEDANCHOR_SAMPLE: 'off' }).MEDANCHOR_SAMPLE).toBe('off');
    for (const value of ['yes', 'ON', 'off ', '0']) {
      expect(() => loadSettings({ MEDANCHOR_SAMPLE: value })).toThrow(/MEDANCHOR_SAMPLE must be on or off/);
    }
  });
});
