// Property tests (fast-check). The first drives two logs through random lives of anchoring, rewriting, truncation, repetition,
// pausing and key rotation, and compares every answer with a model of a few lines. The others throw random sizes and damaged
// or invented proofs at the library and compare with verifier/. The seed is in the name of the tests; give a failing one back
// with MEDANCHOR_FUZZ_SEED.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consistencyProof, rootFromLeaves, verifyConsistency, verifyInclusion } from '@medanchor/verifier';
import { id } from 'ethers';
import fc from 'fast-check';
import { consistencyProofLength, inclusionProofLength } from '../../verifier/src/tree/verify.ts';
import { Chain, Reverted, type Contract } from './support/chain.ts';
import { refLeafHash, type Hash } from './support/rfc-reference.ts';
import { hex } from './support/sample-tree.ts';

const SEED = Number(process.env['MEDANCHOR_FUZZ_SEED'] ?? 20_260_101);

let chain: Chain;
let registry: Contract;
let harness: Contract;

beforeAll(async () => {
  chain = await Chain.open();
  registry = await chain.deployRegistry();
  harness = await chain.deployTestContract('Rfc6962Harness');
}, 60_000);

afterAll(async () => {
  await chain.close();
});

const outcomeOf = async (attempt: Promise<unknown>): Promise<string> =>
  await attempt.then(
    () => 'ok',
    (error: unknown) => {
      if (error instanceof Reverted) return error.errorName;
      throw error;
    },
  );

// ------------------------------------------------------------------------------------------------- lives of logs

/** Two histories that share their first entries: the honest one, and what a rewriting operator would have. */
const FORK_AT = 20;
const honest = Array.from({ length: 64 }, (_, i) => refLeafHash(Uint8Array.of(1, i)));
const rewritten = honest.map((leaf, i) => (i < FORK_AT ? leaf : refLeafHash(Uint8Array.of(2, i))));

type Step =
  | { readonly do: 'anchor'; readonly log: number; readonly size: number; readonly history: 'honest' | 'rewritten' }
  | { readonly do: 'repeat'; readonly log: number }
  | { readonly do: 'pause' | 'unpause' | 'rotate'; readonly log: number };

const log = fc.constantFrom(0, 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('anchor' as const),
      log,
      size: fc.integer({ min: 1, max: honest.length }),
      history: fc.constantFrom('honest' as const, 'honest' as const, 'rewritten' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('repeat' as const), log }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'unpause' as const, 'rotate' as const), log }),
  },
);

/** What a log must be after some steps. `size` 0 means that nothing is anchored. */
interface Model {
  readonly logId: string;
  size: number;
  history: readonly Hash[];
  paused: boolean;
  submitter: string;
}

/** The rule of the registry in terms of histories instead of proofs. */
function expectedOutcome(model: Model, size: number, history: readonly Hash[]): string {
  if (model.paused) return 'AnchorPaused';
  if (size < model.size) return 'AnchorSizeShrinks';
  const shared = model.history.slice(0, model.size).every((leaf, i) => leaf === history[i]);
  if (shared) return 'ok';
  return size === model.size ? 'AnchorRootConflict' : 'AnchorHistoryRewritten';
}

async function apply(model: Model, next: Step): Promise<void> {
  const owner = chain.account(0);
  const { logId } = model;
  if (next.do === 'pause' || next.do === 'unpause') {
    const wanted = next.do === 'pause';
    const expected = wanted !== model.paused ? 'ok' : wanted ? 'AnchorPaused' : 'AnchorNotPaused';
    expect(await outcomeOf(registry.send(owner, `${next.do}Log`, logId))).toBe(expected);
    model.paused = wanted;
  } else if (next.do === 'rotate') {
    const replacement = model.submitter === chain.account(1) ? chain.account(2) : chain.account(1);
    await registry.send(owner, 'addSubmitter', logId, replacement);
    await registry.send(owner, 'removeSubmitter', logId, model.submitter);
    const old = registry.send(model.submitter, 'anchor', logId, 64, rootFromLeaves(honest), []);
    expect(await outcomeOf(old)).toBe('AnchorNotSubmitter');
    model.submitter = replacement;
  } else {
    const [size, history] =
      next.do === 'anchor' ? [next.size, next.history === 'honest' ? honest : rewritten] : [model.size, model.history];
    if (size === 0) return;
    const root = rootFromLeaves(history.slice(0, size));
    const proof =
      0 < model.size && model.size < size ? consistencyProof(BigInt(model.size), BigInt(size), history) : [];
    const outcome = await outcomeOf(registry.send(model.submitter, 'anchor', logId, size, root, proof));
    expect(outcome).toBe(expectedOutcome(model, size, history));
    if (outcome === 'ok') Object.assign(model, { size, history });
  }
}

async function assertState(model: Model): Promise<void> {
  const [head] = (await registry.call('head', model.logId)) as unknown as [readonly [string, bigint, bigint, bigint]];
  const root = model.size === 0 ? `0x${'0'.repeat(64)}` : hex(rootFromLeaves(model.history.slice(0, model.size)));
  expect([head[0], head[1]]).toEqual([root, BigInt(model.size)]);
  expect([...(await registry.call('isPaused', model.logId))]).toEqual([model.paused]);
}

let lives = 0;

test(`random lives of two logs follow the model (seed ${SEED})`, async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
    lives++;
    const models: Model[] = [0, 1].map((n) => ({
      logId: id(`fuzz.test/${lives}/${n}`),
      size: 0,
      history: honest,
      paused: false,
      submitter: chain.account(1),
    }));
    for (const { logId, submitter } of models) await registry.send(chain.account(0), 'registerLog', logId, submitter);
    for (const next of steps) {
      for (const [n, model] of models.entries()) if (n === next.log) await apply(model, next);
      for (const model of models) await assertState(model);
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: 40 });
}, 120_000);

// ----------------------------------------------------------------------------------- proofs for trees of any size

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const MAX_SIZE = 2n ** 63n - 1n;
/** Sizes of all magnitudes, powers of two and their neighbours more often than chance would give. */
const treeSize = fc.oneof(
  fc.bigInt({ min: 1n, max: MAX_SIZE }),
  fc.bigInt({ min: 1n, max: 300n }),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 62n }), fc.constantFrom(-1n, 0n, 1n))
    .map(([exponent, offset]) => 2n ** exponent + offset)
    .filter((size) => size > 0n),
);
const bytes = (text: unknown): Uint8Array => Uint8Array.from(Buffer.from(String(text).slice(2), 'hex'));
const passes = (check: () => void): boolean => {
  try {
    check();
    return true;
  } catch {
    return false;
  }
};

/** Random hashes, as many as `wanted` says for the sizes at hand, or a few more or less. */
const excess = fc.oneof(fc.constant(0), fc.integer({ min: -2, max: 2 }), fc.integer({ min: -64, max: 4 }));
function inventProof(seed: Uint8Array, wanted: number, extra: number): Hash[] {
  return Array.from({ length: Math.max(0, wanted + extra) }, (_, i) => refLeafHash(Uint8Array.of(...seed, i)));
}

describe(`proofs of random hashes for trees of any size (seed ${SEED})`, () => {
  test('consistency: what the library computes, the verifier accepts; what it refuses, the verifier refuses', async () => {
    let computedSome = 0;
    let refusedSome = 0;
    const property = fc.asyncProperty(treeSize, treeSize, hash, excess, async (a, b, root1, extra) => {
      fc.pre(a !== b);
      const [size1, size2] = a < b ? [a, b] : [b, a];
      const proof = inventProof(root1, consistencyProofLength(size1, size2), extra);
      const answer = harness.call('rootsFromConsistencyProof', size1, size2, root1, proof);
      if ((await outcomeOf(answer)) === 'ok') {
        computedSome++;
        const [computed1, computed2] = await answer;
        verifyConsistency(size1, size2, bytes(computed1), bytes(computed2), proof);
      } else {
        refusedSome++;
        expect(await outcomeOf(answer)).toBe('Rfc6962ConsistencyProofLength');
        expect(passes(() => verifyConsistency(size1, size2, root1, root1, proof))).toBe(false);
      }
    });
    await fc.assert(property, { seed: SEED, numRuns: 1_000 });
    expect(Math.min(computedSome, refusedSome)).toBeGreaterThan(200);
  }, 60_000);

  test('inclusion: the same, for every index', async () => {
    let computedSome = 0;
    let refusedSome = 0;
    const property = fc.asyncProperty(
      treeSize,
      fc.bigInt({ min: 0n, max: MAX_SIZE }),
      hash,
      excess,
      async (size, at, leaf, extra) => {
        const index = at % size;
        const proof = inventProof(leaf, inclusionProofLength(index, size), extra);
        const [wellFormed, root] = await harness.call('rootFromInclusionProof', leaf, index, size, proof);
        if (wellFormed === true) computedSome++;
        else refusedSome++;
        expect(passes(() => verifyInclusion(index, size, leaf, proof, bytes(root)))).toBe(wellFormed);
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: 1_000 });
    expect(Math.min(computedSome, refusedSome)).toBeGreaterThan(200);
  }, 60_000);
});
