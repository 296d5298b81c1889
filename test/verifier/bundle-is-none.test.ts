// What is no bundle is refused with its place; so is a trust that makes no sense.

import { describe, expect, test } from '@jest/globals';
import { formatBundle, parseBundle, sha256, utf8, verifyBundle, type VerifyOptions } from '@medanchor/verifier';
import { withAnchor } from './bundle-checks.ts';
import { bundle, CONTRACT } from './bundle-fixture.ts';
import { codeOf, errorOf } from './support.ts';

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
