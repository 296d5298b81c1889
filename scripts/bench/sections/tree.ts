// Building the tree and proving inclusion, in memory and in one thread; beside merkletreejs and @openzeppelin/merkle-tree
// over the same leaves with the same SHA-256, and beside the bare hash rate, which bounds all of them.

import { createHash, hash } from 'node:crypto';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { SimpleMerkleTree } from '@openzeppelin/merkle-tree';
import { MerkleTree } from 'merkletreejs';
import { installSha256 } from '../../../verifier/src/hash.ts';
import { verifyInclusion } from '../../../verifier/src/tree/verify.ts';
import type { Context } from '../harness/context.ts';
import { atLeast, type Cell, type Findings } from '../harness/findings.ts';
import type { OwnSection } from '../harness/section.ts';
import { numberedLeaves, TileTree } from '../harness/tile-tree.ts';
import { medianMicros, secondsOf } from '../harness/timing.ts';

export const tree: OwnSection = {
  name: 'tree',
  about: 'tree building and inclusion proofs beside merkletreejs, @openzeppelin/merkle-tree and the bare hash rate',
  run,
};

const sha256 = (octets: Uint8Array): Buffer => hash('sha256', octets, 'buffer');

interface Implementation {
  readonly name: string;
  /** The SHA-256 that the verifier uses meanwhile. */
  readonly sha256: (octets: Uint8Array) => Uint8Array;
  build(leaves: readonly Uint8Array[]): Prove;
}

const OURS = 'ours, tiles, crypto.hash';
const MERKLETREEJS = 'merkletreejs, crypto.createHash, as documented';
const MERKLETREEJS_FASTEST = 'merkletreejs, crypto.hash';

const IMPLEMENTATIONS: readonly Implementation[] = [
  { name: OURS, sha256, build: buildOurs },
  { name: 'ours, tiles, @noble/hashes', sha256: nobleSha256, build: buildOurs },
  { name: MERKLETREEJS, sha256, build: merkletreejs((octets) => createHash('sha256').update(octets).digest()) },
  { name: MERKLETREEJS_FASTEST, sha256, build: merkletreejs(sha256) },
  { name: 'merkletreejs, its own SHA-256 (crypto-js)', sha256, build: merkletreejs(undefined) },
  {
    name: '@openzeppelin/merkle-tree, crypto.hash',
    sha256,
    build(leaves) {
      const built = SimpleMerkleTree.of([...leaves], { sortLeaves: false, nodeHash });
      return (index) => built.getProof(index);
    },
  },
];

/** With the option set of the field tree, without its domain prefix, which would cost a copy for each node. */
function merkletreejs(hashFunction: ((octets: Buffer) => Buffer) | undefined): Implementation['build'] {
  return (leaves) => {
    const buffers = leaves as Buffer[];
    const built = new MerkleTree(buffers, hashFunction, { hashLeaves: false, sort: false, duplicateOdd: false });
    built.getRoot();
    return (index) => built.getProof(buffers[index] as Buffer, index);
  };
}

function buildOurs(leaves: readonly Uint8Array[]): Prove {
  const built = TileTree.of(leaves);
  const size = BigInt(leaves.length);
  return (index) => built.inclusionProof(BigInt(index), size);
}

/** Its leaves and nodes are hexadecimal text, whatever goes in, and it needs pairs to be sorted. */
function nodeHash(left: unknown, right: unknown): `0x${string}` {
  const [a, b] = [String(left).slice(2), String(right).slice(2)];
  return `0x${hash('sha256', Buffer.from(a < b ? a + b : b + a, 'hex'), 'hex')}`;
}

async function run({ quick, say }: Context): Promise<Findings> {
  const sizes = quick ? [256, 1000] : [1000, 10_000, 100_000, 1_000_000];
  const ms = quick ? 10 : 400;
  const rows: Cell[][] = [];
  const tooSlow = new Set<string>();
  let largest: ReadonlyMap<string, Timed> = new Map();
  try {
    const rates = await hashRates(ms);
    for (const size of sizes) {
      const leaves = numberedLeaves(size, sha256);
      checkOurs(leaves);
      const timed = new Map<string, Timed>();
      for (const implementation of IMPLEMENTATIONS.filter(({ name }) => !tooSlow.has(name))) {
        installSha256(implementation.sha256);
        const { buildSeconds, prove } = buildRepeatedly(implementation, leaves, ms);
        timed.set(implementation.name, { buildSeconds, proofMicros: await microsOfProof(prove, size, ms) });
        if (buildSeconds > LONGEST_BUILD / 10) tooSlow.add(implementation.name);
        say(`${implementation.name}, ${size.toLocaleString('en')} leaves: ${(size / buildSeconds).toFixed(0)}/s`);
      }
      for (const { name, sha256: used } of IMPLEMENTATIONS) {
        rows.push([name, size, ...cellsOf(name, size, timed, used === nobleSha256 ? rates.noble : rates.node)]);
      }
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
          rows: [
            ['crypto.hash', rates.node],
            ['@noble/hashes', rates.noble],
          ],
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
  } finally {
    installSha256(nobleSha256);
  }
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

async function hashRates(ms: number): Promise<{ node: number; noble: number }> {
  const node = Buffer.alloc(65, 7);
  const calls = 100;
  const repeat = (digest: (octets: Uint8Array) => Uint8Array) => (): void => {
    for (let i = 0; i < calls; i++) {
      node[1] = i;
      digest(node);
    }
  };
  const micros = await medianMicros(
    [
      { name: 'node', calls, work: repeat(sha256) },
      { name: 'noble', calls, work: repeat(nobleSha256) },
    ],
    ms,
  );
  return { node: 1e6 / (micros.get('node') ?? NaN), noble: 1e6 / (micros.get('noble') ?? NaN) };
}

type Prove = (index: number) => unknown;

/** The best of as many builds as fit into the time (for the big ones, a single one), and the last tree's proofs. */
function buildRepeatedly(
  { build }: Implementation,
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
