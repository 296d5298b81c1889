// judgeAnchor: what a look at the chain makes of an anchor. Block 100 holds it; the account's nonce 7 was used for it.

import { describe, expect, test } from '@jest/globals';
import type { Receipt } from '../../api/src/ledger/chain/anchor-registry.port.ts';
import { judgeAnchor, type Sighting } from '../../api/src/ledger/confirm/confirm.rules.ts';
import type { AnchorState } from '../../api/src/ledger/model.ts';
import { octets } from '../support/submissions.ts';

const HEAD = { size: 8n, root: octets(8) };

const mined: Receipt = {
  success: true,
  blockNumber: 100n,
  blockHash: `0x${'b1'.repeat(32)}`,
  gasUsed: 51_000n,
  announced: HEAD,
};

function judge(state: AnchorState, sighting: Partial<Sighting>, confirmations = 3): object {
  const seen: Sighting = { receipt: mined, usedNonces: 8n, latestBlock: 100n, heldSize: 0n, ...sighting };
  return judgeAnchor({ ...HEAD, state, nonce: 7n }, seen, confirmations);
}

describe('a transaction that is mined', () => {
  test.each([
    [100n, 1, 'confirmed'],
    [100n, 2, 'anchored'],
    [101n, 2, 'confirmed'],
    [101n, 3, 'anchored'],
    [102n, 3, 'confirmed'],
    [200n, 3, 'confirmed'],
  ] as const)('seen at block %d, %d confirmations wanted: %s', (latestBlock, confirmations, state) => {
    expect(judge('sent', { latestBlock }, confirmations)).toEqual({ state, lost: false });
  });

  test('in a block that the endpoint no longer calls the latest is not confirmed', () => {
    expect(judge('sent', { latestBlock: 99n }, 1)).toEqual({ state: 'anchored', lost: false });
  });

  test('goes back from confirmed to anchored when it was mined again in a later block', () => {
    expect(judge('confirmed', { latestBlock: 101n })).toEqual({ state: 'anchored', lost: false });
  });
});

describe('a transaction without a receipt', () => {
  test.each([
    ['sent', 7n, 'sent', false],
    ['sent', 8n, 'dropped', false],
    ['anchored', 7n, 'sent', true],
    ['anchored', 8n, 'dropped', true],
    ['confirmed', 7n, 'sent', true],
    ['confirmed', 8n, 'dropped', true],
  ] as const)('that was %s, %d nonces are used: %s', (before, usedNonces, state, lost) => {
    expect(judge(before, { receipt: null, usedNonces })).toEqual({ state, lost });
  });
});

describe('a transaction without a receipt, whose size another anchor holds', () => {
  test.each([
    [7n, 8n, 'sent'],
    [6n, 7n, 'sent'],
    [6n, 8n, 'dropped'],
    [0n, 9n, 'dropped'],
  ] as const)('%d nonces are used, size %d is held: %s', (usedNonces, heldSize, state) => {
    expect(judge('sent', { receipt: null, usedNonces, heldSize })).toEqual({ state, lost: false });
  });

  test('is not superseded by itself: one that was held and is gone is sent again', () => {
    expect(judge('anchored', { receipt: null, usedNonces: 6n, heldSize: 8n })).toEqual({ state: 'sent', lost: true });
  });
});

test.each([
  ['sent', false],
  ['anchored', true],
  ['confirmed', true],
  ['dropped', false],
] as const)('a reverted transaction that was %s is failed', (before, lost) => {
  expect(judge(before, { receipt: { ...mined, success: false } })).toEqual({ state: 'failed', lost });
});

describe('a mined transaction that does not announce our head proves nothing', () => {
  test.each([
    ['nothing', null],
    ['another size', { size: 9n, root: octets(8) }],
    ['another root', { size: 8n, root: octets(9) }],
  ])('it announces %s', (_, announced) => {
    const receipt = { ...mined, announced };
    expect(judge('sent', { receipt })).toEqual({ state: 'dropped', lost: false });
    expect(judge('confirmed', { receipt })).toEqual({ state: 'dropped', lost: true });
  });
});
