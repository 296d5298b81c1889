// What a contract's anchors say of a restored log: complete, behind, forked, or nothing.

import { describe, expect, test } from '@jest/globals';
import type { AnchoredHead, ChainHistory } from '../../api/src/backup/chain-history.ts';
import {
  combine,
  judgeHistory,
  sizesToCompare,
  unproven,
  type ChainProof,
} from '../../api/src/backup/chain-proof.rules.ts';

const root = (size: bigint): string => size.toString(16).padStart(64, '0');
const anchor = (size: bigint, other?: string): AnchoredHead => ({
  size,
  root: other ?? root(size),
  block: size * 10n,
  transaction: `0x${root(size)}`,
});
const history = (sizes: readonly bigint[], gap = ''): ChainHistory => {
  const anchors = [...sizes].sort((a, b) => Number(b - a)).map((size) => anchor(size));
  const [head] = anchors;
  return {
    head: { size: head?.size ?? 0n, root: head?.root ?? root(0n), block: head?.block ?? 0n, time: new Date(0) },
    anchors,
    gap,
  };
};
const tree = (size: bigint, anchored: bigint | null = null) => ({
  size,
  roots: new Map(Array.from({ length: Number(size) }, (_, at) => [BigInt(at + 1), root(BigInt(at + 1))] as const)),
  anchored,
});

describe('one contract', () => {
  test('its head is in the tree: complete, however much came after the anchor', () => {
    const proof = judgeHistory(history([3n, 7n]), tree(9n, 7n));
    expect(proof).toMatchObject({ verdict: 'complete', proven: { size: 7n, block: 70n }, newer: [] });
  });

  test('its head is beyond the tree: behind, with every newer anchor, oldest first', () => {
    const proof = judgeHistory(history([3n, 7n, 12n]), tree(5n, 3n));
    expect(proof).toMatchObject({ verdict: 'behind', proven: { size: 3n }, newer: [{ size: 7n }, { size: 12n }] });
    expect(proof.detail).toContain('it holds size 12, 7 more than this backup');
  });

  test('beyond the tree, and nothing older was found', () => {
    expect(judgeHistory(history([12n], 'limit exceeded'), tree(5n))).toMatchObject({
      verdict: 'behind',
      proven: null,
      detail: expect.stringContaining(
        'no anchor of what was restored was found (its earlier anchors could not be read: limit exceeded)',
      ),
    });
  });

  test('another root at a size that the tree has: forked, at the head or below it', () => {
    const head: ChainHistory = { ...history([4n]), head: { ...history([4n]).head, root: root(99n) } };
    expect(judgeHistory(head, tree(9n)).verdict).toBe('forked');
    const below: ChainHistory = { ...history([12n]), anchors: [anchor(12n), anchor(4n, root(99n))] };
    expect(judgeHistory(below, tree(9n))).toMatchObject({
      verdict: 'forked',
      detail: expect.stringContaining('another root at size 4'),
    });
  });

  test('no anchor at all: unproven, and it is said whether there should be one', () => {
    expect(judgeHistory(history([]), tree(9n)).detail).toBe('it holds no anchor of this log yet');
    expect(judgeHistory(history([]), tree(9n, 7n))).toMatchObject({
      verdict: 'unproven',
      detail: 'it holds no anchor of this log, but size 7 was anchored somewhere: is this the right chain?',
    });
  });

  test('roots are wanted for the anchored sizes that the tree has', () => {
    expect(sizesToCompare(history([3n, 7n, 12n]), 7n)).toEqual([7n, 3n]);
    expect(sizesToCompare(history([]), 7n)).toEqual([]);
  });
});

describe('several contracts', () => {
  const of = (verdict: ChainProof['verdict'], proven: AnchoredHead | null = null) => ({
    place: verdict,
    proof: { verdict, detail: 'so', proven, newer: [] },
  });

  test('the worst answer counts, and an answer more than none', () => {
    expect(combine([of('complete', anchor(7n)), of('behind', anchor(3n))])).toMatchObject({
      verdict: 'behind',
      proven: { size: 7n },
    });
    expect(combine([of('behind'), of('forked')]).verdict).toBe('forked');
    expect(combine([of('unproven'), of('complete', anchor(3n))])).toMatchObject({
      verdict: 'complete',
      detail: 'complete: so; unproven: so',
      proven: { size: 3n },
    });
  });

  test('none was ever used', () => {
    expect(combine([])).toEqual(unproven('this log was never anchored'));
  });
});
