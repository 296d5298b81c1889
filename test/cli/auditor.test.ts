// The auditor's command against a real chain: what it says and how it ends.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fromUtf8, utf8 } from '@medanchor/verifier';
import { startTestChain, type TestChain } from '../support/chain.ts';
import { CONTENT, Files, makeBundle, verify, type Anchored } from './support.ts';

let chain: TestChain;
let made: Anchored;
let bundle: string;
let content: string;
const files = new Files();

beforeAll(async () => {
  chain = await startTestChain();
  made = await makeBundle(chain);
  bundle = files.bundle('bundle.json', made.bundle);
  content = files.write('potassium.json', CONTENT);
}, 60_000);

afterAll(async () => {
  await chain.stop();
  files.remove();
});

const trusting = (): string[] => ['--rpc', chain.url, '--contract', chain.contract];
const must = <T>(value: T | null): T => {
  if (value === null) throw new Error('got null');
  return value;
};
const edited = (name: string, from: string, to: string): string =>
  files.write(name, new TextDecoder().decode(CONTENT).replace(from, to));

describe('ends with 0, intact', () => {
  test('for the very content', async () => {
    const { code, out } = await verify(bundle, content, ...trusting(), '--log-key', made.logKey);
    expect(code).toBe(0);
    expect(out).toContain('✓ anchor');
    expect(out).toContain('✓ checkpoint-signature');
    expect(out).toContain('version 1 of Observation/potassium from lab (entry 1 of test.medanchor.local/log/1)');
    expect(out).toMatch(/Anchored: size 3 in block \d+ of chain 31337, \d{4}-\d\d-\d\dT/);
    expect(out).toContain('Result:   Intact');
  });

  test('for a copy written differently, with a flag when a zero was lost', async () => {
    const spaced = edited('spaced.json', '{"resourceType"', '{ "resourceType"');
    expect((await verify(bundle, spaced, ...trusting())).code).toBe(0);
    const lost = await verify(bundle, edited('lost.json', '4.10', '4.1'), ...trusting());
    expect(lost.code).toBe(0);
    expect(lost.out).toContain('Flag:     precision-differs: a number is written with other digits');
  });

  test('for the proof alone, and says that no content was compared', async () => {
    const { code, out } = await verify(bundle, ...trusting());
    expect(code).toBe(0);
    expect(out).toContain('No content was given; only the proof was checked.');
  });

  test('offline with a trusted key, and says that the chain was not asked', async () => {
    const { code, out } = await verify(
      bundle,
      content,
      '--offline',
      '--log-key',
      `@${files.write('log.key', `${made.logKey}\n`)}`,
    );
    expect(code).toBe(0);
    expect(out).toContain('– anchor');
    expect(out).toContain('The chain was not asked (--offline)');
  });

  test('as JSON with the members of POST /v1/proofs/verify', async () => {
    const { code, out } = await verify(bundle, content, ...trusting(), '--json');
    const report = JSON.parse(out) as Record<string, unknown>;
    expect(code).toBe(0);
    expect(report).toMatchObject({
      verdict: 'identical',
      flags: [],
      outcome: 'intact',
      status: 'confirmed',
      exitCode: 0,
    });
    expect(report['subject']).toMatchObject({
      index: '1',
      size: '3',
      identity: { source: 'lab', recordId: 'Observation/potassium', versionId: '1' },
    });
    expect(report['anchor']).toEqual({
      chainId: '31337',
      contract: chain.contract,
      transaction: made.bundle.anchor?.transaction,
      block: made.bundle.anchor?.block.toString(),
      blockTime: expect.stringMatching(/^2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
    });
    expect(Object.keys(report)).toEqual([
      'verdict',
      'flags',
      'status',
      'outcome',
      'reason',
      'checks',
      'subject',
      'anchor',
      'offline',
      'contentGiven',
      'cautions',
      'exitCode',
    ]);
  });

  test('when everything that can be asked for is asked for, and holds', async () => {
    const { bundle: asked } = made;
    const { code, out } = await verify(
      bundle,
      content,
      ...trusting(),
      '--chain-id',
      '31337',
      '--log-key',
      made.logKey,
      '--confirmations',
      '1',
      '--media-type',
      'application/fhir+json',
      '--source',
      'lab',
      '--record',
      'Observation/potassium',
      '--version-id',
      '1',
    );
    expect(code).toBe(0);
    expect(out).toContain('were asked for');
    expect(out).toContain(`in block ${asked.anchor?.block} of chain 31337`);
    expect(out).not.toContain('--chain-id');
    expect(out).not.toContain('No record was named');
  });

  test('for disclosed fields, which are shown, while nothing else of the record is', async () => {
    const some = await makeBundle(null, { disclose: ['/status'] });
    const { code, out } = await verify(files.bundle('some.json', some.bundle), '--offline', '--log-key', some.logKey);
    expect(code).toBe(0);
    expect(out).toContain('✓ fields');
    expect(out).toContain('Field:    /status = "final"');
    expect(out).not.toContain('4.10');
  });
});

describe('says what differs though the values are equal', () => {
  const NARRATED = utf8(
    '{"resourceType":"Observation","meta":{"security":[{"code":"R"}]},"text":{"div":"<div>4.10</div>"},"value":4.10}',
  );
  const flagsOf = async (presented: string): Promise<unknown> => {
    const narrated = await makeBundle(null, { content: NARRATED });
    const argv = [files.bundle('narrated.json', narrated.bundle), files.write('presented.json', presented)];
    const { code, out } = await verify(...argv, '--offline', '--log-key', narrated.logKey, '--json');
    const { verdict, flags } = JSON.parse(out) as { verdict: string; flags: string[] };
    return { code, verdict, flags };
  };

  test.each([
    ['a regenerated narrative', '<div>4.10</div>', '<p>4.10</p>', 'equal-exact', ['narrative-changed']],
    ['another label', '"R"', '"N"', 'equal-exact', ['labels-changed']],
    ['a lost zero', '"value":4.10', '"value":4.1', 'equal', ['precision-differs']],
    ['a lost narrative', '"text":{"div":"<div>4.10</div>"},', '', 'equal-exact', ['narrative-changed']],
  ])('%s', async (_name, from, to, verdict, flags) => {
    expect(await flagsOf(fromUtf8(NARRATED).replace(from, to))).toEqual({ code: 0, verdict, flags });
  });
});

describe('ends with 1, altered', () => {
  test('when one digit differs', async () => {
    const { code, out } = await verify(bundle, edited('digit.json', '4.10', '5.10'), ...trusting());
    expect(code).toBe(1);
    expect(out).toContain('✗ content');
    expect(out).toContain('[CONTENT_ALTERED]');
  });

  test.each([
    ['another contract', (): unknown => ({ ...made.bundle.anchor, contract: `0x${'11'.repeat(20)}` })],
    ['another block', (): unknown => ({ ...made.bundle.anchor, block: 1n })],
    ['a transaction that never was', (): unknown => ({ ...made.bundle.anchor, transaction: `0x${'22'.repeat(32)}` })],
    ['another chain', (): unknown => ({ ...made.bundle.anchor, chainId: 1n })],
  ])('when the anchor names %s', async (name, anchor) => {
    const forged = files.bundle(`${name}.json`, { ...made.bundle, anchor: anchor() as never });
    const { code, out } = await verify(forged, content, ...trusting());
    expect(code).toBe(1);
    expect(out).toContain('✗ anchor');
  });

  test('when the trusted address never emitted the event', async () => {
    const elsewhere = { ...made.bundle, anchor: { ...must(made.bundle.anchor), contract: `0x${'33'.repeat(20)}` } };
    const argv = [files.bundle('elsewhere.json', elsewhere), '--rpc', chain.url, '--contract', `0x${'33'.repeat(20)}`];
    const { code, out } = await verify(...argv);
    expect(code).toBe(1);
    expect(out).toContain('[ANCHOR_EVENT_MISSING]');
  });

  test('when the checkpoint is signed by another key than the trusted one', async () => {
    const other = await makeBundle(null);
    const { code, out } = await verify(bundle, content, ...trusting(), '--log-key', other.logKey);
    expect(code).toBe(1);
    expect(out).toContain('✗ checkpoint-signature');
  });

  test('when the bundle is about another version than asked for', async () => {
    const { code, out } = await verify(bundle, content, ...trusting(), '--record', 'Observation/sodium');
    expect(code).toBe(1);
    expect(out).toContain('✗ identity');
  });

  test('when the head was never anchored: the contract speaks, not the bundle', async () => {
    const forged = await makeBundle(null);
    const { code } = await verify(
      files.bundle('forged.json', {
        ...forged.bundle,
        anchor: { ...must(made.bundle.anchor), root: new Uint8Array(32).fill(7) },
      }),
      ...trusting(),
    );
    expect(code).toBe(1);
  });
});

describe('ends with 3, could not be checked', () => {
  test('when more confirmations are asked for than there are', async () => {
    const { code, out } = await verify(bundle, content, ...trusting(), '--confirmations', '5', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'unproven',
      status: 'anchored',
      verdict: 'identical',
      checks: expect.arrayContaining([expect.objectContaining({ name: 'anchor', code: 'TOO_FEW_CONFIRMATIONS' })]),
    });
  });

  test('when the bundle does not open what was asked about', async () => {
    const { opening } = made.bundle;
    if (opening === null) throw new Error('a record version has an opening');
    const components = opening.components.map(({ name, commitment }) => ({ name, commitment }));
    const closed = files.bundle('closed.json', { ...made.bundle, opening: { ...opening, components } });
    const asked = await verify(closed, ...trusting(), '--record', 'Observation/potassium');
    expect(asked.code).toBe(3);
    expect(asked.out).toContain('– identity');
    const compared = await verify(closed, content, ...trusting());
    expect(compared.code).toBe(3);
    expect(compared.out).toContain('[NOT_OPENED]');
    expect(compared.out).toContain('About:    a record version that the bundle does not show');
  });

  test('when the version is not anchored yet', async () => {
    const { code, out } = await verify(
      files.bundle('young.json', (await makeBundle(null)).bundle),
      content,
      ...trusting(),
    );
    expect(code).toBe(3);
    expect(out).toContain('[NOT_ANCHORED]');
  });

  test('when nothing listens at the endpoint', async () => {
    const { code, out } = await verify(bundle, content, '--rpc', 'http://127.0.0.1:1', '--contract', chain.contract);
    expect(code).toBe(3);
    expect(out).toContain('[CHAIN_UNREACHABLE]');
  });

  test('offline without a key: nothing ties the bundle to the log', async () => {
    expect((await verify(bundle, content, '--offline')).code).toBe(3);
  });
});
