// Runs the chosen sections one after the other, prints what each finds, and writes the results.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PROJECT_ROOT } from '../launch/settings.ts';
import { untilAskedToStop, type StopRequest } from '../launch/stop-request.ts';
import { messageOf } from '../prepare/error-facts.mjs';
import type { BenchArguments } from './arguments.ts';
import { databaseSettings } from './harness/durability.ts';
import { describeMachine, type Machine } from './harness/machine.ts';
import { writePage } from './harness/page.ts';
import { findingsAsMarkdown, findingsAsText } from './harness/print.ts';
import { profilesIn, whereTimeWent } from './harness/profile.ts';
import {
  isMet,
  type Context,
  type Findings,
  type LogSection,
  type OwnSection,
  type Section,
} from './harness/section.ts';
import { Service } from './harness/service.ts';
import { runLogSections } from './log-sections.ts';

export interface Results {
  readonly startedAt: string;
  readonly quick: boolean;
  readonly machine: Machine;
  /** Null when no section needed PostgreSQL. */
  readonly postgres: { readonly version: string; readonly settings: Readonly<Record<string, string>> } | null;
  readonly sections: readonly SectionResult[];
}

/** What becomes known on the way. */
interface Facts {
  postgres: Results['postgres'];
}

interface SectionResult extends Findings {
  readonly name: string;
  readonly seconds: number;
}

type Say = (text: string) => void;

export async function runBench(args: BenchArguments, say: Say): Promise<number> {
  const stop = untilAskedToStop(say);
  const results = await measure(args, say, stop);
  const json = path.resolve(args.json ?? path.join(PROJECT_ROOT, 'bench-results', `${results.startedAt}.json`));
  mkdirSync(path.dirname(json), { recursive: true });
  writeFileSync(json, resultsAsJson(results));
  if (args.markdown !== undefined) writePage(path.resolve(args.markdown), resultsAsMarkdown(results));
  say(`\nresults: ${path.relative(process.cwd(), json)}`);
  return stop.reason() === null ? 0 : 130;
}

export async function measure(
  args: Pick<BenchArguments, 'sections' | 'quick' | 'profile'>,
  say: Say,
  stop: StopRequest,
): Promise<Results> {
  const startedAt = new Date().toISOString().replaceAll(':', '-');
  const machine = describeMachine();
  say(`${machine.cpu}, ${String(machine.cores)} cores, ${String(machine.memoryGiB)} GiB, ${machine.system}`);
  say(`Node ${machine.node}, commit ${machine.commit}${args.quick ? ', QUICK: not to be quoted' : ''}`);
  const facts: Facts = { postgres: null };
  const sections: SectionResult[] = [];
  for (const task of tasksOf(args.sections)) {
    if (stop.reason() !== null) break;
    for (const { name, about } of task.sections) say(`\n== ${name}: ${about}`);
    const start = performance.now();
    const findings = await profiled(args.profile, () => runTask(task, args, say, facts));
    const seconds = (performance.now() - start) / 1000;
    for (const [section, found] of findings) {
      say(`\n${findingsAsText(found)}`);
      sections.push({ name: section.name, seconds, ...found });
    }
  }
  return { startedAt, quick: args.quick, machine, ...facts, sections };
}

/** One section, or all of those that share the growing log; they come last. */
interface Task {
  readonly sections: readonly Section[];
  run(context: Context): Promise<ReadonlyMap<Section, Findings>>;
}

function tasksOf(sections: readonly Section[]): Task[] {
  const own = sections.filter((section): section is OwnSection => 'run' in section);
  const ofLog = sections.filter((section): section is LogSection => 'visit' in section);
  const tasks = own.map((section): Task => ({
    sections: [section],
    run: async (context) => new Map([[section, await section.run(context)]]),
  }));
  if (ofLog.length > 0) tasks.push({ sections: ofLog, run: (context) => runLogSections(ofLog, context) });
  return tasks;
}

/** With the profiles that were written meanwhile as one more table, in the first of the sections. */
async function profiled(folder: string | undefined, run: () => ReturnType<Task['run']>): ReturnType<Task['run']> {
  if (folder === undefined) return await run();
  mkdirSync(folder, { recursive: true });
  const before = profilesIn(folder);
  const findings = await run();
  const table = whereTimeWent(folder, before);
  const [first, ...rest] = findings;
  if (first === undefined || table === null) return findings;
  const [section, found] = first;
  return new Map([[section, { ...found, tables: [...found.tables, table] }], ...rest]);
}

async function runTask(
  task: Task,
  { quick, profile }: Pick<BenchArguments, 'quick' | 'profile'>,
  say: Say,
  facts: Facts,
): Promise<ReadonlyMap<Section, Findings>> {
  const ends: (() => Promise<void>)[] = [];
  const service = async (): Promise<Service> => {
    const started = await Service.start({ say: (text) => say(`   [${text}]`), profile });
    ends.push(() => started.end());
    facts.postgres ??= await describePostgres(started, say);
    return started;
  };
  try {
    return await task.run({ quick, say: (text) => say(`   ${text}`), service, cleanUp: (end) => ends.push(end) });
  } catch (error) {
    throw new Error(`${task.sections.map(({ name }) => name).join(', ')}: ${messageOf(error)}`, { cause: error });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function describePostgres({ pool }: Service, say: Say): Promise<Results['postgres']> {
  const { rows } = await pool.query<{ version: string }>(`SELECT current_setting('server_version') AS version`);
  const postgres = { version: rows[0]?.version ?? '', settings: await databaseSettings(pool) };
  say(`PostgreSQL ${postgres.version}: ${settingsAsText(postgres.settings)}`);
  return postgres;
}

function settingsAsText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

export function resultsAsJson(results: Results): string {
  const sections = results.sections.map((section) => ({
    ...section,
    targets: section.targets.map((target) => ({ ...target, met: isMet(target) })),
  }));
  return `${JSON.stringify({ ...results, sections }, null, 2)}\n`;
}

export function resultsAsMarkdown({ startedAt, quick, machine, postgres, sections }: Results): string {
  const facts = [
    `Measured ${startedAt.slice(0, 10)} at commit \`${machine.commit}\`${quick ? ' with `--quick`: **not to be quoted**' : ''}.`,
    `${machine.cpu}, ${String(machine.cores)} cores, ${String(machine.memoryGiB)} GiB, ${machine.system}, Node ${machine.node}.`,
    ...(postgres === null ? [] : [`PostgreSQL ${postgres.version}: \`${settingsAsText(postgres.settings)}\`.`]),
  ];
  const parts = sections.map((section) => `### ${section.name}\n\n${findingsAsMarkdown(section)}`);
  return `${[facts.join('\n'), ...parts].join('\n\n')}\n`;
}
