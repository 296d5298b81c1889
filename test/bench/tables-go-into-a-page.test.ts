// `--markdown FILE`: a page with marks keeps its text and gets new tables; any other file becomes the tables.

import { expect, test } from '@jest/globals';
import { withTables } from '../../scripts/bench/harness/page.ts';

const PAGE = 'Text before.\n\n<!-- bench: begin -->\n\nold figures\n\n<!-- bench: end -->\n\nText after.\n';

test('between the marks', () => {
  const page = withTables(PAGE, '| new |\n');
  expect(page).toBe('Text before.\n\n<!-- bench: begin -->\n\n| new |\n\n<!-- bench: end -->\n\nText after.\n');
  expect(withTables(page, '| newer |\n')).not.toContain('| new |');
});

test('a page without marks', () => {
  expect(withTables('anything', '| new |\n')).toBe('| new |\n');
});

test.each([
  ['only the first mark', '<!-- bench: begin -->'],
  ['only the second', '<!-- bench: end -->'],
  ['the wrong way round', '<!-- bench: end --><!-- bench: begin -->'],
])('a page with %s is left alone', (_what, page) => {
  expect(() => withTables(page, '| new |\n')).toThrow('the page needs <!-- bench: begin -->');
});
