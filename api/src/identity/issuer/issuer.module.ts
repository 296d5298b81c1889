import { Module } from '@nestjs/common';
import { AccessLog } from '../../platform/auth/access-log.port.ts';
import { readIssuerKey, type IssuerKey } from '../../platform/auth/issuer-key.ts';
import { TokenRevocations } from '../../platform/auth/token-revocations.port.ts';
import { Clock } from '../../platform/clock/clock.ts';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { POOL, type Pool } from '../../platform/database/pool.ts';
import { FieldCipher } from '../../platform/keys/field-cipher.ts';
import { LOGGER, type Logger } from '../../platform/logger/logger.ts';
import { AccountsController } from '../accounts/accounts.controller.ts';
import { AccountsService } from '../accounts/accounts.service.ts';
import { EnrolmentService } from '../accounts/enrolment.service.ts';
import { offerSetup } from '../accounts/setup-secret.file.ts';
import { PasswordResetService } from '../accounts/password-reset.service.ts';
import { SignInService } from '../accounts/sign-in.service.ts';
import { type ClientPolicy } from '../clients/client-policy.rules.ts';
import { ClientsController } from '../clients/clients.controller.ts';
import { ClientsService } from '../clients/clients.service.ts';
import { AccountController } from '../pages/account.controller.ts';
import { EnrolmentController } from '../pages/enrolment.controller.ts';
import { FactorsController } from '../pages/factors.controller.ts';
import { PasskeyScriptController } from '../pages/passkey-script.controller.ts';
import { PasswordResetController } from '../pages/password-reset.controller.ts';
import { SignInController } from '../pages/sign-in.controller.ts';
import { FactorsService } from '../passkeys/factors.service.ts';
import { relyingPartyOf } from '../passkeys/passkey.rules.ts';
import { PasskeyCeremonies } from '../passkeys/passkey-ceremonies.ts';
import { PasskeyChallenges } from '../passkeys/passkey-challenges.ts';
import { ClientDirectory } from './client-directory.ts';
import { IssuerController } from './issuer.controller.ts';
import { IssuerRuntime } from './issuer-runtime.ts';
import { OIDC_PROVIDER } from './issuer.tokens.ts';
import { OidcStore } from './oidc-store.ts';
import { createProvider } from './provider.ts';
import { Sealer } from './sealed.ts';
import { SessionsController } from './sessions.controller.ts';
import { SessionsService } from './sessions.service.ts';
import { SmartConfigurationController } from './smart-configuration.controller.ts';
import { sweepIssuer } from './sweep.ts';
import { PgTokenRevocations } from './token-revocations.pg.ts';

/** Injection token of the issuer's signing key. */
const ISSUER_KEY = Symbol('ISSUER_KEY');

function clientPolicyOf({ CLIENT_JWKS_HOSTS: keyHosts, CLIENT_RSA_MIN_BITS: shortestRsaBits }: Config): ClientPolicy {
  return { keyHosts, shortestRsaBits };
}

/** Only with EMBEDDED_ISSUER=on. */
@Module({
  controllers: [
    IssuerController,
    SmartConfigurationController,
    SignInController,
    EnrolmentController,
    AccountController,
    FactorsController,
    PasskeyScriptController,
    PasswordResetController,
    ClientsController,
    AccountsController,
    SessionsController,
  ],
  providers: [
    {
      provide: ISSUER_KEY,
      useFactory: (config: Config) => readIssuerKey(config.ISSUER_KEY_FILE ?? ''),
      inject: [CONFIG],
    },
    { provide: ClientDirectory, useFactory: (pool: Pool) => new ClientDirectory(pool), inject: [POOL] },
    { provide: OidcStore, useFactory: (pool: Pool) => new OidcStore(pool), inject: [POOL] },
    { provide: Sealer, useFactory: (key: IssuerKey) => new Sealer(key), inject: [ISSUER_KEY] },
    {
      provide: ClientsService,
      useFactory: (pool: Pool, log: AccessLog, config: Config, clock: Clock) =>
        new ClientsService(pool, log, clientPolicyOf(config), clock),
      inject: [POOL, AccessLog, CONFIG, Clock],
    },
    {
      provide: AccountsService,
      useFactory: (pool: Pool, log: AccessLog, clock: Clock) => new AccountsService(pool, log, clock),
      inject: [POOL, AccessLog, Clock],
    },
    {
      provide: PasskeyCeremonies,
      useFactory: (pool: Pool, clock: Clock, config: Config) =>
        new PasskeyCeremonies(pool, new PasskeyChallenges(pool, clock), relyingPartyOf(config.PUBLIC_URL)),
      inject: [POOL, Clock, CONFIG],
    },
    {
      provide: EnrolmentService,
      useFactory: (pool: Pool, fields: FieldCipher, log: AccessLog, clock: Clock, passkeys: PasskeyCeremonies) =>
        new EnrolmentService(pool, fields, log, clock, passkeys),
      inject: [POOL, FieldCipher, AccessLog, Clock, PasskeyCeremonies],
    },
    {
      provide: SignInService,
      useFactory: (pool: Pool, fields: FieldCipher, log: AccessLog, clock: Clock, passkeys: PasskeyCeremonies) =>
        new SignInService(pool, fields, log, clock, passkeys),
      inject: [POOL, FieldCipher, AccessLog, Clock, PasskeyCeremonies],
    },
    {
      provide: FactorsService,
      useFactory: (pool: Pool, fields: FieldCipher, log: AccessLog, clock: Clock, passkeys: PasskeyCeremonies) =>
        new FactorsService(pool, fields, log, clock, passkeys),
      inject: [POOL, FieldCipher, AccessLog, Clock, PasskeyCeremonies],
    },
    {
      provide: PasswordResetService,
      useFactory: (pool: Pool, signIn: SignInService, log: AccessLog, clock: Clock) =>
        new PasswordResetService(pool, signIn, log, clock),
      inject: [POOL, SignInService, AccessLog, Clock],
    },
    {
      provide: SessionsService,
      useFactory: (pool: Pool, log: AccessLog, config: Config) =>
        new SessionsService(pool, log, Math.floor(config.SESSION_IDLE_TIMEOUT_MS / 1000)),
      inject: [POOL, AccessLog, CONFIG],
    },
    {
      provide: OIDC_PROVIDER,
      useFactory: (
        config: Config,
        key: IssuerKey,
        store: OidcStore,
        clients: ClientDirectory,
        accounts: AccountsService,
        sessions: SessionsService,
        accessLog: AccessLog,
        clock: Clock,
        logger: Logger,
      ) =>
        createProvider({
          publicUrl: config.PUBLIC_URL,
          audience: config.AUTH_AUDIENCE,
          clientPolicy: clientPolicyOf(config),
          key,
          store,
          clients,
          accounts,
          sessions,
          accessLog,
          clock,
          logger,
        }),
      inject: [
        CONFIG,
        ISSUER_KEY,
        OidcStore,
        ClientDirectory,
        AccountsService,
        SessionsService,
        AccessLog,
        Clock,
        LOGGER,
      ],
    },
    {
      provide: IssuerRuntime,
      useFactory: (config: Config, pool: Pool, clock: Clock, revocations: TokenRevocations, logger: Logger) => {
        const { SETUP_TOKEN_FILE: file } = config;
        return new IssuerRuntime(
          {
            offerSetup: async () => (file !== undefined && (await offerSetup(pool, clock, file)) ? file : null),
            refreshRevocations: async () => {
              if (revocations instanceof PgTokenRevocations) await revocations.refresh();
            },
            sweep: () => sweepIssuer(pool),
          },
          logger,
        );
      },
      inject: [CONFIG, POOL, Clock, TokenRevocations, LOGGER],
    },
  ],
  exports: [ClientsService],
})
export class IssuerModule {}
