// TypeORM for the ordinary tables and the migrations (`synchronize` never); a pool of its own for the ledger's hot path.
import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import pg from 'pg';
import { type DataSourceOptions, type MixedList } from 'typeorm';
import { Clock } from '../clock/clock.ts';
import { CONFIG } from '../config/config.module.ts';
import { type Config } from '../config/config.schema.ts';
import { certificateHealth } from '../health/certificate-health.ts';
import { Health } from '../health/health.ts';
import { LOGGER, type Logger } from '../logger/logger.ts';
import { roleHealth } from './database-role.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { CarefulPool, CONNECT_TIMEOUT_MS, createPool, POOL, type Pool } from './pool.ts';

export function dataSourceOptions(url: string, entities: MixedList<Function>): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'all',
    synchronize: false,
    logging: false,
    applicationName: 'medanchor',
    // TypeORM makes its own pool: with the same care, and without waiting for ever.
    driver: { ...pg, Pool: CarefulPool },
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    poolSize: 4,
  };
}

@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  readonly #pool: Pool;

  constructor(
    @Inject(POOL) pool: Pool,
    @Inject(Health) health: Health,
    @Inject(CONFIG) config: Config,
    @Inject(Clock) clock: Clock,
  ) {
    this.#pool = pool;
    health.register('database', async () => {
      await pool.query('SELECT 1');
      return { status: 'up', connections: pool.totalCount, waiting: pool.waitingCount };
    });
    health.register('database-role', () => roleHealth(pool));
    const cert = config.DATABASE_CERT_FILE;
    if (cert !== undefined)
      health.register('database-certificate', () =>
        certificateHealth('the certificate that is shown to PostgreSQL (DATABASE_CERT_FILE)', cert, clock.now()),
      );
  }

  static with(config: Config, entities: Function[]): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRoot({
          ...dataSourceOptions(config.DATABASE_URL, entities),
          migrationsRun: false,
          retryAttempts: 1,
        }),
      ],
      providers: [
        {
          provide: POOL,
          useFactory: (settings: Config, logger: Logger): Pool => {
            const pool = createPool(settings.DATABASE_URL, settings.DATABASE_POOL_SIZE);
            // An idle connection that dies is replaced; without a listener it would end the process.
            pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection was lost'));
            return pool;
          },
          inject: [CONFIG, LOGGER],
        },
      ],
      exports: [POOL],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool.end();
  }
}
