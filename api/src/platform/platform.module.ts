import { Global, Inject, Module, type DynamicModule } from '@nestjs/common';
import { Clock, SystemClock } from './clock/clock.ts';
import { CONFIG } from './config/config.module.ts';
import { type Config } from './config/config.schema.ts';
import { plainConnections } from './config/settings-together.rules.ts';
import { Health } from './health/health.ts';
import { HealthController } from './http/health.controller.ts';
import { RateLimits } from './http/rate-limits.ts';
import { tlsFiles, tlsHealth } from './http/tls.ts';
import { LOGGER, type Logger } from './logger/logger.ts';
import { Metrics } from './metrics/metrics.ts';

@Global()
@Module({})
export class PlatformModule {
  constructor(@Inject(Health) health: Health, @Inject(CONFIG) config: Config, @Inject(Clock) clock: Clock) {
    const tls = tlsFiles(config);
    if (tls !== null) health.register('tls', () => tlsHealth(tls, clock.now()));
    const { HOST, DATABASE_URL, CHAIN_RPC_URL, VAULT_ADDR, TLS_CERT_FILE, TLS_KEY_FILE, TLS_TERMINATED_BY_PROXY } =
      config;
    const plain = plainConnections({
      HOST,
      DATABASE_URL,
      CHAIN_RPC_URL,
      VAULT_ADDR,
      TLS_CERT_FILE,
      TLS_KEY_FILE,
      TLS_TERMINATED_BY_PROXY,
    });
    if (plain.length > 0)
      health.register('network', () => ({
        status: 'degraded',
        code: 'insecure-network',
        detail: `INSECURE_NETWORK=on: connections leave this machine without TLS (${plain.join(', ')})`,
      }));
  }

  static with(logger: Logger, metrics: Metrics): DynamicModule {
    return {
      module: PlatformModule,
      controllers: [HealthController],
      providers: [
        Health,
        { provide: LOGGER, useValue: logger },
        { provide: Metrics, useValue: metrics },
        { provide: Clock, useClass: SystemClock },
        {
          provide: RateLimits,
          useFactory: (config: Config) => new RateLimits(config, metrics),
          inject: [CONFIG],
        },
      ],
      exports: [Health, LOGGER, Metrics, Clock, RateLimits],
    };
  }
}
