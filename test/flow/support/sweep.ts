// What the tamper sweep says after somebody with the database owner's rights was at work: on a copy of the site's
// database, so that each story has its own damage and none has another's.

import { FsckService, type FsckReport } from '../../../api/src/ledger/index.ts';
import { fingerprintOf } from '../../../api/src/ledger/store/fsck-finding.ts';
import { copyTestDatabase } from '../../support/database.ts';
import type { Site } from './site.ts';

/** One statement, or one with its values. */
export type Damage = string | readonly [statement: string, ...values: unknown[]];

/** Nobody may be connected to the site's database. */
export async function sweepAfter(
  site: Site,
  damage: readonly Damage[],
  settings: Readonly<Record<string, string>> = {},
): Promise<FsckReport> {
  const copy = await copyTestDatabase(site.database.url);
  try {
    for (const one of damage) {
      const [statement, ...values] = typeof one === 'string' ? [one] : one;
      const changed = await site.tamper(statement, values, copy.url);
      if (changed === 0 && !statement.startsWith('ALTER')) throw new Error(`${statement} changed nothing`);
    }
    const service = await site.start({ DATABASE_URL: copy.url, STAGES: 'off', ...settings });
    try {
      return await service.app.get(FsckService).sweep({ mode: 'full' });
    } finally {
      await service.stop();
    }
  } finally {
    await copy.drop();
  }
}

/** Code and place of every finding, one a line, sorted: `entry-changed batch=3 field=entries index=3 table=entry_batch`. */
export function named(report: FsckReport): readonly string[] {
  return report.findings.map(fingerprintOf).sort();
}
