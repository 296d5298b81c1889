// What the tamper sweep says after somebody with the database owner's rights was at work: on a copy of the site's
// database, so that each story has its own damage and none has another's.

import { fromHex, logIdOf } from '@medanchor/verifier';
import { EvmAnchorRegistry } from '../../../api/src/ledger/chain/anchor-registry.evm.ts';
import { FsckService, type FsckReport } from '../../../api/src/ledger/index.ts';
import { fingerprintOf } from '../../../api/src/ledger/store/fsck-finding.ts';
import { PgAccessSource } from '../../../api/src/ledger/store/access-source.pg.ts';
import { PgFsckRunStore } from '../../../api/src/ledger/store/fsck-run-store.pg.ts';
import { PgFsckSource } from '../../../api/src/ledger/store/fsck-source.pg.ts';
import { SystemClock } from '../../../api/src/platform/clock/clock.ts';
import { createPool } from '../../../api/src/platform/database/pool.ts';
import { LocalKeyProvider } from '../../../api/src/platform/keys/local-key-provider.file.ts';
import { createLogger } from '../../../api/src/platform/logger/logger.ts';
import { Metrics } from '../../../api/src/platform/metrics/metrics.ts';
import { installFastSha256 } from '../../../api/src/platform/sha256.ts';
import { TEST_ORIGIN } from '../../support/chain.ts';
import { copyTestDatabase } from '../../support/database.ts';
import type { Site } from './site.ts';

/** One statement, or one with its values. */
export type Damage = string | readonly [statement: string, ...values: unknown[]];

/** Nobody may be connected to the site's database. */
export async function sweepAfter(site: Site, damage: readonly Damage[], rpcUrl = site.chain.url): Promise<FsckReport> {
  const copy = await copyTestDatabase(site.database.url);
  try {
    for (const one of damage) {
      const [statement, ...values] = typeof one === 'string' ? [one] : one;
      const changed = await site.tamper(statement, values, copy.url);
      if (changed === 0 && !statement.startsWith('ALTER')) throw new Error(`${statement} changed nothing`);
    }
    const swept = await openFsck(site, copy.url, rpcUrl);
    try {
      return await swept.fsck.sweep({ mode: 'full' });
    } finally {
      await swept.close();
    }
  } finally {
    await copy.drop();
  }
}

/** The sweep by itself, without a service around it, which would take a second for each story. */
export async function openFsck(
  site: Site,
  url = site.database.url,
  rpcUrl = site.chain.url,
): Promise<{ fsck: FsckService; runs: PgFsckRunStore; close: () => Promise<void> }> {
  await installFastSha256();
  const pool = createPool(url, 4);
  // The copy is dropped right after, and with it connections that are still on their way out.
  pool.on('error', () => undefined);
  const { rows } = await pool.query<{ id: number; verifier_key: string }>('SELECT id, verifier_key FROM log');
  const [row] = rows;
  if (row === undefined) throw new Error('the database holds no log');
  const { chainId, contract } = site.chain.deployment;
  const log = {
    id: row.id,
    origin: TEST_ORIGIN,
    verifierKey: row.verifier_key,
    logId: logIdOf(TEST_ORIGIN),
    chainId: BigInt(chainId),
    contract,
  };
  const registry = new EvmAnchorRegistry({
    ...log,
    rpcUrl,
    timeoutMs: 5000,
    privateKey: fromHex(site.chain.anchorKey),
  });
  const runs = new PgFsckRunStore(pool, log.id);
  const fsck = new FsckService({
    source: new PgFsckSource(pool, log.id),
    access: new PgAccessSource(pool, log.id),
    runs,
    keys: new LocalKeyProvider(site.kek),
    registry,
    log,
    clock: new SystemClock(),
    logger: createLogger('silent'),
    metrics: new Metrics(),
  });
  return { fsck, runs, close: () => pool.end() };
}

/** Code and place of every finding, one a line, sorted: `entry-changed batch=3 field=entries index=3 table=entry_batch`. */
export function named(report: FsckReport): readonly string[] {
  return report.findings.map(fingerprintOf).sort();
}
