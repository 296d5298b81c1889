// Building the tree and proving inclusion, in memory and in one thread; beside merkletreejs and @openzeppelin/merkle-tree
// over the same leaves with the same SHA-256, and beside the bare hash rate, which bounds all of them.

import { installSha256 } from '../../../verifier/src/hash.ts';
import { verifyInclusion } from '../../../verifier/src/tree/verify.ts';
import {
  hashesWith,
  MERKLETREEJS,
  MERKLETREEJS_FASTEST,
  OURS,
  treeBuilders,
  type Hashes,
  type HashName,
  type Prove,
  type TreeBuilder,
} from '../baseline/merkle-trees.ts';
import type { Context } from '../harness/context.ts';
import { atLeast, type Cell, type Findings } from '../harness/findings.ts';
import type { OwnSection } from '../harness/section.ts';
import { withServiceSha256 } from '../harness/service-sha256.ts';
import { numberedLeaves, TileTree } from '../harness/tile-tree.ts';
import { medianMicros, secondsOf } from '../harness/timing.ts';

export const tree: OwnSection = {
  name: 'tree',
  about: 'tree building and inclusion proofs beside merkletreejs, @openzeppelin/merkle-tree and the bare hash rate',
  run: (context) => withServiceSha256((service) => run(context, hashesWith(service))),
};

async function run({ quick, say }: Context, hashes: Hashes): Promise<Findings> {
  const sizes = quick ? [256, 1000] : [1000, 10_000, 100_000, 1_000_000];
  const ms = quick ? 10 : 400;
  const builders = treeBuilders(hashes);
  const rates = await hashRates(hashes, ms);
  const rows: Cell[][] = [];
  const tooSlow = new Set<string>();
  let largest: ReadonlyMap<string, Timed> = new Map();
  for (const size of sizes) {
    const leaves = numberedLeaves(size, hashes.service);
    checkOurs(leaves);
    const timed = new Map<string, Timed>();
    for (const builder of builders.filter(({ name }) => !tooSlow.has(name))) {
      installSha256(hashes[builder.hash]);
      const { buildSeconds, prove } = buildRepeatedly(builder, leaves, ms);
      timed.set(builder.name, { buildSeconds, proofMicros: await microsOfProof(prove, size, ms) });
      if (buildSeconds > LONGEST_BUILD / 10) tooSlow.add(builder.name);
      say(`${builder.name}, ${size.toLocaleString('en')} leaves: ${(size / buildSeconds).toFixed(0)}/s`);
    }
    for (const { name, hash } of builders)
      rows.push([name, size, ...cellsOf(name, size, timed, rates.get(hash) ?? NaN)]);
    largest = timed;
  }
  const at = `tree building at ${(sizes.at(-1) ?? 0).toLocaleString('en')} leaves`;
  return {
    tables: [
      {
        title: 'Tree building and inclusion proofs, leaves given as hashes, one thread',
        columns: [
          { title: 'what' },
          { title: 'leaves', digits: 0 },
          { title: 'leaves per second', digits: 0 },
          { title: '× merkletreejs', digits: 2 },
          { title: '× bare hash rate', digits: 2 },
          { title: 'one proof', digits: 1, unit: 'µs' },
          { title: '× merkletreejs', digits: 5 },
        ],
        rows,
      },
      {
        title: 'Bare hash rate: SHA-256 of the 65 octets of a node',
        columns: [{ title: 'what' }, { title: 'per second', digits: 0 }],
        rows: [...rates],
      },
    ],
    targets: [
      atLeast(`${at}, beside ${MERKLETREEJS}`, 3, '×', buildRatio(largest, OURS, MERKLETREEJS)),
      atLeast(`${at}, beside ${MERKLETREEJS_FASTEST}`, 3, '×', buildRatio(largest, OURS, MERKLETREEJS_FASTEST)),
    ],
    notes: [
      'merkletreejs and @openzeppelin/merkle-tree keep every node in memory, so their proofs only look up; tiles keep one hash an entry and the rest is hashed again',
      `rows without figures would have taken more than ${String(LONGEST_BUILD)} s`,
    ],
  };
}

interface Timed {
  readonly buildSeconds: number;
  readonly proofMicros: number;
}

/** Seconds; what took a tenth of it is not tried with ten times as many leaves. */
const LONGEST_BUILD = 20;

function cellsOf(name: string, size: number, timed: ReadonlyMap<string, Timed>, hashRate: number): Cell[] {
  const own = timed.get(name);
  const baseline = timed.get(MERKLETREEJS);
  if (own === undefined || baseline === undefined) return [null, null, null, null, null];
  const perSecond = size / own.buildSeconds;
  return [
    perSecond,
    baseline.buildSeconds / own.buildSeconds,
    perSecond / hashRate,
    own.proofMicros,
    baseline.proofMicros / own.proofMicros,
  ];
}

function buildRatio(timed: ReadonlyMap<string, Timed>, name: string, beside: string): number | null {
  const [own, baseline] = [timed.get(name), timed.get(beside)];
  return own === undefined || baseline === undefined ? null : baseline.buildSeconds / own.buildSeconds;
}

async function hashRates(hashes: Hashes, ms: number): Promise<ReadonlyMap<HashName, number>> {
  const node = Buffer.alloc(65, 7);
  const calls = 100;
  const tasks = (Object.keys(hashes) as HashName[]).map((name) => ({
    name,
    calls,
    work: (): void => {
      for (let i = 0; i < calls; i++) {
        node[1] = i;
        hashes[name](node);
      }
    },
  }));
  const micros = await medianMicros(tasks, ms);
  return new Map(tasks.map(({ name }) => [name, 1e6 / (micros.get(name) ?? NaN)]));
}

/** The best of as many builds as fit into the time (for the big ones, a single one), and the last tree's proofs. */
function buildRepeatedly(
  { build }: TreeBuilder,
  leaves: readonly Uint8Array[],
  ms: number,
): { buildSeconds: number; prove: Prove } {
  let buildSeconds = Infinity;
  let prove: Prove = () => undefined;
  for (const end = performance.now() + ms * 2; performance.now() < end;) {
    const seconds = secondsOf(() => (prove = build(leaves)));
    buildSeconds = Math.min(buildSeconds, seconds);
  }
  return { buildSeconds, prove };
}

async function microsOfProof(prove: Prove, leaves: number, ms: number): Promise<number> {
  const calls = 20;
  let next = 0;
  const work = (): void => {
    // A step that is prime to every size, so that the leaves come from all over the tree.
    for (let i = 0; i < calls; i++) prove((next = (next + 7919) % leaves));
  };
  return (await medianMicros([{ name: 'proof', calls, work }], ms)).get('proof') ?? NaN;
}

/** A bench of a wrong tree would be worth nothing. */
function checkOurs(leaves: readonly Uint8Array[]): void {
  const built = TileTree.of(leaves);
  const size = BigInt(leaves.length);
  for (const index of [0, Math.floor(leaves.length / 3), leaves.length - 1]) {
    const proof = built.inclusionProof(BigInt(index), size);
    verifyInclusion(BigInt(index), size, leaves[index] as Uint8Array, proof, built.root(size));
  }
}
