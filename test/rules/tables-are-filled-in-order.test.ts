// Rows may only refer to what is there: tables are copied parents first, whatever their names.

import { describe, expect, test } from '@jest/globals';
import { InvariantError } from '@medanchor/verifier';
import { orderByReferences } from '../../api/src/backup/table-order.rules.ts';

const tables = (...names: string[]): { name: string }[] => names.map((name) => ({ name }));
const order = (names: string[], ...pairs: [string, string][]): string[] =>
  orderByReferences(
    tables(...names),
    pairs.map(([child, parent]) => ({ child, parent })),
  ).map(({ name }) => name);

describe('the order of tables', () => {
  test('parents come before children, and otherwise nothing moves', () => {
    expect(
      order(['anchor', 'anchor_epoch', 'log', 'tile'], ['anchor', 'anchor_epoch'], ['anchor_epoch', 'log']),
    ).toEqual(['log', 'anchor_epoch', 'anchor', 'tile']);
    expect(order(['a', 'b', 'c'])).toEqual(['a', 'b', 'c']);
  });

  test('a table may refer to itself, and to one that is not copied', () => {
    expect(order(['entry', 'log'], ['entry', 'entry'], ['entry', 'elsewhere'], ['entry', 'log'])).toEqual([
      'log',
      'entry',
    ]);
  });

  test('a circle is named, not broken', () => {
    expect(() => order(['log', 'one', 'two'], ['one', 'two'], ['two', 'one'])).toThrow(InvariantError);
    expect(() => order(['log', 'one', 'two'], ['one', 'two'], ['two', 'one'])).toThrow(
      'the tables one, two refer to each other in a circle',
    );
  });
});
