// Bundles made by the library itself, anchored on a real chain by the contract itself.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Contract, Wallet } from 'ethers';
import {
  commitRecord,
  componentSalt,
  digestRecord,
  discloseFields,
  formatBundle,
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
  signNote,
  toHex,
  versionSalt,
  type Bundle,
  type Entry,
  type RecordIdentity,
} from '@medanchor/verifier';
import type { Style } from '../../verifier/cli/print.ts';
import { run } from '../../verifier/cli/run.ts';
import { TEST_ORIGIN, type TestChain } from '../support/chain.ts';

export const CONTENT = new TextEncoder().encode(
  '{"resourceType":"Observation","id":"potassium","status":"final","valueQuantity":{"value":4.10,"unit":"mmol/L"}}',
);
const IDENTITY = { source: 'lab', recordId: 'Observation/potassium', versionId: '1' };
const ABI = ['function anchor(bytes32 logId, uint64 size, bytes32 root, bytes32[] proof)'];

export interface Anchored {
  readonly bundle: Bundle;
  readonly logKey: string;
  /** In hex; nothing that the command prints may hold one of these. */
  readonly secrets: readonly string[];
}

export interface Making {
  readonly content?: Uint8Array;
  /** Commits to the fields as well and discloses those at these JSON Pointers. */
  readonly disclose?: readonly string[];
  readonly identity?: RecordIdentity;
}

/** A log of three entries, ours in the middle, signed and (with a chain) anchored. */
export async function makeBundle(chain: TestChain | null, making: Making = {}): Promise<Anchored> {
  const { content = CONTENT, disclose, identity = IDENTITY } = making;
  const recordKey = new Uint8Array(randomBytes(32));
  const seed = new Uint8Array(randomBytes(32));
  const signer = noteSigner(TEST_ORIGIN, seed);
  const digest = digestRecord(content, 'application/fhir+json', identity, { fields: disclose !== undefined });
  const { commitment, components } = commitRecord(digest, recordKey, identity.versionId);
  const entry: Entry = {
    kind: 'record-version',
    time: '2026-03-01T08:00:00.000Z',
    source: '5f1c7a52-6a0d-4b5e-9a3e-0c8d7f6e5b4a',
    recordRef: recordRef(recordKey),
    seq: 1n,
    previous: null,
    activity: 'create',
    scheme: digest.scheme,
    commitment,
  };
  const leaves = [Uint8Array.of(1), formatEntry(entry), Uint8Array.of(3)].map(leafHash);
  const root = rootFromLeaves(leaves);
  const checkpoint = signNote(formatCheckpoint({ origin: TEST_ORIGIN, size: 3n, root }), [signer]);
  const salt = versionSalt(recordKey, identity.versionId);
  return {
    logKey: formatVerifierKey({ name: TEST_ORIGIN, publicKey: signer.publicKey }),
    bundle: {
      entry,
      opening: {
        scheme: digest.scheme,
        mediaType: digest.mediaType,
        identity,
        components: components.map((component) => ({ ...component, salt: componentSalt(salt, component.name) })),
      },
      proof: formatTlogProof({ index: 1n, hashes: inclusionProof(1n, 3n, leaves), checkpoint }),
      anchor: chain === null ? null : await anchor(chain, root),
      ...(disclose === undefined || digest.fields === undefined
        ? {}
        : { disclosed: discloseFields(digest.fields, salt, selectFields(digest.fields, disclose)) }),
    },
    secrets: [toHex(recordKey), toHex(seed), toHex(salt)],
  };
}

async function anchor(chain: TestChain, root: Uint8Array): Promise<NonNullable<Bundle['anchor']>> {
  const logId = logIdOf(TEST_ORIGIN);
  const registry = new Contract(chain.contract, ABI, new Wallet(`0x${chain.anchorKey}`, chain.provider));
  const sent = (await registry.getFunction('anchor')(logId, 3n, root, [])) as {
    hash: string;
    wait(): Promise<{ blockNumber: number }>;
  };
  const { blockNumber } = await sent.wait();
  return {
    chainId: BigInt(chain.chainId),
    contract: chain.contract,
    logId,
    size: 3n,
    root,
    transaction: sent.hash,
    block: BigInt(blockNumber),
  };
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in this process, without colour and with Unicode marks. */
export async function verify(...argv: string[]): Promise<Ran> {
  return await verifyWith({}, ...argv);
}

export interface Surroundings {
  readonly stdin?: Iterable<string | Uint8Array>;
  readonly style?: Partial<Style>;
}

export async function verifyWith({ stdin = [], style = {} }: Surroundings, ...argv: string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await run(argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    stdin: Readable.from(octets(stdin)),
    style: { colour: false, unicode: true, ...style },
    version: 'test',
  });
  return { code, out, err };
}

function* octets(parts: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

/** A folder of files for one test file. */
export class Files {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'medanchor-test-cli-'));

  write(name: string, content: string | Uint8Array): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, content);
    return file;
  }

  bundle(name: string, bundle: Bundle): string {
    return this.write(name, formatBundle(bundle));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
