// Salted commitments and what they reveal; disclosure of single fields; comparing content with what was committed.

import { describe, expect, test } from '@jest/globals';
import {
  commitment,
  commitRecord,
  componentCommitment,
  componentDigest,
  componentSalt,
  digestRecord,
  discloseFields,
  fieldLeafHashes,
  fieldLeaves,
  fieldsComponentDigest,
  hmacSha256,
  openRecord,
  parseJson,
  recordRef,
  rootFromLeaves,
  selectFields,
  sha256,
  toHex,
  utf8,
  verdictOf,
  verifyField,
  versionSalt,
  type ComponentCommitment,
  type ComponentName,
  type DisclosedField,
  type RecordDigest,
} from '@medanchor/verifier';
import { MerkleTree } from 'merkletreejs';
import { codeOf, flipped } from './support.ts';

const key = new Uint8Array(32).fill(1);
const otherKey = new Uint8Array(32).fill(2);
const content =
  '{"resourceType":"Observation","id":"o","text":"n","meta":{"security":["R"]},"status":"final","code":{"text":"glucose"},"codeable":1,"value":6.30,"empty":{},"none":[]}';

const digest = (text = content, fields = false): RecordDigest =>
  digestRecord(
    utf8(text),
    'application/fhir+json',
    { source: 'ehr', recordId: 'Observation/o', versionId: '1' },
    { fields },
  );

const saltsOf = (names: readonly ComponentName[], version = '1'): Map<ComponentName, Uint8Array> =>
  new Map(names.map((name) => [name, componentSalt(versionSalt(key, version), name)]));

describe('commitments', () => {
  test('by the formulas of section 4, written out once more', () => {
    const lp = (x: Uint8Array | string): Buffer => {
      const octets = Buffer.from(x as string);
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(octets.length));
      return Buffer.concat([length, octets]);
    };
    const octets = utf8('%PDF');
    const raw = sha256(Buffer.concat([lp('medanchor/component/1'), lp('raw'), lp('application/pdf'), lp(octets)]));
    expect(toHex(componentDigest('raw', 'application/pdf', octets))).toBe(toHex(raw));
    const salt = hmacSha256(key, Buffer.concat([lp('medanchor/salt/1'), lp('v 1')]));
    expect(toHex(versionSalt(key, 'v 1'))).toBe(toHex(salt));
    const rawSalt = hmacSha256(salt, Buffer.concat([lp('medanchor/component-salt/1'), lp('raw')]));
    expect(toHex(componentSalt(salt, 'raw'))).toBe(toHex(rawSalt));
    const [c1, c2] = [hmacSha256(rawSalt, raw), hmacSha256(rawSalt, sha256(raw))];
    expect(toHex(componentCommitment(rawSalt, raw))).toBe(toHex(c1));
    const whole = sha256(
      Buffer.concat([
        lp('medanchor/commitment/1'),
        lp('raw/1'),
        Buffer.from('0000000000000002', 'hex'),
        lp('identity'),
        lp(c1),
        lp('raw'),
        lp(c2),
      ]),
    );
    const components: ComponentCommitment[] = [
      { name: 'identity', commitment: c1 },
      { name: 'raw', commitment: c2 },
    ];
    expect(toHex(commitment('raw/1', components))).toBe(toHex(whole));
    expect(toHex(recordRef(key))).toBe(toHex(hmacSha256(key, utf8('medanchor/ref/1'))));
  });

  test('a fixed vector, so that no refactoring changes the format unseen', () => {
    const committed = commitRecord(digest(content, true), key, '1');
    expect(toHex(committed.commitment)).toBe(VECTOR);
    expect(committed.fieldsCount).toBe(8n);
  });

  test('equal content in two versions, or two records, has nothing in common', () => {
    const all = [
      commitRecord(digest(), key, '1'),
      commitRecord(digest(), key, '2'),
      commitRecord(digest(), otherKey, '1'),
    ].flatMap(({ commitment, components }) => [commitment, ...components.map((c) => c.commitment)]);
    expect(new Set(all.map(toHex)).size).toBe(all.length);
    expect(all).toHaveLength(21);
  });

  test('a record key of another length is refused', () => {
    expect(codeOf(() => recordRef(new Uint8Array(31)))).toBe('RECORD_KEY_MALFORMED');
    expect(codeOf(() => commitRecord(digest(), new Uint8Array(33), '1'))).toBe('RECORD_KEY_MALFORMED');
  });

  test.each<[string, ComponentName[]]>([
    ['nothing', []],
    ['another order', ['raw', 'identity', 'content', 'contentExact']],
    ['one left out', ['identity', 'raw', 'content']],
    ['one twice', ['identity', 'raw', 'raw', 'content', 'contentExact']],
    ['one of another scheme', ['identity', 'raw', 'content', 'contentExact', 'narrative']],
  ])('a component list with %s is refused', (_, names) => {
    const components = names.map((name) => ({ name, commitment: key }));
    expect(codeOf(() => commitment('json/1', components))).toBe('COMPONENTS_MALFORMED');
  });
});

describe('comparing', () => {
  const committed = commitRecord(digest(content, true), key, '1');
  const names = committed.components.map(({ name }) => name);
  const compare = (text: string, salts = saltsOf(names)) => {
    const matches = openRecord(digest(text), committed.components, salts);
    return { matches: Object.fromEntries(matches), ...verdictOf(matches) };
  };

  test('the same octets', () => {
    const { matches, verdict, flags } = compare(content);
    expect(matches).toEqual({
      identity: 'opens',
      raw: 'opens',
      content: 'opens',
      contentExact: 'opens',
      narrative: 'opens',
      labels: 'opens',
      fields: 'unknown',
    });
    expect([verdict, flags]).toEqual(['identical', []]);
  });

  test.each<[string, string, string, string[]]>([
    ['white space', content.replace(':', ': '), 'equal-exact', []],
    ['6.30 to 6.3', content.replace('6.30', '6.3'), 'equal', ['precision-differs']],
    ['6.30 to 6.31', content.replace('6.30', '6.31'), 'altered', []],
    ['another narrative', content.replace('"n"', '"m"'), 'equal-exact', ['narrative-changed']],
    ['no narrative', content.replace('"text":"n",', ''), 'equal-exact', ['narrative-changed']],
    ['another label', content.replace('"R"', '"N"'), 'equal-exact', ['labels-changed']],
    ['no meta', content.replace('"meta":{"security":["R"]},', ''), 'equal-exact', ['labels-changed']],
    [
      'all at once',
      content.replace('"n"', '"m"').replace('"R"', '"N"').replace('6.30', '6.3'),
      'equal',
      ['precision-differs', 'narrative-changed', 'labels-changed'],
    ],
    ['code.text', content.replace('glucose', 'Glucose'), 'altered', []],
  ])('%s', (_, text, verdict, flags) => {
    expect(compare(text)).toMatchObject({ verdict, flags });
  });

  test('a narrative and a label where none was committed', () => {
    const plain = '{"resourceType":"Observation","value":6.30}';
    const { components } = commitRecord(digest(plain), key, '1');
    const given = digest('{"resourceType":"Observation","value":6.30,"text":"n","meta":{"security":["R"]}}');
    const matches = openRecord(given, components, saltsOf(['raw', 'content', 'contentExact']));
    expect(matches.get('narrative')).toBe('uncommitted');
    expect(verdictOf(matches)).toMatchObject({
      verdict: 'equal-exact',
      flags: ['narrative-changed', 'labels-changed'],
    });
  });

  test('without salts nobody can tell, and nobody does', () => {
    expect(compare(content, saltsOf(['identity', 'fields']))).toMatchObject({ verdict: null, flags: [] });
    expect(compare(content.replace('6.30', '7'), saltsOf(['raw']))).toMatchObject({ verdict: null, flags: [] });
    expect(compare(content, saltsOf(['raw']))).toMatchObject({ verdict: 'identical', flags: [] });
    expect(compare(content.replace('6.30', '7'), saltsOf(['content']))).toMatchObject({ verdict: 'altered' });
    expect(verdictOf(new Map())).toMatchObject({ verdict: null });
  });

  test('a salt of another version opens nothing', () => {
    expect(compare(content, saltsOf(names, '2'))).toMatchObject({ verdict: 'altered' });
  });

  test('of raw/1 only the exact octets are known', () => {
    const pdf = (text: string) =>
      digestRecord(utf8(text), 'application/pdf', { source: 's', recordId: 'r', versionId: '1' });
    const { components } = commitRecord(pdf('a'), key, '1');
    expect(verdictOf(openRecord(pdf('a'), components, saltsOf(['raw'])))).toMatchObject({ verdict: 'identical' });
    expect(verdictOf(openRecord(pdf('b'), components, saltsOf(['raw'])))).toMatchObject({ verdict: 'altered' });
    expect(verdictOf(openRecord(pdf('b'), components, new Map()))).toMatchObject({ verdict: null });
  });
});

describe('fields', () => {
  const record = digest(content, true);
  const leaves = record.fields ?? [];
  const salt = versionSalt(key, '1');

  test('are the leaves of the static form, in document order', () => {
    expect(leaves).toEqual([
      { path: '/code/text', value: '"glucose"' },
      { path: '/codeable', value: '1' },
      { path: '/empty', value: '{}' },
      { path: '/id', value: '"o"' },
      { path: '/none', value: '[]' },
      { path: '/resourceType', value: '"Observation"' },
      { path: '/status', value: '"final"' },
      { path: '/value', value: '6.30' },
    ]);
  });

  test('paths are JSON Pointers; a scalar document has the empty one', () => {
    expect(fieldLeaves(parseJson(utf8('{"a/b":{"~":[null,true]}}')))).toEqual([
      { path: '/a~1b/~0/0', value: 'null' },
      { path: '/a~1b/~0/1', value: 'true' },
    ]);
    expect(fieldLeaves(parseJson(utf8('7.0')))).toEqual([{ path: '', value: '7.0' }]);
  });

  test('are selected by whole path segments', () => {
    expect(selectFields(leaves, ['/code'])).toEqual([0]);
    expect(selectFields(leaves, ['/value', '/code/text', '/code'])).toEqual([0, 7]);
    expect(selectFields(leaves, [''])).toHaveLength(leaves.length);
    expect(codeOf(() => selectFields(leaves, ['/code', '/cod']))).toBe('FIELDS_UNKNOWN_PATH');
    expect(codeOf(() => selectFields(leaves, ['/status/']))).toBe('FIELDS_UNKNOWN_PATH');
  });

  test('merkletreejs gives the same commitment as our own tree', () => {
    const theirs = commitRecord(record, key, '1', (hashes) =>
      new MerkleTree(
        hashes.map((hash) => Buffer.from(hash)),
        (x: Buffer) => Buffer.from(sha256(Buffer.concat([Uint8Array.of(1), x]))),
        {
          hashLeaves: false,
          sort: false,
          sortLeaves: false,
          sortPairs: false,
          duplicateOdd: false,
          isBitcoinTree: false,
        },
      ).getRoot(),
    );
    const ours = commitRecord(record, key, '1');
    expect(toHex(theirs.commitment)).toBe(toHex(ours.commitment));
    expect(toHex(ours.fieldsRoot as Uint8Array)).toBe(toHex(rootFromLeaves(fieldLeafHashes(leaves, salt))));
    const digest = fieldsComponentDigest(ours.fieldsCount as bigint, ours.fieldsRoot as Uint8Array);
    expect(toHex(ours.components.at(-1)?.commitment as Uint8Array)).toBe(
      toHex(componentCommitment(componentSalt(salt, 'fields'), digest)),
    );
  });

  test('each discloses itself and no other', () => {
    const { count, root, fields } = discloseFields(
      leaves,
      salt,
      leaves.map((_, i) => i),
    );
    for (const field of fields) verifyField(field, count, root);
    expect(new Set(fields.map((field) => toHex(field.salt))).size).toBe(leaves.length);
    expect(discloseFields(leaves, salt, [7, 0, 7]).fields.map(({ path }) => path)).toEqual(['/code/text', '/value']);
    expect(codeOf(() => discloseFields(leaves, salt, [8]))).toBe('TREE_INDEX');
  });

  test.each<[string, (field: DisclosedField) => Partial<DisclosedField>]>([
    ['path', () => ({ path: '/codeable' })],
    ['value', () => ({ value: '6.3' })],
    ['salt', ({ salt }) => ({ salt: flipped(salt) })],
    ['index', ({ index }) => ({ index: index - 1n })],
    ['index beyond the count', () => ({ index: 100n })],
    ['proof', ({ proof }) => ({ proof: proof.with(0, flipped(proof[0] as Uint8Array)) })],
    ['proof length', ({ proof }) => ({ proof: proof.slice(1) })],
    ['path and value cut elsewhere', ({ path, value }) => ({ path: path.slice(0, -1), value: path.slice(-1) + value })],
  ])('a field with a forged %s is refused', (_, forge) => {
    const { count, root, fields } = discloseFields(leaves, salt, [7]);
    const field = fields[0] as DisclosedField;
    verifyField(field, count, root);
    expect(codeOf(() => verifyField({ ...field, ...forge(field) }, count, root))).toBe('FIELD_NOT_IN_TREE');
  });
});

// Computed once by a separate program (Python's hashlib and hmac) from the formulas of the specification.
const VECTOR = '67950bc94d1e1aa2e2ec124948d1de7f17cd6ad8c2ed60c8d84df71ea209f213';
