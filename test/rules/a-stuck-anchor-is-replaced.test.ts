// nextStep, raisedFees, withinCap, toSendAgain: what is done with an anchor that is not mined. Ten nonces of the account are
// used (0 to 9), so the next one is 10; the newest attempt was sent at noon.

import { describe, expect, test } from '@jest/globals';
import {
  nextStep,
  raisedFees,
  toSendAgain,
  withinCap,
  type Attempt,
} from '../../api/src/ledger/anchor/replacement.rules.ts';
import type { Fees } from '../../api/src/ledger/chain/anchor-registry.port.ts';
import type { Anchor } from '../../api/src/ledger/model.ts';
import { octets } from '../support/submissions.ts';

const NOON = Date.parse('2026-05-06T12:00:00.000Z');
const POLICY = { maxFeePerGas: 1000n, bumpAfterMs: 60_000 };

function fees(maxFeePerGas: bigint, maxPriorityFeePerGas: bigint): Fees {
  return { kind: 'eip-1559', maxFeePerGas, maxPriorityFeePerGas };
}

function attempt(id: bigint, nonce: bigint, paid = fees(100n, 10n), waiting = 0, sender = '0xours'): Attempt {
  const at = new Date(NOON - waiting);
  const anchor: Anchor = {
    id,
    epoch: 1,
    size: 8n,
    root: octets(8),
    transaction: `0x${id}`,
    nonce,
    rawTransaction: '0x02f8',
    state: 'sent',
    blockNumber: null,
    blockHash: null,
    blockTime: null,
    gasUsed: null,
    sentAt: at,
    updatedAt: at,
  };
  return { anchor, sender, nonce, fees: paid };
}

function step(attempts: readonly Attempt[], usedNonces: bigint, secondsAfterNoon: number): object {
  const next = nextStep(attempts, usedNonces, new Date(NOON + secondsAfterNoon * 1000), POLICY);
  return 'attempt' in next ? { ...next, attempt: next.attempt.anchor.id } : next;
}

describe('an attempt with the next nonce', () => {
  test.each([
    [0, { step: 'wait' }],
    [59.999, { step: 'wait' }],
    [60, { step: 'replace', attempt: 1n, highest: fees(100n, 10n) }],
    [86_400, { step: 'replace', attempt: 1n, highest: fees(100n, 10n) }],
  ] as const)('%d s after it was sent', (seconds, expected) => {
    expect(step([attempt(1n, 10n)], 10n, seconds)).toEqual(expected);
  });

  test('that took the place of others: the newest must have waited, and the highest fees of all count', () => {
    const rivals = [attempt(1n, 10n, fees(100n, 90n), 500_000), attempt(2n, 10n, fees(120n, 20n))];
    expect(step(rivals, 10n, 59)).toEqual({ step: 'wait' });
    expect(step(rivals, 10n, 60)).toEqual({ step: 'replace', attempt: 2n, highest: fees(120n, 90n) });
  });

  test('and others behind it: only the lowest nonce is replaced', () => {
    const behind = [attempt(7n, 11n), attempt(3n, 10n), attempt(8n, 12n)];
    expect(step(behind, 10n, 60)).toMatchObject({ step: 'replace', attempt: 3n });
  });
});

test('an attempt whose nonce is used is not replaced: it is mined, or a stranger is in its place', () => {
  expect(step([attempt(1n, 10n)], 11n, 600)).toEqual({ step: 'wait' });
  expect(step([attempt(1n, 10n), attempt(2n, 11n)], 11n, 600)).toEqual({ step: 'wait' });
});

describe('a free nonce below all of ours', () => {
  test('is filled, after the same patience', () => {
    const waiting = [attempt(4n, 12n), attempt(5n, 13n)];
    expect(step(waiting, 10n, 59)).toEqual({ step: 'wait' });
    expect(step(waiting, 10n, 60)).toEqual({ step: 'fill-gap', nonce: 10n, attempt: 4n });
  });
});

describe('the fees of a replacement', () => {
  test.each<[string, Fees, Fees, bigint, Fees | null]>([
    ['are an eighth more', fees(80n, 16n), fees(50n, 5n), 1000n, fees(90n, 18n)],
    ['are rounded up', fees(81n, 17n), fees(50n, 5n), 1000n, fees(92n, 20n)],
    ['are what the chain suggests when that is more', fees(80n, 16n), fees(500n, 40n), 1000n, fees(500n, 40n)],
    ['are each raised by themselves', fees(80n, 16n), fees(500n, 5n), 1000n, fees(500n, 18n)],
    ['stop at the cap', fees(80n, 16n), fees(5000n, 40n), 1000n, fees(1000n, 40n)],
    ['never tip more than they pay', fees(80n, 80n), fees(50n, 5000n), 1000n, fees(90n, 90n)],
    ['reach the cap exactly', fees(80n, 16n), fees(1n, 1n), 90n, fees(90n, 18n)],
    ['would be above the cap: none', fees(80n, 16n), fees(1n, 1n), 89n, null],
    ['are raised from nothing by one wei', fees(0n, 0n), fees(0n, 0n), 1000n, fees(1n, 1n)],
  ])('%s', (_, highest, suggested, cap, expected) => {
    expect(raisedFees(highest, suggested, cap)).toEqual(expected);
  });

  test('are one price on a chain without EIP-1559', () => {
    const legacy = (price: bigint): Fees => ({
      kind: 'legacy',
      maxFeePerGas: price,
      maxPriorityFeePerGas: price,
    });
    expect(raisedFees(legacy(80n), legacy(20n), 1000n)).toEqual(legacy(90n));
  });
});

test.each([
  [fees(100n, 10n), fees(100n, 10n)],
  [fees(1001n, 10n), fees(1000n, 10n)],
  [fees(5_000_000n, 4_000_000n), fees(1000n, 1000n)],
])('the first attempt pays no more than the cap, whatever the endpoint suggests', (suggested, paid) => {
  expect(withinCap(suggested, 1000n)).toEqual(paid);
});

test('the newest attempt of each account and nonce is handed to the chain again, lowest nonce first', () => {
  const attempts = [
    attempt(5n, 11n),
    attempt(1n, 10n),
    attempt(3n, 10n),
    attempt(2n, 10n),
    attempt(4n, 10n, fees(1n, 1n), 0, '0xbefore'),
  ];
  expect(toSendAgain(attempts).map(({ anchor }) => anchor.id)).toEqual([3n, 4n, 5n]);
  expect(toSendAgain([])).toEqual([]);
});
