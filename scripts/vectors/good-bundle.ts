// The one good bundle that every bundle vector starts from, and the chain on which it is anchored as JSON-RPC answers.
// Made by the library from fixed keys, so it comes out the same every time.

import {
  commitRecord,
  componentSalt,
  digestRecord,
  discloseFields,
  formatCheckpoint,
  formatEntry,
  formatTlogProof,
  inclusionProof,
  leafHash,
  logIdOf,
  noteSigner,
  recordRef,
  rootFromLeaves,
  selectFields,
  signDetachedJws,
  signNote,
  statementBytes,
  toHex,
  utf8,
  versionSalt,
  type Bundle,
  type Entry,
} from '@medanchor/verifier';
import { id as keccakOfText } from 'ethers';
import { IDENTITY, OBSERVATION } from './records.ts';
import { filled } from './vector-file.ts';

export const ORIGIN = 'vectors.example/log/1';
const CONTRACT = `0x${'c0'.repeat(20)}`;
const TRANSACTION = `0x${'7a'.repeat(32)}`;
const MEDIA_TYPE = 'application/fhir+json';
const INDEX = 2n;
export const SIZE = 5n;

const recordKey = filled(7);
const salt = versionSalt(recordKey, IDENTITY.versionId);
const digest = digestRecord(utf8(OBSERVATION), MEDIA_TYPE, IDENTITY, { fields: true });
const committed = commitRecord(digest, recordKey, IDENTITY.versionId);
export const statement = {
  activity: 'create' as const,
  commitment: committed.commitment,
  scheme: digest.scheme,
  source: '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
};
const signature = signDetachedJws(statementBytes(statement), filled(4));
const entry: Entry = {
  kind: 'record-version',
  time: '2026-11-23T10:00:00.000Z',
  ...statement,
  recordRef: recordRef(recordKey),
  seq: 1n,
  previous: null,
  submitter: { keyId: signature.keyId, jws: signature.jws },
};
export const signer = noteSigner(ORIGIN, filled(1));
const leaves = [0, 1, 2, 3, 4].map((value) => leafHash(value === 2 ? formatEntry(entry) : Uint8Array.of(value)));
export const root = rootFromLeaves(leaves);
export const checkpointText = formatCheckpoint({ origin: ORIGIN, size: SIZE, root });
export const proof = {
  index: INDEX,
  hashes: inclusionProof(INDEX, SIZE, leaves),
  checkpoint: signNote(checkpointText, [signer]),
};
const fields = digest.fields ?? [];
export const disclosed = discloseFields(fields, salt, selectFields(fields, ['/valueQuantity']));

export const bundle = {
  entry,
  opening: {
    scheme: digest.scheme,
    mediaType: digest.mediaType,
    identity: IDENTITY,
    components: committed.components.map((component) => ({
      ...component,
      salt: componentSalt(salt, component.name),
    })),
  },
  proof: formatTlogProof(proof),
  anchor: {
    chainId: 31337n,
    contract: CONTRACT,
    logId: logIdOf(ORIGIN),
    size: SIZE,
    root,
    transaction: TRANSACTION,
    block: 100n,
  },
  submitterKey: signature.jwk,
} satisfies Bundle;

export const word = (value: bigint): string => value.toString(16).padStart(64, '0');
export const log = {
  address: CONTRACT,
  topics: [keccakOfText('HeadAnchored(bytes32,uint64,bytes32)'), `0x${toHex(logIdOf(ORIGIN))}`, `0x${word(SIZE)}`],
  data: `0x${toHex(root)}`,
};
export const receipt = { transactionHash: TRANSACTION, status: '0x1', blockNumber: '0x64', logs: [log] };
export const chain = {
  eth_chainId: '0x7a69',
  eth_blockNumber: '0x65',
  eth_getTransactionReceipt: receipt,
  eth_call: `0x${toHex(root)}${word(SIZE)}${word(1n)}${word(100n)}`,
};
export type Chain = Readonly<Record<keyof typeof chain, unknown>>;
