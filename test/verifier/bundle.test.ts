// The valid bundle: every check that can be made passes, and what is not given is skipped and said.

import { describe, expect, test } from '@jest/globals';
import {
  formatBundle,
  leafHash,
  formatEntry,
  outcomeOf,
  parseBundle,
  toHex,
  utf8,
  verifyBundle,
  withChecks,
  withErasure,
} from '@medanchor/verifier';
import { honest, verify, checkOf, results } from './bundle-checks.ts';
import { bundle, CONTRACT, content, entry, identity, ORIGIN, trust } from './bundle-fixture.ts';

describe('the valid bundle', () => {
  test('every check that can be made passes', async () => {
    const report = await verify();
    expect(results(report)).toEqual({
      commitment: 'passed',
      identity: 'passed',
      content: 'passed',
      fields: 'passed',
      inclusion: 'passed',
      'checkpoint-signature': 'passed',
      'submitter-signature': 'passed',
      'submitter-key': 'skipped NOT_GIVEN',
      anchor: 'passed',
      'version-chain': 'skipped NEEDS_LEDGER',
      latest: 'skipped NEEDS_LEDGER',
    });
    expect(report).toMatchObject({ verdict: 'identical', flags: [], status: 'confirmed', outcome: 'intact' });
    expect(report.subject).toMatchObject({
      kind: 'record-version',
      index: 4n,
      size: 11n,
      origin: ORIGIN,
      identity,
      confirmations: 3n,
    });
    expect(toHex(report.subject.leafHash)).toBe(toHex(leafHash(formatEntry(entry))));
    expect(report.reason).toMatch(/^Intact: /);
  });

  test('parse and format are inverse, whatever the layout', () => {
    const text = formatBundle(bundle);
    expect(formatBundle(parseBundle(text))).toBe(text);
    expect(formatBundle(parseBundle(utf8(JSON.stringify(JSON.parse(text), null, 2))))).toBe(text);
    expect(
      formatBundle(
        parseBundle(JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object).toReversed()))),
      ),
    ).toBe(text);
  });

  test('what comes back from the text still verifies', async () => {
    expect((await verify(parseBundle(formatBundle(bundle)))).outcome).toBe('intact');
  });

  test('without content, keys and chain: nothing failed, nothing proven', async () => {
    const report = await verifyBundle(bundle, { trust: {} });
    expect(results(report)).toMatchObject({
      content: 'skipped NOT_GIVEN',
      inclusion: 'passed',
      'checkpoint-signature': 'skipped NOT_TRUSTED',
      'submitter-signature': 'passed',
      anchor: 'skipped NOT_TRUSTED',
    });
    expect(report).toMatchObject({ verdict: null, status: 'unknown', outcome: 'unproven' });
    expect(report.reason).toBe('Unproven: nothing speaks against it, but anchor could not be checked.');
  });

  test('status is what was seen: signed, anchored, confirmed', async () => {
    expect((await verifyBundle(bundle, { trust: { logKeys: trust.logKeys ?? [] } })).status).toBe('checkpointed');
    expect((await verify(bundle, { trust: { ...trust, confirmations: 4 } })).status).toBe('anchored');
    expect(await verifyBundle(bundle, { trust: { contract: CONTRACT }, chain: honest })).toMatchObject({
      status: 'anchored',
      outcome: 'intact',
    });
  });

  test('a copy with other layout, and a copy with less precision', async () => {
    const text = new TextDecoder().decode(content);
    expect(await verify(bundle, { content: utf8(text.replaceAll(',', ', ')) })).toMatchObject({
      verdict: 'equal-exact',
      outcome: 'intact',
    });
    expect(await verify(bundle, { content, mediaType: 'application/json' })).toMatchObject({
      verdict: 'equal-exact',
      outcome: 'intact',
    });
    expect(await verify(bundle, { content: utf8(text.replace('6.30', '6.3')) })).toMatchObject({
      verdict: 'equal',
      flags: ['precision-differs'],
      outcome: 'intact',
    });
    expect(await verify(bundle, { content: utf8(text.replace('narrative', 'other')) })).toMatchObject({
      flags: ['narrative-changed'],
    });
  });

  test('the ledger can answer what a bundle cannot', async () => {
    const better = withChecks(
      await verify(),
      [{ name: 'latest', required: false, result: 'failed', reason: 'version 2 is newer', code: 'SUPERSEDED' }],
      ['superseded'],
    );
    expect(better).toMatchObject({ outcome: 'altered', flags: ['superseded'] });
    expect(checkOf(better, 'latest')).toBe('failed SUPERSEDED');
    expect(outcomeOf([], 'unknown-version')).toBe('unproven');
  });

  describe('a ledger that knows that the record was erased since', () => {
    const erasure = { index: 9n, time: '2026-11-24T10:00:00.000Z', basis: 'gdpr-17-1-b' };

    test('leaves what the content says, and flags it', async () => {
      const report = withErasure(await verify(), erasure);
      expect(report).toMatchObject({ verdict: 'identical', flags: ['erased'], outcome: 'intact' });
      expect(checkOf(report, 'latest')).toBe('skipped ERASED');
      expect(report.checks.find(({ name }) => name === 'latest')?.reason).toBe(
        'The record of this version was erased at 2026-11-24T10:00:00.000Z (entry 9, gdpr-17-1-b).',
      );
    });

    test('says erased where nothing was compared', async () => {
      const report = withErasure(await verifyBundle(bundle, { trust, identity, chain: honest }), erasure);
      expect(report).toMatchObject({ verdict: 'erased', flags: ['erased'], outcome: 'unproven' });
    });

    test('does not make altered content any better', async () => {
      const report = withErasure(await verify(bundle, { content: utf8('{"resourceType":"Patient"}') }), erasure);
      expect(report).toMatchObject({ verdict: 'altered', flags: ['narrative-changed', 'erased'], outcome: 'altered' });
    });
  });
});
