// `npm run bench -- …`: what is asked for is what runs, and a slip of the finger measures nothing.

import { expect, test } from '@jest/globals';
import { parseBenchArguments } from '../../scripts/bench/arguments.ts';
import { SECTIONS } from '../../scripts/bench/sections.ts';

const parse = (...args: string[]): unknown => {
  const parsed = parseBenchArguments(args, SECTIONS);
  return typeof parsed === 'string' ? parsed : { ...parsed, sections: parsed.sections.map(({ name }) => name) };
};

test('everything, in full', () => {
  expect(parse()).toEqual({
    sections: ['tree', 'digest', 'gas', 'append', 'erasure', 'stages', 'verify', 'growth'],
    quick: false,
    list: false,
    json: undefined,
    markdown: undefined,
    profile: undefined,
  });
});

test('two sections, quickly, in the order in which they run', () => {
  expect(parse('verify', 'append', '--quick', '--json', 'out.json')).toEqual({
    sections: ['append', 'verify'],
    quick: true,
    list: false,
    json: 'out.json',
    markdown: undefined,
    profile: undefined,
  });
});

test('a section that does not exist', () => {
  expect(parse('apend')).toBe(
    'there is no section apend; there are tree, digest, gas, append, erasure, stages, verify, growth',
  );
});

test('an option that does not exist', () => {
  expect(parse('--fast')).toMatch(/Unknown option '--fast'/);
});
