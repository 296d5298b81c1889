// Our own vectors (test/vectors, for other implementers): each is run, and each file is what its generator writes.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  canonicalJson,
  commitRecord,
  componentSalt,
  digestRecord,
  fieldLeafHashes,
  fromHex,
  lexemeJson,
  noteVerifier,
  openCheckpoint,
  parseBundle,
  parseJson,
  parseSignedCheckpoint,
  parseTlogProof,
  recordRef,
  rootFromLeaves,
  staticForm,
  toHex,
  utf8,
  verifyBundle,
  VerifyError,
  verifyConsistency,
  verifyInclusion,
  versionSalt,
  type RecordIdentity,
} from '@medanchor/verifier';
import { renderVectors, VECTORS_FOLDER } from '../../scripts/generate-vectors.ts';

interface Case {
  readonly name: string;
  readonly expect: string;
}

function casesOf<T>(file: string): readonly (Case & T)[] {
  const text = readFileSync(path.join(VECTORS_FOLDER, file), 'utf8');
  return (JSON.parse(text) as { cases: readonly (Case & T)[] }).cases;
}

/** `ok`, or the code of the refusal. */
function codeOf(work: () => unknown): string {
  try {
    work();
    return 'ok';
  } catch (error) {
    if (error instanceof VerifyError) return error.code;
    throw error;
  }
}

const IDENTITY: RecordIdentity = { source: 'clinic', recordId: 'Observation/k1', versionId: '1' };

test('the committed files are what scripts/generate-vectors.ts writes', () => {
  const rendered = renderVectors();
  expect(readdirSync(VECTORS_FOLDER).sort()).toEqual([...rendered.keys()].sort());
  for (const [name, text] of rendered) expect(readFileSync(path.join(VECTORS_FOLDER, name), 'utf8')).toBe(text);
});

describe('inclusion', () => {
  type Inclusion = { index: string; size: string; leafHash: string; proof: string[]; root: string };
  test.each(casesOf<Inclusion>('inclusion.json'))('$name: $expect', (one) => {
    const verify = (): void =>
      verifyInclusion(
        BigInt(one.index),
        BigInt(one.size),
        fromHex(one.leafHash),
        one.proof.map((hash) => fromHex(hash)),
        fromHex(one.root),
      );
    expect(codeOf(verify)).toBe(one.expect);
  });
});

describe('consistency', () => {
  type Consistency = { size1: string; size2: string; root1: string; root2: string; proof: string[] };
  test.each(casesOf<Consistency>('consistency.json'))('$name: $expect', (one) => {
    const { size1, size2, root1, root2, proof } = one;
    const verify = (): void =>
      verifyConsistency(
        BigInt(size1),
        BigInt(size2),
        fromHex(root1),
        fromHex(root2),
        proof.map((hash) => fromHex(hash)),
      );
    expect(codeOf(verify)).toBe(one.expect);
  });
});

describe('checkpoint', () => {
  type Note = { verifierKey: string; note: string; opened?: object };
  test.each(casesOf<Note>('checkpoint.json'))('$name: $expect', (one) => {
    const open = () => openCheckpoint(one.note, [noteVerifier(one.verifierKey)]);
    expect(codeOf(open)).toBe(one.expect);
    if (one.opened === undefined) return;
    const { origin, size, root } = open();
    expect({ origin, size: size.toString(), root: toHex(root) }).toEqual(one.opened);
  });
});

describe('tlog-proof', () => {
  type Proof = { text: string; parsed?: { index: string; hashes: string[]; checkpoint: string; leafHash: string } };
  test.each(casesOf<Proof>('tlog-proof.json'))('$name: $expect', (one) => {
    expect(codeOf(() => parseTlogProof(one.text))).toBe(one.expect);
    if (one.parsed === undefined) return;
    const { index, hashes, checkpoint } = parseTlogProof(one.text);
    const { leafHash, ...parsed } = one.parsed;
    expect({ index: index.toString(), hashes: hashes.map(toHex), checkpoint }).toEqual(parsed);
    const { size, root } = parseSignedCheckpoint(checkpoint);
    verifyInclusion(index, size, fromHex(leafHash), hashes, root);
  });
});

describe('digest', () => {
  interface Digest {
    content: string;
    mediaType: string;
    scheme: string;
    normalisedMediaType: string;
    contentOctets?: string;
    contentExactOctets?: string;
    digests: Record<string, string>;
  }
  test.each(casesOf<Digest>('digest.json'))('$name: $expect', (one) => {
    const digest = () => digestRecord(utf8(one.content), one.mediaType, IDENTITY, { fields: true });
    expect(codeOf(digest)).toBe(one.expect);
    if (one.expect !== 'ok') return;
    const { scheme, mediaType, components } = digest();
    expect([scheme, mediaType]).toEqual([one.scheme, one.normalisedMediaType]);
    expect(Object.fromEntries(components.map((part) => [part.name, toHex(part.digest)]))).toEqual(one.digests);
    if (scheme === 'raw/1') return;
    const value = parseJson(utf8(one.content));
    const form = scheme === 'fhir-json-static/1' ? staticForm(value) : value;
    expect([canonicalJson(form), lexemeJson(form)]).toEqual([one.contentOctets, one.contentExactOctets]);
  });
});

describe('commitment', () => {
  interface Commitment {
    recordKey: string;
    identity: RecordIdentity;
    mediaType: string;
    content: string;
    recordRef: string;
    versionSalt: string;
    components: { name: string; salt: string; commitment: string }[];
    fields?: { path: string; value: string }[];
    fieldsRoot?: string;
    commitment: string;
  }
  test.each(casesOf<Commitment>('commitment.json'))('$name', (one) => {
    const key = fromHex(one.recordKey);
    const { versionId } = one.identity;
    const digest = digestRecord(utf8(one.content), one.mediaType, one.identity, { fields: true });
    const { commitment, components } = commitRecord(digest, key, versionId);
    const salt = versionSalt(key, versionId);
    expect([toHex(recordRef(key)), toHex(salt), toHex(commitment)]).toEqual([
      one.recordRef,
      one.versionSalt,
      one.commitment,
    ]);
    expect(
      components.map(({ name, commitment: opened }) => ({
        name,
        salt: toHex(componentSalt(salt, name)),
        commitment: toHex(opened),
      })),
    ).toEqual(one.components);
    expect(digest.fields).toEqual(one.fields);
    const root = digest.fields && toHex(rootFromLeaves(fieldLeafHashes(digest.fields, salt)));
    expect(root).toBe(one.fieldsRoot);
  });
});

describe('bundle', () => {
  interface Presented {
    bundle?: object;
    text?: string;
    content?: string;
    identity?: Partial<RecordIdentity>;
    chain?: Record<string, unknown>;
    report?: { verdict: string | null; outcome: string; status: string; flags: string[]; failed: string[] };
    trust?: { verifierKey: string; contract: string; chainId: string; confirmations: number };
  }
  const [head, ...cases] = casesOf<Presented>('bundle.json');
  if (head?.trust === undefined) throw new Error('the first case names what is trusted');
  const { verifierKey, chainId, ...rest } = head.trust;
  const trust = { ...rest, logKeys: [verifierKey], chainId: BigInt(chainId) };

  test.each(cases)('$name: $expect', async (one) => {
    if (one.text !== undefined) return expect(codeOf(() => parseBundle(one.text ?? ''))).toBe(one.expect);
    const report = await verifyBundle(parseBundle(JSON.stringify(one.bundle)), {
      trust,
      chain: { request: async ({ method }) => one.chain?.[method] },
      ...(one.content === undefined ? {} : { content: utf8(one.content) }),
      ...(one.identity === undefined ? {} : { identity: one.identity }),
    });
    const failed = report.checks
      .filter(({ result }) => result === 'failed')
      .map(({ name, code }) => `${name}: ${code}`);
    const { verdict, outcome, status, flags } = report;
    expect({ verdict, outcome, status, flags, failed }).toEqual(one.report);
  });
});
