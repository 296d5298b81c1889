// Runs one section, or all that share the growing log, with a service of their own if they want one, and ends what was
// started for them: also when they fail, and at once when somebody wants the bench to stop.

import { mkdirSync } from 'node:fs';
import type { StopRequest } from '../launch/stop-request.ts';
import type { BenchArguments } from './arguments.ts';
import { databaseSettings } from './harness/durability.ts';
import { profilesIn, whereTimeWent } from './harness/profile.ts';
import type { Context } from './harness/context.ts';
import type { Findings } from './harness/findings.ts';
import type { LogSection, OwnSection, Section } from './harness/section.ts';
import { Service } from './harness/service.ts';
import { runLogSections } from './log-sections.ts';
import { settingsAsText, type Postgres } from './results.ts';

export type Say = (text: string) => void;

/** What becomes known on the way. */
export interface Facts {
  postgres: Postgres | null;
}

export interface Task {
  readonly sections: readonly Section[];
  run(context: Context): Promise<ReadonlyMap<Section, Findings>>;
}

/** The sections of the growing log are one task, and the last: they take longest. */
export function tasksOf(sections: readonly Section[]): Task[] {
  const own = sections.filter((section): section is OwnSection => 'run' in section);
  const ofLog = sections.filter((section): section is LogSection => 'visit' in section);
  const tasks = own.map((section): Task => ({
    sections: [section],
    run: async (context) => new Map([[section, await section.run(context)]]),
  }));
  if (ofLog.length > 0) tasks.push({ sections: ofLog, run: (context) => runLogSections(ofLog, context) });
  return tasks;
}

/** @throws when the section fails, or when somebody asks to stop */
export async function runTask(
  task: Task,
  { quick, profile }: Pick<BenchArguments, 'quick' | 'profile'>,
  say: Say,
  stop: StopRequest,
  facts: Facts,
): Promise<ReadonlyMap<Section, Findings>> {
  const ends: (() => Promise<void>)[] = [];
  const service = async (): Promise<Service> => {
    const starting = Service.start({ say: (text) => say(`   [${text}]`), profile });
    // Before it is there: a stop in between must not leave it behind.
    ends.push(async () => {
      const started = await starting.catch(() => null);
      await started?.end();
    });
    const started = await starting;
    facts.postgres ??= await describePostgres(started, say);
    return started;
  };
  const stopped = stop.asked.then((reason) => {
    throw new Error(`stopped: ${reason}`);
  });
  try {
    const running = task.run({
      quick,
      say: (text) => say(`   ${text}`),
      service,
      cleanUp: (end) => ends.push(end),
    });
    // After a stop it fails by itself, because what it measures goes away; by then nobody wants to know.
    running.catch(() => undefined);
    return await Promise.race([running, stopped]);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** With the profiles that were written meanwhile as one more table, in the first of the sections. */
export async function profiled(
  folder: string | undefined,
  run: () => ReturnType<Task['run']>,
): ReturnType<Task['run']> {
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

async function describePostgres({ pool }: Service, say: Say): Promise<Postgres> {
  const { rows } = await pool.query<{ version: string }>(`SELECT current_setting('server_version') AS version`);
  const postgres = { version: rows[0]?.version ?? '', settings: await databaseSettings(pool) };
  say(`PostgreSQL ${postgres.version}: ${settingsAsText(postgres)}`);
  return postgres;
}
