// judgeChain: is the chain that answers the one that this log is anchored in? Each case breaks one thing of a good view.

import { describe, expect, test } from '@jest/globals';
import type { ChainView } from '../../api/src/ledger/chain/anchor-registry.port.ts';
import { judgeChain, type Expectation } from '../../api/src/ledger/chain/chain-state.rules.ts';
import { octets } from '../support/submissions.ts';

const OURS = `0x${'c0'.repeat(20)}`;
const OTHER = `0x${'c1'.repeat(20)}`;

const view: ChainView = {
  chainId: 31337n,
  blockNumber: 12n,
  head: { size: 8n, root: octets(8) },
  registered: true,
  submitter: true,
  paused: false,
};

const expected: Expectation = {
  chainId: 31337n,
  contract: OURS,
  configuredChainId: 31337n,
  configuredContract: OURS,
  treeSize: 10n,
  rootAtChainSize: octets(8),
  confirmedSize: 8n,
};

describe('our chain', () => {
  test.each<[string, Partial<ChainView>, Partial<Expectation>]>([
    ['with the head that we hold', {}, {}],
    ['with the head of the whole tree', { head: { size: 10n, root: octets(10) } }, { rootAtChainSize: octets(10) }],
    ['with a head that is behind what we hold: blocks were dropped', {}, { confirmedSize: 10n }],
    [
      'with no head any more, before any anchor was confirmed: a re-org dropped the first one',
      { head: { size: 0n, root: octets(0) } },
      { confirmedSize: 0n, rootAtChainSize: octets(0) },
    ],
    ['with a head ahead of what we hold: the answer to an anchor was lost', {}, { confirmedSize: 0n }],
    ['with no anchor yet', { head: { size: 0n, root: octets(0) } }, { confirmedSize: 0n, rootAtChainSize: null }],
  ])('%s', (_, seen, held) => {
    expect(judgeChain({ ...view, ...seen }, { ...expected, ...held })).toEqual({
      code: 'ok',
      detail: '',
      forked: false,
    });
  });

  test('paused for this log', () => {
    expect(judgeChain({ ...view, paused: true, submitter: false }, expected)).toEqual({
      code: 'cannot-anchor',
      detail: 'the contract is paused for this log',
      forked: false,
    });
  });

  test('that took our account from the list of submitters', () => {
    expect(judgeChain({ ...view, submitter: false }, expected)).toEqual({
      code: 'cannot-anchor',
      detail: 'our account is not a submitter of this log',
      forked: false,
    });
  });
});

describe('another chain', () => {
  test.each<[string, Partial<ChainView>, Partial<Expectation>, string]>([
    [
      'another contract is configured than the epoch has',
      {},
      { configuredContract: OTHER },
      `configured for contract ${OTHER} on chain 31337, but this log is anchored in ${OURS} on chain 31337`,
    ],
    [
      'another chain is configured than the epoch has',
      { chainId: 1n },
      { configuredChainId: 1n },
      `configured for contract ${OURS} on chain 1, but this log is anchored in ${OURS} on chain 31337`,
    ],
    ['the endpoint serves another chain', { chainId: 1n }, {}, 'the endpoint serves chain 1, expected 31337'],
    ['no contract answers', { head: null }, {}, `there is no AnchorRegistry at ${OURS} on chain 31337`],
    ['the log is not registered', { registered: false }, {}, `this log is not registered in the contract at ${OURS}`],
    [
      'the contract never saw the anchors that we hold',
      { head: { size: 0n, root: octets(0) } },
      {},
      'the contract holds no anchor of this log, but size 8 was confirmed',
    ],
    [
      'the contract is ahead of the whole log',
      { head: { size: 11n, root: octets(11) } },
      { rootAtChainSize: null },
      'the contract holds size 11, this log has only 10 entries (an old backup?)',
    ],
    [
      'the contract holds another root',
      { head: { size: 8n, root: octets(9) } },
      {},
      'the contract holds another root at size 8 than this log',
    ],
    [
      'our own root at that size cannot be told',
      {},
      { rootAtChainSize: null },
      'the contract holds another root at size 8 than this log',
    ],
  ])('%s', (_, seen, held, detail) => {
    const judged = judgeChain({ ...view, ...seen }, { ...expected, ...held });
    // Only a head that is not in our tree tells of another history; everything else is just another place.
    const forked = /another root|old backup/.test(detail);
    expect(judged).toEqual({ code: 'chain-mismatch', detail, forked });
  });

  test('is named before anything else that stands in the way', () => {
    const judged = judgeChain({ ...view, paused: true, head: { size: 8n, root: octets(9) } }, expected);
    expect(judged.code).toBe('chain-mismatch');
  });
});
