// Known weaknesses of the packages that run in production, as the registry's advisories tell them. A registry without
// that service, or none within reach, leaves the question open: then the answer is "unknown", which is not "none".

import { z } from 'zod';
import { npmOutput, type NpmOutput } from './npm-output.ts';

export type Audit =
  | { readonly result: 'clean'; readonly packages: number }
  | { readonly result: 'vulnerable'; readonly findings: readonly string[] }
  | { readonly result: 'unknown'; readonly reason: string };

const SEVERITIES = ['info', 'low', 'moderate', 'high', 'critical'] as const;
/** From here on a finding fails the check. */
const FAILS_FROM = SEVERITIES.indexOf('high');

const reportSchema = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({ name: z.string(), severity: z.enum(SEVERITIES), range: z.string(), via: z.array(z.unknown()) }),
  ),
  metadata: z.object({ dependencies: z.object({ prod: z.number() }) }),
});

const errorSchema = z.object({ message: z.string().optional(), error: z.object({ summary: z.string() }).optional() });

export function auditDependencies(): Audit {
  return readAudit(npmOutput(['audit', '--omit=dev', '--json']));
}

/** npm ends with 1 for findings and for its own errors alike: only the report tells. */
export function readAudit({ stdout, stderr }: Pick<NpmOutput, 'stdout' | 'stderr'>): Audit {
  const parsed = parseJson(stdout);
  const report = reportSchema.safeParse(parsed);
  if (!report.success) {
    const failure = errorSchema.safeParse(parsed);
    const reason = failure.data?.error?.summary || failure.data?.message || stderr.trim() || 'npm audit gave no report';
    return { result: 'unknown', reason: (reason.split('\n', 1)[0] ?? '').slice(0, 300) };
  }
  const serious = Object.values(report.data.vulnerabilities).filter(
    ({ severity }) => SEVERITIES.indexOf(severity) >= FAILS_FROM,
  );
  if (serious.length === 0) return { result: 'clean', packages: report.data.metadata.dependencies.prod };
  return {
    result: 'vulnerable',
    findings: serious.map(({ name, severity, range }) => `${severity}: ${name} ${range}`),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
