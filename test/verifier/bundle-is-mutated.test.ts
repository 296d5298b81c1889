// One valid bundle, then one mutation at a time: each must be caught by the check, and with the code, that belongs to it.

import { describe, expect, test } from '@jest/globals';
import { noteSigner, signDetachedJws, utf8, verifyBundle, type Bundle, type CheckName } from '@medanchor/verifier';
import {
  honest,
  opening,
  anchor,
  disclosed,
  verify,
  checkOf,
  results,
  withProof,
  proof,
  withOpening,
  withComponent,
  withAnchor,
  withDisclosed,
  withField,
  zero,
  anonymousSubmitter,
} from './bundle-checks.ts';
import { bundle, checkpointOf, content, entry, identity, ORIGIN, submitterKey, trust } from './bundle-fixture.ts';
import { flipped } from './support.ts';

describe('a mutated bundle', () => {
  const rows: [string, Bundle, Partial<Record<CheckName, string>>][] = [
    ['index forged', withProof({ index: 5n }), { inclusion: 'failed INCLUSION_MISMATCH' }],
    ['index beyond the size', withProof({ index: 11n }), { inclusion: 'failed TREE_INDEX' }],
    ['hash forged', withProof({ hashes: proof.hashes.with(0, zero) }), { inclusion: 'failed INCLUSION_MISMATCH' }],
    ['proof truncated', withProof({ hashes: proof.hashes.slice(1) }), { inclusion: 'failed INCLUSION_PROOF_LENGTH' }],
    ['proof over-long', withProof({ hashes: [...proof.hashes, zero] }), { inclusion: 'failed INCLUSION_PROOF_LENGTH' }],
    [
      'size forged, and signed by nobody',
      withProof({ checkpoint: proof.checkpoint.replace('\n11\n', '\n12\n') }),
      { 'checkpoint-signature': 'failed NOTE_SIGNATURE_INVALID', anchor: 'failed ANCHOR_NOT_OF_CHECKPOINT' },
    ],
    [
      'root forged, and signed by the log',
      withProof({ checkpoint: checkpointOf(zero) }),
      { inclusion: 'failed INCLUSION_MISMATCH', anchor: 'failed ANCHOR_NOT_OF_CHECKPOINT' },
    ],
    [
      'another origin',
      withProof({
        checkpoint: checkpointOf(anchor.root, 11n, 'other.example/log', noteSigner('other.example/log', zero)),
      }),
      { 'checkpoint-signature': 'failed NOTE_UNTRUSTED', anchor: 'failed ANCHOR_NOT_OF_CHECKPOINT' },
    ],
    [
      'signed by a wrong key of the right name',
      withProof({ checkpoint: checkpointOf(anchor.root, 11n, ORIGIN, noteSigner(ORIGIN, zero)) }),
      { 'checkpoint-signature': 'failed NOTE_UNTRUSTED' },
    ],
    [
      'entry changed',
      { ...bundle, entry: { ...entry, time: '2026-11-23T10:00:00.001Z' } },
      { inclusion: 'failed INCLUSION_MISMATCH' },
    ],
    [
      'commitment in the entry changed',
      { ...bundle, entry: { ...entry, commitment: zero } },
      {
        commitment: 'failed COMMITMENT_MISMATCH',
        inclusion: 'failed INCLUSION_MISMATCH',
        'submitter-signature': 'failed JWS_SIGNATURE_INVALID',
      },
    ],
    [
      'source in the entry changed',
      { ...bundle, entry: { ...entry, source: entry.source.replace('0', '1') } },
      { inclusion: 'failed INCLUSION_MISMATCH', 'submitter-signature': 'failed JWS_SIGNATURE_INVALID' },
    ],
    [
      'component commitment forged',
      withComponent('raw', { commitment: zero }),
      { commitment: 'failed COMMITMENT_MISMATCH' },
    ],
    [
      'component left out',
      withOpening({ components: opening.components.filter(({ name }) => name !== 'narrative') }),
      { commitment: 'failed COMMITMENT_MISMATCH' },
    ],
    [
      'required component left out',
      withOpening({ components: opening.components.slice(1) }),
      { commitment: 'failed COMPONENTS_MALFORMED', identity: 'skipped NOT_OPENED' },
    ],
    [
      'component added',
      withOpening({
        components: [
          ...opening.components.slice(0, 5),
          { name: 'labels', commitment: zero },
          ...opening.components.slice(5),
        ],
      }),
      { commitment: 'failed COMMITMENT_MISMATCH' },
    ],
    [
      'components in another order',
      withOpening({ components: opening.components.toReversed() }),
      { commitment: 'failed COMPONENTS_MALFORMED' },
    ],
    ['scheme of the opening forged', withOpening({ scheme: 'json/1' }), { commitment: 'failed COMMITMENT_MISMATCH' }],
    [
      'salt of the identity forged',
      withComponent('identity', { salt: zero }),
      { identity: 'failed COMMITMENT_MISMATCH' },
    ],
    [
      'identity forged',
      withOpening({ identity: { ...identity, versionId: '2' } }),
      { identity: 'failed COMMITMENT_MISMATCH' },
    ],
    [
      'all salts of the content forged',
      withOpening({
        components: opening.components.map((c) =>
          c.name === 'identity' || c.name === 'fields' ? c : { ...c, salt: zero },
        ),
      }),
      { content: 'failed CONTENT_ALTERED' },
    ],
    [
      'key of the submitter exchanged',
      { ...bundle, submitterKey: signDetachedJws(utf8('x'), zero).jwk },
      { 'submitter-signature': 'failed SUBMITTER_KEY_MISMATCH' },
    ],
    ['key of the submitter left out', anonymousSubmitter, { 'submitter-signature': 'skipped NOT_GIVEN' }],
    ['anchor of another log', withAnchor({ logId: zero }), { anchor: 'failed ANCHOR_NOT_OF_CHECKPOINT' }],
    ['anchor of another size', withAnchor({ size: 10n }), { anchor: 'failed ANCHOR_NOT_OF_CHECKPOINT' }],
    ['anchor of another root', withAnchor({ root: zero }), { anchor: 'failed ANCHOR_NOT_OF_CHECKPOINT' }],
    [
      'anchor in another contract',
      withAnchor({ contract: `0x${'c1'.repeat(20)}` }),
      { anchor: 'failed ANCHOR_CONTRACT' },
    ],
    ['anchor on another chain', withAnchor({ chainId: 1n }), { anchor: 'failed ANCHOR_CHAIN' }],
    ['anchor in another block', withAnchor({ block: 99n }), { anchor: 'failed ANCHOR_BLOCK' }],
    ['anchor left out', { ...bundle, anchor: null }, { anchor: 'skipped NOT_ANCHORED' }],
    ['disclosed path forged', withField({ path: '/code/text' }), { fields: 'failed FIELD_NOT_IN_TREE' }],
    ['disclosed value forged', withField({ value: '"cancelled"' }), { fields: 'failed FIELD_NOT_IN_TREE' }],
    ['disclosed salt forged', withField({ salt: zero }), { fields: 'failed FIELD_NOT_IN_TREE' }],
    ['disclosed index forged', withField({ index: 0n }), { fields: 'failed FIELD_NOT_IN_TREE' }],
    ['disclosed proof forged', withField({ proof: [zero] }), { fields: 'failed FIELD_NOT_IN_TREE' }],
    ['count of fields forged', withDisclosed({ count: disclosed.count - 1n }), { fields: 'failed FIELDS_MISMATCH' }],
    ['root of fields forged', withDisclosed({ root: flipped(disclosed.root) }), { fields: 'failed FIELDS_MISMATCH' }],
    ['salt of fields forged', withComponent('fields', { salt: zero }), { fields: 'failed FIELDS_MISMATCH' }],
    [
      'salt of fields left out',
      withOpening({
        components: opening.components.map(({ name, commitment, salt }) =>
          name === 'fields' || salt === undefined ? { name, commitment } : { name, commitment, salt },
        ),
      }),
      { fields: 'skipped NOT_OPENED' },
    ],
    [
      'fields component left out',
      withOpening({ components: opening.components.slice(0, -1) }),
      { commitment: 'failed COMMITMENT_MISMATCH', fields: 'failed FIELDS_NOT_COMMITTED' },
    ],
  ];

  test.each(rows)('%s', async (_, mutated, wanted) => {
    const report = await verify(mutated);
    const unexpected = Object.entries(results(report)).filter(([name, result]) => {
      const elsewhere = name === 'version-chain' || name === 'latest' || name === 'submitter-key';
      return (wanted[name as CheckName] ?? (elsewhere ? result : 'passed')) !== result;
    });
    expect(unexpected).toEqual([]);
    const required = Object.entries(wanted).some(
      ([name, result]) => result.startsWith('skipped') && name !== 'submitter-signature',
    );
    const failed = Object.values(wanted).some((result) => result.startsWith('failed'));
    expect(report.outcome).toBe(failed ? 'altered' : required ? 'unproven' : 'intact');
  });

  test('content changed, in a value, in its writing, or beyond reading', async () => {
    const text = new TextDecoder().decode(content);
    for (const [given, code] of [
      [text.replace('glucose', 'Glucose'), 'CONTENT_ALTERED'],
      [text.replace('6.30', '6.31'), 'CONTENT_ALTERED'],
      [text.slice(0, -1), 'JSON_MALFORMED'],
      [text.replace('"status":"final"', '"status":"x","status":"final"'), 'JSON_DUPLICATE_KEY'],
      ['[]', 'FHIR_MALFORMED'],
    ] as const) {
      const report = await verify(bundle, { content: utf8(given) });
      expect([checkOf(report, 'content'), report.verdict, report.outcome]).toEqual([
        `failed ${code}`,
        'altered',
        'altered',
      ]);
    }
  });

  test('a valid bundle of another version is no answer', async () => {
    const report = await verify(bundle, { identity: { versionId: '2' } });
    expect([checkOf(report, 'identity'), report.outcome]).toEqual(['failed IDENTITY_MISMATCH', 'altered']);
    const { identity: _, ...anonymous } = opening;
    const silent = await verify({ ...bundle, opening: anonymous });
    expect([checkOf(silent, 'identity'), silent.outcome]).toEqual(['skipped NOT_OPENED', 'unproven']);
    expect((await verifyBundle({ ...bundle, opening: anonymous }, { trust, chain: honest })).outcome).toBe('intact');
  });

  test('a submitter that the verifier does not know', async () => {
    const stranger = signDetachedJws(utf8('x'), zero).jwk;
    expect(
      checkOf(await verify(bundle, { trust: { ...trust, submitterKeys: [stranger] } }), 'submitter-signature'),
    ).toBe('failed SUBMITTER_KEY_UNTRUSTED');
    expect(
      checkOf(
        await verify(bundle, { trust: { ...trust, submitterKeys: [stranger, submitterKey] } }),
        'submitter-signature',
      ),
    ).toBe('passed');
  });
});
