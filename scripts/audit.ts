// `npm run audit`: ends with 0 (nothing serious is known), 1 (something is), 3 (the registry does not tell).

import { auditDependencies } from './check/audit.ts';

/** The process's exit code. */
export async function main(): Promise<number> {
  const audit = auditDependencies();
  switch (audit.result) {
    case 'clean':
      process.stdout.write(`no advisory of severity high or critical for ${String(audit.packages)} packages\n`);
      return 0;
    case 'vulnerable':
      process.stdout.write(`${audit.findings.join('\n')}\n`);
      return 1;
    case 'unknown':
      process.stdout.write(`unknown: ${audit.reason}\n`);
      return 3;
  }
}
