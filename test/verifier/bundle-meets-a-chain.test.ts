// What the chain says about the anchor of a bundle, and what it must not be believed.

import { describe, expect, test } from '@jest/globals';
import { toHex, verifyBundle } from '@medanchor/verifier';
import { all, anchor, verify, checkOf, withAnchor } from './bundle-checks.ts';
import { bundle, CONTRACT, honestAnswers, nodeWith, trust, type Answers } from './bundle-fixture.ts';

describe('what the chain says', () => {
  const answers = honestAnswers();
  const receipt = answers['eth_getTransactionReceipt'] as { logs: [Answers, Answers] };
  const [other, event] = receipt.logs;
  const withReceipt = (change: Answers): Answers => ({ eth_getTransactionReceipt: { ...receipt, ...change } });
  const withLog = (change: Answers): Answers => withReceipt({ logs: [other, { ...event, ...change }] });
  const topics = event['topics'] as string[];
  const call = answers['eth_call'] as string;
  const head = (size: bigint, root = '99'.repeat(32)): Answers => ({
    eth_call: `0x${root}${size.toString(16).padStart(64, '0')}${call.slice(130)}`,
  });

  test.each<[string, Answers, string]>([
    ['another chain', { eth_chainId: '0x1' }, 'failed ANCHOR_CHAIN'],
    [
      'no such transaction (dropped by a re-org)',
      { eth_getTransactionReceipt: null },
      'failed ANCHOR_TRANSACTION_UNKNOWN',
    ],
    ['transaction reverted', withReceipt({ status: '0x0' }), 'failed ANCHOR_TRANSACTION_FAILED'],
    ['another block', withReceipt({ blockNumber: '0x65' }), 'failed ANCHOR_BLOCK'],
    ['no events', withReceipt({ logs: [] }), 'failed ANCHOR_EVENT_MISSING'],
    ['event of another contract', withLog({ address: `0x${'c1'.repeat(20)}` }), 'failed ANCHOR_EVENT_MISSING'],
    [
      'event of another kind',
      withLog({ topics: topics.with(0, `0x${'00'.repeat(32)}`) }),
      'failed ANCHOR_EVENT_MISSING',
    ],
    [
      'event of another log',
      withLog({ topics: topics.with(1, `0x${'00'.repeat(32)}`) }),
      'failed ANCHOR_EVENT_MISSING',
    ],
    [
      'event of another size',
      withLog({ topics: topics.with(2, `0x${'0'.repeat(63)}c`) }),
      'failed ANCHOR_EVENT_MISSING',
    ],
    ['event with a topic more', withLog({ topics: [...topics, topics[0]] }), 'failed ANCHOR_EVENT_MISSING'],
    ['event of another root', withLog({ data: `0x${'00'.repeat(32)}` }), 'failed ANCHOR_EVENT_MISSING'],
    ['event with more data', withLog({ data: `${String(event['data'])}00` }), 'failed ANCHOR_EVENT_MISSING'],
    ['no contract at the address', { eth_call: '0x' }, 'failed ANCHOR_HEAD'],
    ['a head before the anchor', head(10n), 'failed ANCHOR_HEAD'],
    ['a head of the same size and another root', head(11n), 'failed ANCHOR_HEAD'],
    ['a head that is the anchor', head(11n, toHex(anchor.root)), 'passed'],
    [
      'receipt of another transaction',
      withReceipt({ transactionHash: `0x${'00'.repeat(32)}` }),
      'skipped CHAIN_ANSWER_MALFORMED',
    ],
    ['a newest block before the anchor', { eth_blockNumber: '0x63' }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['chain id as a number', { eth_chainId: 31337 }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['chain id with a leading zero', { eth_chainId: '0x07a69' }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['chain id without 0x', { eth_chainId: '7a69' }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['block number of 80 bits', { eth_blockNumber: `0x${'f'.repeat(20)}` }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['nothing at all', { eth_chainId: undefined }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['receipt that is a text', { eth_getTransactionReceipt: 'x' }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['receipt without status', withReceipt({ status: undefined }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['logs that are no array', withReceipt({ logs: {} }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['a log that is null', withReceipt({ logs: [null] }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['topics that are no array', withLog({ topics: 'x' }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['five topics', withLog({ topics: [...topics, ...topics] }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['a topic of 31 octets', withLog({ topics: ['0x00'] }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['an address of 21 octets', withLog({ address: `${CONTRACT}00` }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['data of half an octet', withLog({ data: '0x0' }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['a head of three words', { eth_call: call.slice(0, -64) }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['a head with a size above 64 bits', { eth_call: `0x${'ff'.repeat(128)}` }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['an unreachable node', { eth_chainId: new Error('connection refused') }, 'skipped CHAIN_UNREACHABLE'],
    ['a node that fails half-way', { eth_call: new Error('timeout') }, 'skipped CHAIN_UNREACHABLE'],
  ])('%s', async (_, change, wanted) => {
    const report = await verify(bundle, { chain: nodeWith({ ...answers, ...change }) });
    expect(checkOf(report, 'anchor')).toBe(wanted);
    expect(report.outcome).toBe(wanted === 'passed' ? 'intact' : wanted.startsWith('failed') ? 'altered' : 'unproven');
    expect(report.subject.confirmations).toBe(wanted === 'passed' ? 3n : undefined);
  });

  test('a provider may throw anything', async () => {
    const report = await verify(bundle, { chain: { request: () => Promise.reject('no') } });
    expect(report.checks.find(({ name }) => name === 'anchor')).toMatchObject({
      result: 'skipped',
      code: 'CHAIN_UNREACHABLE',
      reason: 'The chain could not be asked (eth_chainId): no',
    });
  });

  test('without a chain the contradictions inside the bundle are still found', async () => {
    const { chain: _, ...offline } = all;
    expect(checkOf(await verifyBundle(bundle, offline), 'anchor')).toBe('skipped CHAIN_NOT_GIVEN');
    expect(checkOf(await verifyBundle(withAnchor({ size: 10n }), offline), 'anchor')).toBe(
      'failed ANCHOR_NOT_OF_CHECKPOINT',
    );
    expect(checkOf(await verifyBundle(bundle, { ...offline, trust: { ...trust, chainId: 1n } }), 'anchor')).toBe(
      'failed ANCHOR_CHAIN',
    );
  });

  test('a contract address may be written with a checksum', async () => {
    const shouting = `0x${'C0'.repeat(20)}`;
    expect((await verify(bundle, { trust: { ...trust, contract: shouting } })).outcome).toBe('intact');
  });
});
