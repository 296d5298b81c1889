// Bundles of entries that are no version of a record.

import { describe, expect, test } from '@jest/globals';
import {
  commitRecord,
  componentSalt,
  digestRecord,
  formatBundle,
  parseBundle,
  verifyBundle,
  versionSalt,
  type Bundle,
  type VerifyOptions,
} from '@medanchor/verifier';
import { honest, opening, verify, checkOf, results, withOpening, zero } from './bundle-checks.ts';
import { bundleOf, content, entry, honestAnswers, identity, nodeWith, trust } from './bundle-fixture.ts';

describe('other entries', () => {
  const time = entry.time;
  const id = entry.source;
  const chainFor = (of: Bundle): VerifyOptions => ({ trust, chain: nodeWith(honestAnswers(of)) });

  test('an ISMS revision needs no opening', async () => {
    const given = bundleOf(
      { kind: 'isms', time, object: 'risk', id, revision: 1n, previous: null, commitment: zero },
      null,
    );
    const report = await verifyBundle(parseBundle(formatBundle(given)), chainFor(given));
    expect(results(report)).toMatchObject({
      commitment: 'skipped NOT_APPLICABLE',
      identity: 'skipped NOT_APPLICABLE',
      content: 'skipped NOT_GIVEN',
      fields: 'skipped NOT_GIVEN',
      inclusion: 'passed',
      'submitter-signature': 'skipped NOT_SIGNED',
      anchor: 'passed',
    });
    expect(report).toMatchObject({ outcome: 'intact', status: 'confirmed' });
    const withContent = await verifyBundle(given, { ...chainFor(given), content });
    expect([checkOf(withContent, 'content'), withContent.outcome]).toEqual(['skipped NOT_APPLICABLE', 'unproven']);
  });

  test('an erasure says so', async () => {
    const given = bundleOf(
      { kind: 'record-erasure', time, source: id, recordRef: zero, seq: 2n, previous: zero, basis: 'GDPR' },
      null,
    );
    const report = await verifyBundle(given, { ...chainFor(given), content });
    expect(report).toMatchObject({ verdict: 'erased', outcome: 'unproven' });
    expect(checkOf(report, 'content')).toBe('skipped NO_CONTENT_COMMITTED');
  });

  test('a delete says so', async () => {
    const key = new Uint8Array(32).fill(1);
    const digest = digestRecord(null, '', identity);
    const { commitment, components } = commitRecord(digest, key, '1');
    const { submitter: _, ...unsigned } = entry;
    const given = bundleOf(
      { ...unsigned, activity: 'delete', scheme: 'identity/1', commitment },
      {
        scheme: 'identity/1',
        mediaType: '',
        identity,
        components: components.map((c) => ({ ...c, salt: componentSalt(versionSalt(key, '1'), c.name) })),
      },
    );
    const silent = await verifyBundle(parseBundle(formatBundle(given)), { ...chainFor(given), identity });
    expect(silent).toMatchObject({ verdict: null, outcome: 'intact' });
    const report = await verifyBundle(given, { ...chainFor(given), content });
    expect(report).toMatchObject({ verdict: 'deleted', outcome: 'unproven' });
  });

  test('a bundle made for disclosure opens identity and fields only', async () => {
    const given: Bundle = withOpening({
      components: opening.components.map(({ name, commitment, salt }) =>
        (name === 'identity' || name === 'fields') && salt !== undefined
          ? { name, commitment, salt }
          : { name, commitment },
      ),
    });
    expect(await verifyBundle(given, { trust, chain: honest, identity })).toMatchObject({
      verdict: null,
      outcome: 'intact',
    });
    const report = await verify(given);
    expect([checkOf(report, 'content'), report.verdict, report.outcome]).toEqual([
      'skipped NOT_OPENED',
      null,
      'unproven',
    ]);
  });
});
