// stateOf: the furthest stage whose size covers the entry.

import { expect, test } from '@jest/globals';
import { stateOf } from '../../api/src/ledger/model.ts';

const SIZES = { sequenced: 50n, integrated: 40n, checkpointed: 30n, anchored: 20n, confirmed: 10n };

test.each([
  [0n, 'confirmed'],
  [9n, 'confirmed'],
  [10n, 'anchored'],
  [19n, 'anchored'],
  [20n, 'checkpointed'],
  [29n, 'checkpointed'],
  [30n, 'integrated'],
  [39n, 'integrated'],
  [40n, 'sequenced'],
  [49n, 'sequenced'],
] as const)('entry %d is %s', (index, state) => {
  expect(stateOf(index, SIZES)).toBe(state);
});

test('a re-org takes an anchor away again: the entry is checkpointed', () => {
  expect(stateOf(5n, { ...SIZES, anchored: 0n, confirmed: 0n })).toBe('checkpointed');
});
