// One run of the bench: the chosen sections one after the other, their tables on the terminal, the results in files.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PROJECT_ROOT } from '../launch/settings.ts';
import { untilAskedToStop, type StopRequest } from '../launch/stop-request.ts';
import { messageOf } from '../prepare/error-facts.mjs';
import type { BenchArguments } from './arguments.ts';
import { describeMachine } from './harness/machine.ts';
import { writePage } from './harness/page.ts';
import { findingsAsText, tableAsText, targetTable } from './harness/print.ts';
import { machineAsText, resultsAsJson, resultsAsMarkdown, type Results, type SectionResult } from './results.ts';
import { profiled, runTask, tasksOf, type Facts, type Say } from './tasks.ts';

/** The process's exit code: 0, 1 when a section could not be measured to the end, 130 when interrupted. */
export async function runBench(args: BenchArguments, say: Say): Promise<number> {
  const stop = untilAskedToStop(say);
  const results = await measure(args, say, stop);
  const targets = results.sections.flatMap((section) => section.targets);
  if (results.sections.length > 1 && targets.length > 0) say(`\n${tableAsText(targetTable(targets, 'All targets'))}`);
  if (results.sections.length > 0) say(`\nresults: ${path.relative(process.cwd(), await write(results, args))}`);
  if (stop.reason() !== null) return 130;
  return results.failures.length === 0 ? 0 : 1;
}

/** The path of the JSON. */
async function write(results: Results, { json, markdown }: BenchArguments): Promise<string> {
  const file = path.resolve(json ?? path.join(PROJECT_ROOT, 'bench-results', `${results.startedAt}.json`));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, resultsAsJson(results));
  if (markdown !== undefined) await writePage(path.resolve(markdown), resultsAsMarkdown(results));
  return file;
}

/** A section that fails does not take with it what the others found. */
export async function measure(
  args: Pick<BenchArguments, 'sections' | 'quick' | 'profile'>,
  say: Say,
  stop: StopRequest,
): Promise<Results> {
  const startedAt = new Date().toISOString().replaceAll(':', '-');
  const machine = describeMachine();
  say(`${machineAsText(machine)}, commit ${machine.commit}${args.quick ? ', QUICK: not to be quoted' : ''}`);
  const facts: Facts = { postgres: null };
  const sections: SectionResult[] = [];
  const failures: { sections: string; message: string }[] = [];
  for (const task of tasksOf(args.sections)) {
    if (stop.reason() !== null) break;
    for (const { name, about } of task.sections) say(`\n== ${name}: ${about}`);
    const start = performance.now();
    try {
      const findings = await profiled(args.profile, () => runTask(task, args, say, stop, facts));
      const seconds = (performance.now() - start) / 1000;
      for (const [section, found] of findings) {
        say(`\n${findingsAsText(found)}`);
        sections.push({ name: section.name, seconds, ...found });
      }
    } catch (error) {
      const names = task.sections.map(({ name }) => name).join(', ');
      failures.push({ sections: names, message: messageOf(error) });
      say(`\n${names} could not be measured to the end: ${messageOf(error)}`);
    }
  }
  return { startedAt, quick: args.quick, machine, ...facts, sections, failures };
}
