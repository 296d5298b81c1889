// Ways to build a Merkle tree over the same leaf hashes: ours, and the libraries that people use, with the hash function of
// their documentation and with faster ones.

import { createHash, hash } from 'node:crypto';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { SimpleMerkleTree } from '@openzeppelin/merkle-tree';
import { MerkleTree } from 'merkletreejs';
import type { Sha256 } from '../../../verifier/src/hash.ts';
import { TileTree } from '../harness/tile-tree.ts';

export type HashName = 'service' | 'crypto.hash' | '@noble/hashes';
export type Hashes = Readonly<Record<HashName, Sha256>>;
export type Prove = (index: number) => unknown;

export interface TreeBuilder {
  readonly name: string;
  /** The SHA-256 that it is measured beside, and that the verifier's functions use meanwhile. */
  readonly hash: HashName;
  build(leaves: readonly Uint8Array[]): Prove;
}

export const OURS = "ours, tiles, the service's SHA-256";
export const MERKLETREEJS = 'merkletreejs, crypto.createHash, as documented';
export const MERKLETREEJS_FASTEST = "merkletreejs, the service's SHA-256";

export function hashesWith(service: Sha256): Hashes {
  return { service, 'crypto.hash': cryptoHash, '@noble/hashes': nobleSha256 };
}

export function treeBuilders(hashes: Hashes): readonly TreeBuilder[] {
  const documented = (octets: Buffer): Buffer => createHash('sha256').update(octets).digest();
  return [
    { name: OURS, hash: 'service', build: ours },
    { name: 'ours, tiles, @noble/hashes (as in a browser)', hash: '@noble/hashes', build: ours },
    { name: MERKLETREEJS, hash: 'crypto.hash', build: merkletreejs(documented) },
    { name: 'merkletreejs, crypto.hash', hash: 'crypto.hash', build: merkletreejs(cryptoHash) },
    // It wants a Buffer; a view of the same octets is one.
    { name: MERKLETREEJS_FASTEST, hash: 'service', build: merkletreejs((octets) => asBuffer(hashes.service(octets))) },
    { name: 'merkletreejs, its own SHA-256 (crypto-js)', hash: 'crypto.hash', build: merkletreejs(undefined) },
    { name: '@openzeppelin/merkle-tree, crypto.hash', hash: 'crypto.hash', build: openzeppelin },
  ];
}

function cryptoHash(octets: Uint8Array): Buffer {
  return hash('sha256', octets, 'buffer');
}

function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

function ours(leaves: readonly Uint8Array[]): Prove {
  const built = TileTree.of(leaves);
  const size = BigInt(leaves.length);
  return (index) => built.inclusionProof(BigInt(index), size);
}

/** With the option set of the field tree, without its domain prefix, which would cost a copy for each node. */
function merkletreejs(hashFunction: ((octets: Buffer) => Buffer) | undefined): TreeBuilder['build'] {
  return (leaves) => {
    const buffers = leaves.map(asBuffer);
    const built = new MerkleTree(buffers, hashFunction, { hashLeaves: false, sort: false, duplicateOdd: false });
    built.getRoot();
    return (index) => built.getProof(buffers[index] as Buffer, index);
  };
}

function openzeppelin(leaves: readonly Uint8Array[]): Prove {
  const built = SimpleMerkleTree.of([...leaves], { sortLeaves: false, nodeHash: sortedNodeHash });
  return (index) => built.getProof(index);
}

/** Its leaves and nodes are hexadecimal text, whatever goes in, and it needs pairs to be sorted. */
function sortedNodeHash(left: unknown, right: unknown): `0x${string}` {
  const [a, b] = [String(left).slice(2), String(right).slice(2)];
  return `0x${hash('sha256', Buffer.from(a < b ? a + b : b + a, 'hex'), 'hex')}`;
}
