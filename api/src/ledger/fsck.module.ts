// The tamper sweep, as providers.
import { Clock } from '../platform/clock/clock.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import { type Config } from '../platform/config/config.schema.ts';
import { createPool, type Pool } from '../platform/database/pool.ts';
import { KeyProvider } from '../platform/keys/key-provider.port.ts';
import { LOGGER, type Logger } from '../platform/logger/logger.ts';
import { Metrics } from '../platform/metrics/metrics.ts';
import { AnchorRegistry } from './chain/anchor-registry.port.ts';
import { FsckSchedule } from './fsck/fsck-schedule.ts';
import { FsckService } from './fsck/fsck.service.ts';
import { LOG_IDENTITY, type LogIdentity } from './log-identity.ts';
import { PgAccessSource } from './store/access-source.pg.ts';
import { AccessSource } from './store/access-source.port.ts';
import { PgFsckRunStore } from './store/fsck-run-store.pg.ts';
import { FsckRunStore } from './store/fsck-run-store.port.ts';
import { PgFsckSource } from './store/fsck-source.pg.ts';
import { FsckSource } from './store/fsck-source.port.ts';

/** Connections of its own: a sweep that takes minutes must not keep the stages waiting for one. */
export const FSCK_POOL = Symbol('FSCK_POOL');

export const fsck = [
  {
    // Of its own: a sweep that takes minutes must not keep the stages waiting for a connection.
    provide: FSCK_POOL,
    useFactory: (config: Config, logger: Logger): Pool => {
      const url = new URL(config.DATABASE_URL);
      // Many small index look-ups: neither compiled nor parallel plans pay, and the other cores are the service's.
      const settings = '-c jit=off -c max_parallel_workers_per_gather=0';
      url.searchParams.set('options', `${url.searchParams.get('options') ?? ''} ${settings}`.trim());
      const pool = createPool(url.href, 4);
      pool.on('error', (error) => logger.warn({ err: error }, "an idle connection of the tamper sweep's was lost"));
      return pool;
    },
    inject: [CONFIG, LOGGER],
  },
  {
    provide: FsckSource,
    useFactory: (pool: Pool, log: LogIdentity) => new PgFsckSource(pool, log.id),
    inject: [FSCK_POOL, LOG_IDENTITY],
  },
  {
    provide: AccessSource,
    useFactory: (pool: Pool, log: LogIdentity) => new PgAccessSource(pool, log.id),
    inject: [FSCK_POOL, LOG_IDENTITY],
  },
  {
    provide: FsckRunStore,
    useFactory: (pool: Pool, log: LogIdentity) => new PgFsckRunStore(pool, log.id),
    inject: [FSCK_POOL, LOG_IDENTITY],
  },
  {
    provide: FsckService,
    useFactory: (
      source: FsckSource,
      access: AccessSource,
      runs: FsckRunStore,
      keys: KeyProvider,
      registry: AnchorRegistry,
      log: LogIdentity,
      clock: Clock,
      logger: Logger,
      metrics: Metrics,
    ) => new FsckService({ source, access, runs, keys, registry, log, clock, logger, metrics }),
    inject: [FsckSource, AccessSource, FsckRunStore, KeyProvider, AnchorRegistry, LOG_IDENTITY, Clock, LOGGER, Metrics],
  },
  {
    provide: FsckSchedule,
    useFactory: (
      config: Config,
      service: FsckService,
      runs: FsckRunStore,
      clock: Clock,
      logger: Logger,
      metrics: Metrics,
    ) =>
      new FsckSchedule(
        { service, runs, clock, logger, metrics },
        { incrementalMs: config.FSCK_INTERVAL_MS, fullMs: config.FSCK_FULL_INTERVAL_MS },
      ),
    inject: [CONFIG, FsckService, FsckRunStore, Clock, LOGGER, Metrics],
  },
];
