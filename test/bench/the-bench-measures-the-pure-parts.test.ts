// The sections that need no service, at their smallest: the results have the promised shape, so that the bench does not rot
// between the days on which somebody runs it. What they measure is not looked at: nothing is promised of a busy machine.

import { beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { resultsAsJson, resultsAsMarkdown, type Results } from '../../scripts/bench/results.ts';
import { measure } from '../../scripts/bench/run.ts';
import { SECTIONS } from '../../scripts/bench/sections.ts';

const column = z.strictObject({ title: z.string().min(1), digits: z.int().optional(), unit: z.string().optional() });
const resultsSchema = z.strictObject({
  startedAt: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d/),
  quick: z.literal(true),
  machine: z.strictObject({
    cpu: z.string().min(1),
    cores: z.int().positive(),
    memoryGiB: z.int().positive(),
    system: z.string(),
    node: z.string().regex(/^\d+\./),
    commit: z.string().min(1),
  }),
  postgres: z.null(),
  failures: z.array(z.never()),
  sections: z.array(
    z.strictObject({
      name: z.string(),
      seconds: z.number().positive(),
      tables: z
        .array(
          z.strictObject({
            title: z.string(),
            columns: z.array(column),
            rows: z.array(z.array(z.union([z.string(), z.number().nonnegative(), z.null()]))).min(1),
          }),
        )
        .min(1),
      targets: z.array(
        z.strictObject({
          name: z.string(),
          comparison: z.enum(['at least', 'at most']),
          limit: z.number(),
          unit: z.string(),
          measured: z.number().nullable(),
          met: z.enum(['met', 'not met', 'not measured']),
        }),
      ),
      notes: z.array(z.string()),
    }),
  ),
});

let results: Results;

beforeAll(async () => {
  const sections = SECTIONS.filter(({ name }) => name === 'tree' || name === 'digest');
  const nobodyAsks = { asked: new Promise<string>(() => undefined), reason: () => null };
  results = await measure({ sections, quick: true, profile: undefined }, () => undefined, nobodyAsks);
}, 60_000);

test('the JSON is what it is said to be', () => {
  const parsed = resultsSchema.parse(JSON.parse(resultsAsJson(results)));
  expect(parsed.sections.map(({ name }) => name)).toEqual(['tree', 'digest']);
});

test('every row has a cell for each column', () => {
  for (const { columns, rows } of results.sections.flatMap(({ tables }) => tables)) {
    for (const row of rows) expect(row).toHaveLength(columns.length);
  }
});

test('the target of the tree was measured', () => {
  const tree = results.sections.find(({ name }) => name === 'tree');
  expect(tree?.targets.map(({ limit, measured }) => [limit, measured !== null && measured > 0])).toEqual([
    [3, true],
    [3, true],
  ]);
});

describe('the Markdown of docs/performance.md', () => {
  test('says that figures of a quick run are not to be quoted', () => {
    expect(resultsAsMarkdown(results)).toContain('**not to be quoted**');
  });

  test('has a table for each table', () => {
    const tables = results.sections.flatMap(({ tables }) => tables.map(({ title }) => `**${title}**`));
    expect(tables).toHaveLength(3);
    for (const title of tables) expect(resultsAsMarkdown(results)).toContain(title);
  });
});
