// What a run of the bench found, as JSON and as Markdown.

import { findingsAsMarkdown } from './harness/print.ts';
import type { Machine } from './harness/machine.ts';
import { isMet, type Findings } from './harness/findings.ts';

export interface Results {
  readonly startedAt: string;
  readonly quick: boolean;
  readonly machine: Machine;
  /** Null when no section needed PostgreSQL. */
  readonly postgres: Postgres | null;
  readonly sections: readonly SectionResult[];
  /** Sections that could not be measured to the end, and why. */
  readonly failures: readonly { readonly sections: string; readonly message: string }[];
}

export interface Postgres {
  readonly version: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface SectionResult extends Findings {
  readonly name: string;
  readonly seconds: number;
}

export function resultsAsJson(results: Results): string {
  const sections = results.sections.map((section) => ({
    ...section,
    targets: section.targets.map((target) => ({ ...target, met: isMet(target) })),
  }));
  return `${JSON.stringify({ ...results, sections }, null, 2)}\n`;
}

export function resultsAsMarkdown({ startedAt, quick, machine, postgres, sections, failures }: Results): string {
  const facts = [
    `Measured ${startedAt.slice(0, 10)} at commit \`${machine.commit}\`${quick ? ' with `--quick`: **not to be quoted**' : ''}.`,
    `${machineAsText(machine)}.`,
    ...(postgres === null ? [] : [`PostgreSQL ${postgres.version}: \`${settingsAsText(postgres)}\`.`]),
    ...failures.map(({ sections, message }) => `**Not measured to the end: ${sections}** (${message}).`),
  ];
  const parts = sections.map((section) => `### ${section.name}\n\n${findingsAsMarkdown(section)}`);
  return `${[facts.join('\n'), ...parts].join('\n\n')}\n`;
}

export function machineAsText({ cpu, cores, memoryGiB, system, node }: Machine): string {
  return `${cpu}, ${String(cores)} cores, ${String(memoryGiB)} GiB, ${system}, Node ${node}`;
}

export function settingsAsText({ settings }: Postgres): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
