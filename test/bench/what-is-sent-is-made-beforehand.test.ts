// Records and requests of the bench: all different, the same again for the same numbers, and what a server would accept.

import { describe, expect, test } from '@jest/globals';
import { parseJson } from '@medanchor/verifier';
import { RESOURCE_SIZES, resourceTemplate } from '../../scripts/bench/load/resources.ts';
import { lineTemplate, pairs, prepareRequests } from '../../scripts/bench/load/requests.ts';
import { Template } from '../../scripts/bench/load/template.ts';

test('a template is filled at its marks', () => {
  const template = new Template('ä <record>/<version>: <value> kg on <date>');
  expect(template.fill(31, 2).toString()).toBe('ä 0000000031/0002: 55.87 kg on 2025-02-04');
  expect(template.fill(0, 1).toString()).toBe('ä 0000000000/0001: 20.49 kg on 2025-01-01');
  expect(template.length).toBe(Buffer.byteLength('ä 0000000031/0002: 55.87 kg on 2025-02-04'));
});

describe.each(RESOURCE_SIZES)('a resource of %s', (size) => {
  const template = resourceTemplate(size);

  test('is a FHIR resource in strict JSON', () => {
    const value = parseJson(template.fill(123, 4)) as ReadonlyMap<string, unknown>;
    expect(value.get('id')).toBe('bench-0000000123');
    expect(value.get('meta')).toEqual(expect.any(Map));
  });

  test('has about the size that its name says', () => {
    const wanted = Number(size.replace('kB', '')) * 1000;
    expect(template.length).toBeGreaterThan(wanted * 0.9);
    expect(template.length).toBeLessThan(wanted * 1.1);
  });

  test('differs from record to record and from version to version', () => {
    const texts = [template.fill(1, 1), template.fill(2, 1), template.fill(1, 2)].map(String);
    expect(new Set(texts).size).toBe(3);
  });
});

test('a line of a batch carries the content octet for octet', () => {
  const content = resourceTemplate('1kB').fill(7, 1).toString();
  expect(lineTemplate('1kB', 'off').fill(7, 1).toString()).toBe(
    `{"source":"bench","recordId":"Observation/bench-0000000007","versionId":"0001","fields":"off","content":${content}}\n`,
  );
});

test('a request says how long its body is', () => {
  const records = { count: 1, first: 7, order: 'sequence', versions: 1, population: 0 } as const;
  const [request = Buffer.alloc(0)] = prepareRequests({ route: 'append', resource: '1kB', fields: 'off', records });
  const [head = '', body = ''] = request.toString().split('\r\n\r\n');
  expect(head.split('\r\n')).toEqual([
    'POST /v1/records/bench/Observation%2Fbench-0000000007/versions?versionId=0001&fields=off HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/fhir+json',
    `content-length: ${Buffer.byteLength(body)}`,
  ]);
});

describe('which records', () => {
  test('in sequence, round by round of versions', () => {
    const plan = { count: 6, first: 10, order: 'sequence', versions: 2, population: 0 } as const;
    expect([...pairs(plan)]).toEqual([
      [10, 1],
      [11, 1],
      [12, 1],
      [10, 2],
      [11, 2],
      [12, 2],
    ]);
  });

  test('each version once, and none long after the one before', () => {
    const all = [...pairs({ count: 4000, first: 0, order: 'sequence', versions: 4, population: 0 })];
    expect(new Set(all.map(([record, version]) => `${record}/${version}`)).size).toBe(4000);
    expect(all.slice(0, 1024).filter(([record, version]) => record === 17 && version <= 4)).toEqual([
      [17, 1],
      [17, 2],
      [17, 3],
      [17, 4],
    ]);
  });

  test('at random, from the whole log', () => {
    const drawn = [...pairs({ count: 2000, first: 0, order: 'random', versions: 1, population: 100 })];
    expect(new Set(drawn.map(([record]) => record)).size).toBe(100);
    expect(Math.max(...drawn.map(([record]) => record))).toBe(99);
  });
});
