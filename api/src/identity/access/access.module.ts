// Wires who may do what: the issuers whose tokens count, the gate, and the guard before every route. Global, since every
// area declares its routes and writes to the access log.
import { Global, Inject, Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { AccessLog } from '../../platform/auth/access-log.port.ts';
import { readIssuerKey } from '../../platform/auth/issuer-key.ts';
import { TokenCheck } from '../../platform/auth/token-check.ts';
import { embeddedIssuer, externalIssuer } from '../../platform/auth/token-issuer.ts';
import { NoRevocations, TokenRevocations } from '../../platform/auth/token-revocations.port.ts';
import { Clock } from '../../platform/clock/clock.ts';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { POOL, type Pool } from '../../platform/database/pool.ts';
import { FieldCipher } from '../../platform/keys/field-cipher.ts';
import { RateLimits } from '../../platform/http/rate-limits.ts';
import { Metrics } from '../../platform/metrics/metrics.ts';
import { PgTokenRevocations } from '../issuer/token-revocations.pg.ts';
import { SourcesService } from '../sources.service.ts';
import { TenantsService } from '../tenants.service.ts';
import { AccessGuard } from './access.guard.ts';
import { Authenticator } from './authenticator.ts';
import { BreakGlassService } from './break-glass.service.ts';
import { assertDeclared } from './declarations.ts';
import { Gate } from './gate.ts';

@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    {
      provide: TokenRevocations,
      // Tokens of other issuers end by their time alone.
      useFactory: (config: Config, pool: Pool) =>
        config.EMBEDDED_ISSUER === 'on' ? new PgTokenRevocations(pool) : new NoRevocations(),
      inject: [CONFIG, POOL],
    },
    {
      provide: TokenCheck,
      useFactory: async (config: Config, revocations: TokenRevocations, clock: Clock) => {
        const { PUBLIC_URL, AUTH_AUDIENCE, ISSUER_KEY_FILE } = config;
        const embedded =
          config.EMBEDDED_ISSUER === 'on'
            ? [embeddedIssuer(PUBLIC_URL, AUTH_AUDIENCE, await readIssuerKey(ISSUER_KEY_FILE ?? ''))]
            : [];
        const external = config.AUTH_ISSUERS.map((issuer) => externalIssuer(issuer, AUTH_AUDIENCE));
        return new TokenCheck([...embedded, ...external], revocations, clock);
      },
      inject: [CONFIG, TokenRevocations, Clock],
    },
    {
      provide: TenantsService,
      useFactory: (database: DataSource, log: AccessLog) => new TenantsService(database, log),
      inject: [getDataSourceToken(), AccessLog],
    },
    {
      provide: SourcesService,
      useFactory: (database: DataSource, log: AccessLog) => new SourcesService(database, log),
      inject: [getDataSourceToken(), AccessLog],
    },
    {
      provide: BreakGlassService,
      useFactory: (database: DataSource, log: AccessLog, fields: FieldCipher, clock: Clock) =>
        new BreakGlassService(database, log, fields, clock),
      inject: [getDataSourceToken(), AccessLog, FieldCipher, Clock],
    },
    {
      provide: Gate,
      useFactory: (log: AccessLog, sources: SourcesService, breakGlass: BreakGlassService, clock: Clock) =>
        new Gate(log, sources, breakGlass, clock),
      inject: [AccessLog, SourcesService, BreakGlassService, Clock],
    },
    {
      provide: APP_GUARD,
      useFactory: (
        tokens: TokenCheck,
        tenants: TenantsService,
        gate: Gate,
        config: Config,
        limits: RateLimits,
        metrics: Metrics,
      ) => new AccessGuard(new Authenticator(tokens, tenants), gate, config, limits, metrics),
      inject: [TokenCheck, TenantsService, Gate, CONFIG, RateLimits, Metrics],
    },
  ],
  exports: [TokenRevocations, TokenCheck, TenantsService, SourcesService, BreakGlassService, Gate],
})
export class AccessModule implements OnModuleInit {
  readonly #discovery: DiscoveryService;

  constructor(@Inject(DiscoveryService) discovery: DiscoveryService) {
    this.#discovery = discovery;
  }

  /** Before the service listens, and before its stages run. */
  onModuleInit(): void {
    assertDeclared(this.#discovery.getControllers().flatMap(({ metatype }) => metatype ?? []));
  }
}
