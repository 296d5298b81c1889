// Where the API's CPU time went: V8's profiles (--profile) summed by package, by folder of the service, and by part of Node.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { PROJECT_ROOT } from '../../launch/settings.ts';
import type { Table } from './findings.ts';

const profileSchema = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame: z.object({ functionName: z.string(), url: z.string() }) })),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** Parts below this share are summed up as others. */
const SMALLEST = 0.01;
const IDLE = '(idle)';

export function profilesIn(folder: string): ReadonlySet<string> {
  return new Set(readdirSync(folder).filter((name) => name.endsWith('.cpuprofile')));
}

/** The time that functions spent themselves, not what they called. Null when no profile was written. */
export function whereTimeWent(folder: string, before: ReadonlySet<string>): Table | null {
  const micros = new Map<string, number>();
  for (const name of [...profilesIn(folder)].filter((name) => !before.has(name))) {
    addProfile(profileSchema.parse(JSON.parse(readFileSync(path.join(folder, name), 'utf8'))), micros);
  }
  micros.delete(IDLE);
  const total = [...micros.values()].reduce((sum, part) => sum + part, 0);
  if (total === 0) return null;
  const large = [...micros].filter(([, part]) => part >= total * SMALLEST).toSorted((a, b) => b[1] - a[1]);
  const rest = total - large.reduce((sum, [, part]) => sum + part, 0);
  return {
    title: `Where the API's CPU time went (${(total / 1e6).toFixed(1)} s, its start included)`,
    columns: [{ title: 'part' }, { title: 'share', digits: 1, unit: '%' }],
    rows: [...large, ['(others)', rest] as const].map(([part, own]) => [part, (own / total) * 100]),
  };
}

function addProfile({ nodes, samples, timeDeltas }: z.output<typeof profileSchema>, micros: Map<string, number>): void {
  const parts = new Map(nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]));
  samples.forEach((id, position) => {
    const part = parts.get(id) ?? IDLE;
    micros.set(part, (micros.get(part) ?? 0) + (timeDeltas[position] ?? 0));
  });
}

export function partOf({ functionName, url }: { readonly functionName: string; readonly url: string }): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'Node, native';
  if (url.startsWith('node:'))
    return `Node, ${url.slice('node:'.length).replace('internal/', '').split('/', 1).join()}`;
  const file = decodeURI(url).replace('file://', '').replace(PROJECT_ROOT, '');
  const library = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  if (library !== undefined) return library;
  return file
    .replace(/\/dist\/(?:src\/)?/, '/')
    .split('/')
    .slice(0, 3)
    .join('/');
}
