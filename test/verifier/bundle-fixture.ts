// One valid bundle made by the library's own functions, and a chain that answers as an honest node would. The tests take
// them and break one thing at a time.

import {
  commitRecord,
  componentSalt,
  digestRecord,
  discloseFields,
  formatCheckpoint,
  formatEntry,
  formatTlogProof,
  formatVerifierKey,
  inclusionProof,
  leafHash,
  logIdOf,
  noteSigner,
  recordRef,
  rootFromLeaves,
  selectFields,
  sha256,
  signDetachedJws,
  signNote,
  statementBytes,
  toHex,
  utf8,
  versionSalt,
  type Bundle,
  type Eip1193Provider,
  type RecordVersionEntry,
  type Trust,
} from '@medanchor/verifier';
import { ed25519 } from '@noble/curves/ed25519.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { leaves } from './support.ts';

export const ORIGIN = 'medanchor.example/log/1';
export const CONTRACT = `0x${'c0'.repeat(20)}`;
export const CHAIN_ID = 31337n;
export const TRANSACTION = `0x${'7a'.repeat(32)}`;
export const identity = { source: 'ehr', recordId: 'Observation/o', versionId: '1' };
export const content = utf8(
  '{"resourceType":"Observation","id":"o","text":"narrative","status":"final","code":{"text":"glucose"},"value":6.30}',
);

const recordKey = new Uint8Array(32).fill(1);
const logSeed = new Uint8Array(32).fill(2);
const submitterSeed = new Uint8Array(32).fill(3);
export const logSigner = noteSigner(ORIGIN, logSeed);
export const logKey = formatVerifierKey({ name: ORIGIN, publicKey: ed25519.getPublicKey(logSeed) });

const digest = digestRecord(content, 'application/fhir+json', identity, { fields: true });
const committed = commitRecord(digest, recordKey, identity.versionId);
const salt = versionSalt(recordKey, identity.versionId);
const statement = {
  activity: 'create' as const,
  commitment: committed.commitment,
  scheme: digest.scheme,
  source: '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
};
const signed = signDetachedJws(statementBytes(statement), submitterSeed);
export const submitterKey = signed.jwk;

export const entry: RecordVersionEntry = {
  kind: 'record-version',
  time: '2026-11-23T10:00:00.000Z',
  ...statement,
  recordRef: recordRef(recordKey),
  seq: 1n,
  previous: null,
  submitter: { keyId: signed.keyId, jws: signed.jws },
};

const INDEX = 4;
const SIZE = 11;

/** A log of 11 entries in which this one is number 4. */
export function logWith(bytes: Uint8Array): { root: Uint8Array; hashes: Uint8Array[]; size: bigint; index: bigint } {
  const all = leaves(SIZE).with(INDEX, leafHash(bytes));
  const [index, size] = [BigInt(INDEX), BigInt(SIZE)];
  return { root: rootFromLeaves(all), hashes: inclusionProof(index, size, all), size, index };
}

export function checkpointOf(root: Uint8Array, size = BigInt(SIZE), origin = ORIGIN, signer = logSigner): string {
  return signNote(formatCheckpoint({ origin, size, root }), [signer]);
}

/** The bundle of this entry, proof and anchor included. */
export function bundleOf(bytesOf: Bundle['entry'], opening: Bundle['opening']): Bundle {
  const { root, hashes, size, index } = logWith(formatEntry(bytesOf));
  return {
    entry: bytesOf,
    opening,
    proof: formatTlogProof({ index, hashes, checkpoint: checkpointOf(root) }),
    anchor: {
      chainId: CHAIN_ID,
      contract: CONTRACT,
      logId: logIdOf(ORIGIN),
      size,
      root,
      transaction: TRANSACTION,
      block: 100n,
    },
  };
}

export const bundle: Bundle = {
  ...bundleOf(entry, {
    scheme: digest.scheme,
    mediaType: digest.mediaType,
    identity,
    components: committed.components.map((component) => ({
      ...component,
      salt: componentSalt(salt, component.name),
    })),
  }),
  submitterKey,
  disclosed: discloseFields(digest.fields ?? [], salt, selectFields(digest.fields ?? [], ['/status', '/value'])),
};

export const trust: Trust = { logKeys: [logKey], contract: CONTRACT, chainId: CHAIN_ID, confirmations: 3 };

export type Answers = Record<string, unknown>;

/** What an honest node answers about the anchor of the bundle: three confirmations, and a later head. */
export function honestAnswers(of: Bundle = bundle): Answers {
  const { logId, size, root } = of.anchor ?? { logId: sha256(utf8('')), size: 0n, root: sha256(utf8('')) };
  const word = (n: bigint): string => n.toString(16).padStart(64, '0');
  return {
    eth_chainId: '0x7a69',
    eth_blockNumber: '0x66',
    eth_getTransactionReceipt: {
      transactionHash: TRANSACTION,
      status: '0x1',
      blockNumber: '0x64',
      logs: [
        { address: `0x${'ee'.repeat(20)}`, topics: [], data: '0x' },
        {
          address: CONTRACT.toUpperCase().replace('0X', '0x'),
          topics: [
            `0x${toHex(keccak_256(utf8('HeadAnchored(bytes32,uint64,bytes32)')))}`,
            `0x${toHex(logId)}`,
            `0x${word(size)}`,
          ],
          data: `0x${toHex(root)}`,
        },
      ],
    },
    eth_call: `0x${'99'.repeat(32)}${word(size + 5n)}${word(1n)}${word(101n)}`,
  };
}

/** A node with these answers. An Error among them is thrown, as a provider does when it cannot ask. */
export function nodeWith(answers: Answers): Eip1193Provider {
  return {
    request: async ({ method }) => {
      const answer = answers[method];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}
