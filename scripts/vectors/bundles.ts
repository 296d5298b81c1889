// Vectors for whole proof bundles: docs/spec/formats.md sections 6, 6.2, 8, 9 and 10. One good bundle, and one change at a time. The
// chain is a list of JSON-RPC answers, so that a vector needs no node.

import {
  formatBundle,
  formatTlogProof,
  formatVerifierKey,
  noteSigner,
  signDetachedJws,
  signNote,
  statementBytes,
  toHex,
  type Bundle,
} from '@medanchor/verifier';
import {
  bundle,
  chain,
  checkpointText,
  disclosed,
  log,
  ORIGIN,
  proof,
  receipt,
  root,
  signer,
  statement,
  word,
  type Chain,
} from './good-bundle.ts';
import { KEY_HISTORIES } from './key-history.ts';
import { IDENTITY, OBSERVATION } from './records.ts';
import { filled, type VectorCase, type VectorFile } from './vector-file.ts';

interface Presented {
  readonly bundle?: Bundle;
  readonly content?: string;
  readonly identity?: object;
  readonly chain?: Chain;
}

interface Expected {
  readonly verdict: string | null;
  readonly outcome: string;
  readonly status: string;
  readonly flags?: readonly string[];
  readonly failed?: readonly string[];
}

const GOOD: Expected = { verdict: 'identical', outcome: 'intact', status: 'confirmed' };

/** `report` of the case: what verifyBundle must say. */
function reported(name: string, presented: Presented, expected: Expected): VectorCase {
  return {
    name,
    expect: 'ok',
    bundle: JSON.parse(formatBundle(presented.bundle ?? bundle)) as unknown,
    ...('content' in presented ? { content: presented.content } : {}),
    ...('identity' in presented ? { identity: presented.identity } : {}),
    chain: presented.chain ?? chain,
    report: { flags: [], failed: [], ...expected },
  };
}

const content = OBSERVATION;
const withProof = (changes: Partial<typeof proof>): Bundle => ({
  ...bundle,
  proof: formatTlogProof({ ...proof, ...changes }),
});
const altered = (failed: readonly string[], status: string): Expected => ({
  ...GOOD,
  outcome: 'altered',
  status,
  failed,
});

function contentCases(): readonly VectorCase[] {
  const equal = (verdict: string, flags: readonly string[]): Expected => ({ ...GOOD, verdict, flags });
  const reordered = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(content) as object).reverse()));
  return [
    reported('as it is', { content, identity: IDENTITY }, GOOD),
    reported('without content', {}, { ...GOOD, verdict: null }),
    reported(
      'narrative regenerated',
      { content: content.replace('<div>Potassium', '<div>K') },
      equal('equal-exact', ['narrative-changed']),
    ),
    reported(
      'label lowered',
      { content: content.replace('"code":"R"', '"code":"N"') },
      equal('equal-exact', ['labels-changed']),
    ),
    reported('4.10 written 4.1, keys reordered', { content: reordered }, equal('equal', ['precision-differs'])),
    ...(
      [
        ['a digit changed', '"value":4.10', '"value":4.11', 'CONTENT_ALTERED'],
        ['code.text changed', '"code":{"text":"Potassium"}', '"code":{"text":"Sodium"}', 'CONTENT_ALTERED'],
        ['not JSON any more', '}]}', '}]', 'JSON_MALFORMED'],
      ] as const
    ).map(([name, from, to, code]) =>
      reported(
        name,
        { content: content.replace(from, to) },
        { ...GOOD, verdict: 'altered', outcome: 'altered', failed: [`content: ${code}`] },
      ),
    ),
  ];
}

function claimCases(): readonly VectorCase[] {
  const [identityComponent, raw, ...others] = bundle.opening.components;
  if (identityComponent === undefined || raw === undefined) throw new TypeError('the good bundle has components');
  const withComponents = (components: Bundle['opening']): Bundle => ({ ...bundle, opening: components });
  const stranger = signNote(checkpointText, [noteSigner(ORIGIN, filled(2))]);
  return [
    reported(
      'a component’s commitment changed',
      {
        bundle: withComponents({
          ...bundle.opening,
          components: [identityComponent, { ...raw, commitment: filled(9) }, ...others],
        }),
      },
      { ...altered(['commitment: COMMITMENT_MISMATCH'], 'confirmed'), verdict: null },
    ),
    reported(
      'a component left out',
      {
        bundle: withComponents({ ...bundle.opening, components: [identityComponent, ...others] }),
      },
      { ...altered(['commitment: COMPONENTS_MALFORMED'], 'confirmed'), verdict: null },
    ),
    reported(
      'another name than the one asked for',
      { content, identity: { ...IDENTITY, versionId: '2' } },
      altered(['identity: IDENTITY_MISMATCH'], 'confirmed'),
    ),
    reported(
      'another name in the bundle',
      {
        bundle: withComponents({ ...bundle.opening, identity: { ...IDENTITY, recordId: 'Observation/k2' } }),
      },
      { ...altered(['identity: COMMITMENT_MISMATCH'], 'confirmed'), verdict: null },
    ),
    reported(
      'another index',
      { content, bundle: withProof({ index: 3n }) },
      altered(['inclusion: INCLUSION_MISMATCH'], 'unknown'),
    ),
    reported(
      'signed by another key',
      { content, bundle: withProof({ checkpoint: stranger }) },
      altered(['checkpoint-signature: NOTE_UNTRUSTED'], 'confirmed'),
    ),
    reported(
      'a submitter’s key exchanged',
      {
        content,
        bundle: { ...bundle, submitterKey: signDetachedJws(statementBytes(statement), filled(5)).jwk },
      },
      altered(['submitter-signature: SUBMITTER_KEY_MISMATCH'], 'confirmed'),
    ),
    reported('fields disclosed', { bundle: { ...bundle, disclosed } }, { ...GOOD, verdict: null }),
    reported(
      'a disclosed value changed',
      {
        bundle: {
          ...bundle,
          disclosed: { ...disclosed, fields: disclosed.fields.map((field) => ({ ...field, value: '"g"' })) },
        },
      },
      { ...altered(['fields: FIELD_NOT_IN_TREE'], 'confirmed'), verdict: null },
    ),
    reported(
      'the number of fields changed',
      {
        bundle: { ...bundle, disclosed: { ...disclosed, count: disclosed.count + 1n } },
      },
      { ...altered(['fields: FIELDS_MISMATCH'], 'confirmed'), verdict: null },
    ),
  ];
}

/** Not anchored, so that only the key's history decides. */
function keyCases(): readonly VectorCase[] {
  return KEY_HISTORIES.map(([name, of, code]) =>
    reported(
      name,
      { bundle: of },
      {
        verdict: null,
        outcome: code === null ? 'unproven' : 'altered',
        status: 'checkpointed',
        failed: code === null ? [] : [`submitter-key: ${code}`],
      },
    ),
  );
}

function anchorCases(): readonly VectorCase[] {
  const failing = (name: string, code: string, presented: Presented): VectorCase =>
    reported(name, { content, ...presented }, altered([`anchor: ${code}`], 'checkpointed'));
  const unproven = (name: string, presented: Presented): VectorCase =>
    reported(name, { content, ...presented }, { ...GOOD, outcome: 'unproven', status: 'checkpointed' });
  const answering = (changes: Partial<Chain>): Presented => ({ chain: { ...chain, ...changes } });
  const receiptWith = (changes: object): Presented =>
    answering({ eth_getTransactionReceipt: { ...receipt, ...changes } });
  const anchored = (changes: Partial<typeof bundle.anchor>): Presented => ({
    bundle: { ...bundle, anchor: { ...bundle.anchor, ...changes } },
  });
  return [
    failing('an anchor of another size', 'ANCHOR_NOT_OF_CHECKPOINT', anchored({ size: 6n })),
    failing('an anchor of another root', 'ANCHOR_NOT_OF_CHECKPOINT', anchored({ root: filled(9) })),
    failing('an anchor of another log', 'ANCHOR_NOT_OF_CHECKPOINT', anchored({ logId: filled(9) })),
    failing('an anchor in another contract', 'ANCHOR_CONTRACT', anchored({ contract: `0x${'ab'.repeat(20)}` })),
    failing('an anchor on another chain', 'ANCHOR_CHAIN', anchored({ chainId: 1n })),
    failing('a node of another chain', 'ANCHOR_CHAIN', answering({ eth_chainId: '0x1' })),
    failing(
      'a transaction that is not there',
      'ANCHOR_TRANSACTION_UNKNOWN',
      answering({ eth_getTransactionReceipt: null }),
    ),
    failing('a transaction that was reverted', 'ANCHOR_TRANSACTION_FAILED', receiptWith({ status: '0x0', logs: [] })),
    failing('a transaction in another block', 'ANCHOR_BLOCK', receiptWith({ blockNumber: '0x63' })),
    failing('no event', 'ANCHOR_EVENT_MISSING', receiptWith({ logs: [] })),
    failing(
      'the event of another contract',
      'ANCHOR_EVENT_MISSING',
      receiptWith({ logs: [{ ...log, address: `0x${'ab'.repeat(20)}` }] }),
    ),
    failing(
      'the event of another root',
      'ANCHOR_EVENT_MISSING',
      receiptWith({ logs: [{ ...log, data: `0x${toHex(filled(9))}` }] }),
    ),
    failing(
      'a head that went back',
      'ANCHOR_HEAD',
      answering({ eth_call: `0x${toHex(root)}${word(4n)}${word(1n)}${word(90n)}` }),
    ),
    failing('no contract any more', 'ANCHOR_HEAD', answering({ eth_call: '0x' })),
    unproven('not anchored', { bundle: { ...bundle, anchor: null } }),
    unproven('a node that answers with nonsense', answering({ eth_blockNumber: 'latest' })),
  ];
}

function refusedCases(): readonly VectorCase[] {
  const text = formatBundle(bundle);
  const cases: readonly [name: string, expect: string, text: string][] = [
    ['an unknown member', 'BUNDLE_MALFORMED', text.replace('{', '{"extra":"1",')],
    ['a missing member', 'BUNDLE_MALFORMED', text.replace('"format":"medanchor-bundle/1",', '')],
    ['another format', 'BUNDLE_MALFORMED', text.replace('medanchor-bundle/1', 'medanchor-bundle/2')],
    ['a number for a size', 'BUNDLE_MALFORMED', text.replace('"block":"100"', '"block":100')],
    ['a size with a leading zero', 'BUNDLE_MALFORMED', text.replace('"block":"100"', '"block":"0100"')],
    ['hex in capitals', 'BUNDLE_MALFORMED', text.replace(toHex(root), toHex(root).toUpperCase())],
    ['a proof that is none', 'BUNDLE_MALFORMED', text.replace('tlog-proof@v1', 'tlog-proof@v9')],
    ['a name twice', 'JSON_DUPLICATE_KEY', text.replace('{', '{"anchor":null,')],
    ['a time that does not exist', 'BUNDLE_MALFORMED', text.replace('2026-11-23T', '2026-11-31T')],
  ];
  return cases.map(([name, expect, mutated]) => ({ name, expect, text: mutated }));
}

export function bundleVectors(): VectorFile {
  return {
    format: 'medanchor-vectors/1',
    about:
      'parseBundle and verifyBundle (sections 6, 8, 9, 10). trust is the same everywhere: verifierKey, contract, chainId and 2 confirmations. chain holds the answer to each JSON-RPC method. In report, failed lists name and code of each failed check.',
    cases: [
      {
        name: 'trust',
        expect: 'ok',
        trust: {
          verifierKey: formatVerifierKey({ name: ORIGIN, publicKey: signer.publicKey }),
          contract: bundle.anchor.contract,
          chainId: '31337',
          confirmations: 2,
        },
      },
      ...contentCases(),
      ...claimCases(),
      ...keyCases(),
      ...anchorCases(),
      ...refusedCases(),
    ],
  };
}
