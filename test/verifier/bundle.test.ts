// One valid bundle, then one mutation at a time: each must be caught by the check, and with the code, that belongs to it.

import { describe, expect, test } from '@jest/globals';
import {
  commitRecord,
  componentSalt,
  digestRecord,
  formatBundle,
  formatTlogProof,
  leafHash,
  formatEntry,
  noteSigner,
  outcomeOf,
  parseBundle,
  parseTlogProof,
  sha256,
  signDetachedJws,
  toHex,
  utf8,
  verifyBundle,
  versionSalt,
  withChecks,
  withErasure,
  type Bundle,
  type BundleAnchor,
  type BundleComponent,
  type CheckName,
  type ComponentName,
  type Disclosure,
  type Opening,
  type VerificationReport,
  type VerifyOptions,
} from '@medanchor/verifier';
import {
  bundle,
  bundleOf,
  checkpointOf,
  CONTRACT,
  content,
  entry,
  honestAnswers,
  identity,
  nodeWith,
  ORIGIN,
  submitterKey,
  trust,
  type Answers,
} from './bundle-fixture.ts';
import { codeOf, errorOf, flipped } from './support.ts';

const honest = nodeWith(honestAnswers());
const all: VerifyOptions = { trust, content, identity, chain: honest };
const opening = bundle.opening as Opening;
const anchor = bundle.anchor as BundleAnchor;
const disclosed = bundle.disclosed as Disclosure;

const verify = (given: Bundle = bundle, options: Partial<VerifyOptions> = {}): Promise<VerificationReport> =>
  verifyBundle(given, { ...all, ...options });

function checkOf(report: VerificationReport, name: CheckName): string {
  const check = report.checks.find((candidate) => candidate.name === name);
  return check?.code === undefined ? `${check?.result}` : `${check.result} ${check.code}`;
}

const results = (report: VerificationReport): Record<string, string> =>
  Object.fromEntries(report.checks.map(({ name }) => [name, checkOf(report, name)]));

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

/** The bundle with its checkpoint, and so its anchor, exchanged. */
const withProof = (change: Partial<ReturnType<typeof parseTlogProof>>): Bundle => ({
  ...bundle,
  proof: formatTlogProof({ ...parseTlogProof(bundle.proof), ...change }),
});
const proof = parseTlogProof(bundle.proof);
const withOpening = (change: Partial<Opening>): Bundle => ({ ...bundle, opening: { ...opening, ...change } });
const withComponent = (name: ComponentName, change: Partial<BundleComponent>): Bundle =>
  withOpening({ components: opening.components.map((c) => (c.name === name ? { ...c, ...change } : c)) });
const withAnchor = (change: Partial<BundleAnchor>): Bundle => ({ ...bundle, anchor: { ...anchor, ...change } });
const withDisclosed = (change: Partial<Disclosure>): Bundle => ({ ...bundle, disclosed: { ...disclosed, ...change } });
const withField = (change: Partial<Disclosure['fields'][number]>): Bundle =>
  withDisclosed({
    fields: disclosed.fields.with(0, { ...(disclosed.fields[0] as Disclosure['fields'][number]), ...change }),
  });
const zero = new Uint8Array(32);
const { submitterKey: _, ...anonymousSubmitter } = bundle;

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

describe('what the chain says', () => {
  const answers = honestAnswers();
  const receipt = answers['eth_getTransactionReceipt'] as { logs: [Answers, Answers] };
  const [other, event] = receipt.logs;
  const withReceipt = (change: Answers): Answers => ({ eth_getTransactionReceipt: { ...receipt, ...change } });
  const withLog = (change: Answers): Answers => withReceipt({ logs: [other, { ...event, ...change }] });
  const topics = event['topics'] as string[];
  const call = answers['eth_call'] as string;
  const head = (size: bigint, root = '99'.repeat(32)): Answers => ({
    eth_call: `0x${root}${size.toString(16).padStart(64, '0')}${call.slice(130)}`,
  });

  test.each<[string, Answers, string]>([
    ['another chain', { eth_chainId: '0x1' }, 'failed ANCHOR_CHAIN'],
    [
      'no such transaction (dropped by a re-org)',
      { eth_getTransactionReceipt: null },
      'failed ANCHOR_TRANSACTION_UNKNOWN',
    ],
    ['transaction reverted', withReceipt({ status: '0x0' }), 'failed ANCHOR_TRANSACTION_FAILED'],
    ['another block', withReceipt({ blockNumber: '0x65' }), 'failed ANCHOR_BLOCK'],
    ['no events', withReceipt({ logs: [] }), 'failed ANCHOR_EVENT_MISSING'],
    ['event of another contract', withLog({ address: `0x${'c1'.repeat(20)}` }), 'failed ANCHOR_EVENT_MISSING'],
    [
      'event of another kind',
      withLog({ topics: topics.with(0, `0x${'00'.repeat(32)}`) }),
      'failed ANCHOR_EVENT_MISSING',
    ],
    [
      'event of another log',
      withLog({ topics: topics.with(1, `0x${'00'.repeat(32)}`) }),
      'failed ANCHOR_EVENT_MISSING',
    ],
    [
      'event of another size',
      withLog({ topics: topics.with(2, `0x${'0'.repeat(63)}c`) }),
      'failed ANCHOR_EVENT_MISSING',
    ],
    ['event with a topic more', withLog({ topics: [...topics, topics[0]] }), 'failed ANCHOR_EVENT_MISSING'],
    ['event of another root', withLog({ data: `0x${'00'.repeat(32)}` }), 'failed ANCHOR_EVENT_MISSING'],
    ['event with more data', withLog({ data: `${String(event['data'])}00` }), 'failed ANCHOR_EVENT_MISSING'],
    ['no contract at the address', { eth_call: '0x' }, 'failed ANCHOR_HEAD'],
    ['a head before the anchor', head(10n), 'failed ANCHOR_HEAD'],
    ['a head of the same size and another root', head(11n), 'failed ANCHOR_HEAD'],
    ['a head that is the anchor', head(11n, toHex(anchor.root)), 'passed'],
    [
      'receipt of another transaction',
      withReceipt({ transactionHash: `0x${'00'.repeat(32)}` }),
      'skipped CHAIN_ANSWER_MALFORMED',
    ],
    ['a newest block before the anchor', { eth_blockNumber: '0x63' }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['chain id as a number', { eth_chainId: 31337 }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['chain id with a leading zero', { eth_chainId: '0x07a69' }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['chain id without 0x', { eth_chainId: '7a69' }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['block number of 80 bits', { eth_blockNumber: `0x${'f'.repeat(20)}` }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['nothing at all', { eth_chainId: undefined }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['receipt that is a text', { eth_getTransactionReceipt: 'x' }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['receipt without status', withReceipt({ status: undefined }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['logs that are no array', withReceipt({ logs: {} }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['a log that is null', withReceipt({ logs: [null] }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['topics that are no array', withLog({ topics: 'x' }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['five topics', withLog({ topics: [...topics, ...topics] }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['a topic of 31 octets', withLog({ topics: ['0x00'] }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['an address of 21 octets', withLog({ address: `${CONTRACT}00` }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['data of half an octet', withLog({ data: '0x0' }), 'skipped CHAIN_ANSWER_MALFORMED'],
    ['a head of three words', { eth_call: call.slice(0, -64) }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['a head with a size above 64 bits', { eth_call: `0x${'ff'.repeat(128)}` }, 'skipped CHAIN_ANSWER_MALFORMED'],
    ['an unreachable node', { eth_chainId: new Error('connection refused') }, 'skipped CHAIN_UNREACHABLE'],
    ['a node that fails half-way', { eth_call: new Error('timeout') }, 'skipped CHAIN_UNREACHABLE'],
  ])('%s', async (_, change, wanted) => {
    const report = await verify(bundle, { chain: nodeWith({ ...answers, ...change }) });
    expect(checkOf(report, 'anchor')).toBe(wanted);
    expect(report.outcome).toBe(wanted === 'passed' ? 'intact' : wanted.startsWith('failed') ? 'altered' : 'unproven');
    expect(report.subject.confirmations).toBe(wanted === 'passed' ? 3n : undefined);
  });

  test('a provider may throw anything', async () => {
    const report = await verify(bundle, { chain: { request: () => Promise.reject('no') } });
    expect(report.checks.find(({ name }) => name === 'anchor')).toMatchObject({
      result: 'skipped',
      code: 'CHAIN_UNREACHABLE',
      reason: 'The chain could not be asked (eth_chainId): no',
    });
  });

  test('without a chain the contradictions inside the bundle are still found', async () => {
    const { chain: _, ...offline } = all;
    expect(checkOf(await verifyBundle(bundle, offline), 'anchor')).toBe('skipped CHAIN_NOT_GIVEN');
    expect(checkOf(await verifyBundle(withAnchor({ size: 10n }), offline), 'anchor')).toBe(
      'failed ANCHOR_NOT_OF_CHECKPOINT',
    );
    expect(checkOf(await verifyBundle(bundle, { ...offline, trust: { ...trust, chainId: 1n } }), 'anchor')).toBe(
      'failed ANCHOR_CHAIN',
    );
  });

  test('a contract address may be written with a checksum', async () => {
    const shouting = `0x${'C0'.repeat(20)}`;
    expect((await verify(bundle, { trust: { ...trust, contract: shouting } })).outcome).toBe('intact');
  });
});

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

describe('what is no bundle', () => {
  const plain = JSON.parse(formatBundle(bundle)) as Record<string, never>;
  const edit = (change: (copy: Record<string, Record<string, unknown>>) => void): string => {
    const copy = structuredClone(plain) as Record<string, Record<string, unknown>>;
    change(copy);
    return JSON.stringify(copy);
  };

  test.each<[string, string, string]>([
    ['another format', edit((b) => Object.assign(b, { format: 'medanchor-bundle/2' })), '/format'],
    ['an unknown member', edit((b) => Object.assign(b, { extra: 'x' })), '/extra: unknown member'],
    ['a missing member', edit((b) => delete b['anchor']), '/anchor: missing'],
    ['no opening for a version', edit((b) => Object.assign(b, { opening: null })), '/opening'],
    ['a proof that is none', edit((b) => Object.assign(b, { proof: 'x' })), '/proof'],
    ['a proof that is no text', edit((b) => Object.assign(b, { proof: [] })), '/proof'],
    ['a size with a sign', edit((b) => Object.assign(b['anchor'] ?? {}, { size: '+11' })), '/anchor/size'],
    [
      'a block as a number',
      edit((b) => Object.assign(b['anchor'] ?? {}, { block: 100 })),
      '/anchor/block: got a number',
    ],
    [
      'a transaction without 0x',
      edit((b) => Object.assign(b['anchor'] ?? {}, { transaction: '00'.repeat(32) })),
      '/anchor/transaction',
    ],
    [
      'a contract with a checksum',
      edit((b) => Object.assign(b['anchor'] ?? {}, { contract: CONTRACT.toUpperCase() })),
      '/anchor/contract',
    ],
    [
      'an unknown component',
      edit((b) => Object.assign((b['opening']?.['components'] as object[])[1] ?? {}, { name: 'body' })),
      '/opening/components/1/name',
    ],
    [
      'components that are no array',
      edit((b) => Object.assign(b['opening'] ?? {}, { components: {} })),
      '/opening/components',
    ],
    [
      'a media type with a parameter',
      edit((b) => Object.assign(b['opening'] ?? {}, { mediaType: 'text/plain; a=b' })),
      '/opening/mediaType',
    ],
    [
      'a media type that is none',
      edit((b) => Object.assign(b['opening'] ?? {}, { mediaType: 'x' })),
      '/opening/mediaType',
    ],
    ['no media type', edit((b) => Object.assign(b['opening'] ?? {}, { mediaType: '' })), '/opening/mediaType'],
    [
      'an identity with a control character',
      edit((b) => Object.assign((b['opening']?.['identity'] as object) ?? {}, { recordId: '\u0001' })),
      '/opening/identity/recordId',
    ],
    [
      'a private key',
      edit((b) => Object.assign(b['submitterKey'] ?? {}, { d: 'x' })),
      '/submitterKey/d: unknown member',
    ],
    [
      'a field value that is no leaf',
      edit((b) => Object.assign((b['disclosed']?.['fields'] as object[])[0] ?? {}, { value: '[1]' })),
      '/disclosed/fields/0/value',
    ],
    [
      'a field value that is not canonical',
      edit((b) => Object.assign((b['disclosed']?.['fields'] as object[])[0] ?? {}, { value: ' 1' })),
      '/disclosed/fields/0/value',
    ],
    [
      'a field value that is an object',
      edit((b) => Object.assign((b['disclosed']?.['fields'] as object[])[0] ?? {}, { value: '{"a":1}' })),
      '/disclosed/fields/0/value',
    ],
    [
      'a field value that is no JSON',
      edit((b) => Object.assign((b['disclosed']?.['fields'] as object[])[0] ?? {}, { value: 'x' })),
      '/disclosed/fields/0/value',
    ],
    [
      'a path that is no pointer',
      edit((b) => Object.assign((b['disclosed']?.['fields'] as object[])[0] ?? {}, { path: 'a~2' })),
      '/disclosed/fields/0/path',
    ],
    [
      'a field twice',
      edit((b) => (b['disclosed']?.['fields'] as object[]).push((b['disclosed']?.['fields'] as object[])[0] ?? {})),
      '/disclosed/fields: not in rising order',
    ],
    ['an entry of an unknown kind', edit((b) => Object.assign(b['entry'] ?? {}, { kind: 'x' })), '/entry/kind'],
    ['an entry with a contradiction', edit((b) => Object.assign(b['entry'] ?? {}, { seq: '2' })), '/entry/previous'],
    ['an array', '[]', '/: got an array of 0'],
  ])('%s', (_, text, at) => {
    const error = errorOf(() => parseBundle(text));
    expect(error.code).toBe('BUNDLE_MALFORMED');
    expect(error.message.slice(0, at.length)).toBe(at);
  });

  test('all faulty members are named in one error', () => {
    const text = edit((b) => {
      Object.assign(b['anchor'] ?? {}, { size: 11, root: 'x' });
      Object.assign(b['entry'] ?? {}, { seq: '0' });
      delete b['proof'];
    });
    const paths = errorOf(() => parseBundle(text))
      .message.split('; ')
      .map((fault) => fault.split(':')[0]);
    expect(paths).toEqual(['/entry/seq', '/proof', '/anchor/size', '/anchor/root']);
  });

  test('too large, not JSON, duplicate names', () => {
    expect(codeOf(() => parseBundle(new Uint8Array(1024 * 1024 + 1)))).toBe('BUNDLE_TOO_LARGE');
    expect(codeOf(() => parseBundle('{'))).toBe('JSON_MALFORMED');
    expect(codeOf(() => parseBundle('{"format":"a","format":"b"}'))).toBe('JSON_DUPLICATE_KEY');
  });

  test('what could not be read is not written', () => {
    expect(codeOf(() => formatBundle({ ...bundle, opening: null }))).toBe('BUNDLE_MALFORMED');
    expect(codeOf(() => formatBundle(withAnchor({ root: sha256(utf8('')).subarray(1) })))).toBe('BUNDLE_MALFORMED');
  });
});

describe('a mistake of the verifier himself throws at once', () => {
  test.each<[string, VerifyOptions['trust']]>([
    ['a contract that is no address', { contract: '0x00' }],
    ['no confirmations', { confirmations: 0 }],
    ['half a confirmation', { confirmations: 1.5 }],
    ['a log key that is none', { logKeys: ['key'] }],
  ])('%s', async (_, wrong) => {
    await expect(verifyBundle(bundle, { trust: wrong })).rejects.toMatchObject({ code: 'TRUST_MALFORMED' });
  });
});
