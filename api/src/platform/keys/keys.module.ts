// The keys of the service: provider, field cipher, rotation. The only file here that names adapters.
import { Global, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AccessLog } from '../auth/access-log.port.ts';
import { Clock } from '../clock/clock.ts';
import { CONFIG } from '../config/config.module.ts';
import { type Config, type KeyConfig } from '../config/config.schema.ts';
import { createPool, POOL, type Pool, type Queryable } from '../database/pool.ts';
import { Health } from '../health/health.ts';
import { LOGGER, type Logger } from '../logger/logger.ts';
import { Metrics } from '../metrics/metrics.ts';
import { PgDataKeyStore } from './data-key-store.pg.ts';
import { ENVELOPE_VERSION, EnvelopeKeyProvider, LIMITS } from './envelope-key-provider.ts';
import { FieldCipher } from './field-cipher.ts';
import { KeyProvider } from './key-provider.port.ts';
import { KeyRing } from './key-ring.ts';
import { KeysHealth } from './keys-health.ts';
import { LOCAL_VERSION, readLocalKeys, type LocalKeyProvider } from './local-key-provider.file.ts';
import { EncryptedColumnTarget } from './rotation/encrypted-column.pg.ts';
import { BackgroundRotation } from './rotation/background-rotation.ts';
import { PgKeyHolders } from './rotation/key-holders.pg.ts';
import { KeyHolders } from './rotation/key-holders.port.ts';
import { RotationService } from './rotation/rotation.service.ts';
import { PgRotationStore } from './rotation/rotation-store.pg.ts';
import { RotationStore } from './rotation/rotation-store.port.ts';
import { RotationTargets } from './rotation/rotation-targets.ts';
import { RotationsController } from './rotation/rotations.controller.ts';
import { VaultMasterKey } from './vault/master-key.vault.ts';
import { VaultClient, type VaultOptions } from './vault/vault-client.ts';

/**
 * @param database where data keys are; used with a key service only
 * @throws {SecretFileError} when a key or token file is missing or unusable
 */
export function createKeyProvider(
  config: KeyConfig,
  database: Queryable,
  clock: Clock,
  onVaultResult?: VaultOptions['onResult'],
): KeyProvider {
  const local = config.KEK_FILE === undefined ? null : readLocalKeys(config.KEK_FILE, config.KEK_PREVIOUS_FILES ?? []);
  const remote = config.VAULT_ADDR === undefined ? null : envelope(config, database, clock, onVaultResult);
  const readers = new Map<number, KeyProvider>();
  if (local !== null) readers.set(LOCAL_VERSION, local);
  if (remote !== null) readers.set(ENVELOPE_VERSION, remote);
  const current: LocalKeyProvider | EnvelopeKeyProvider | null = config.KEY_PROVIDER === 'local' ? local : remote;
  if (current === null) throw new Error(`KEY_PROVIDER=${config.KEY_PROVIDER} without its settings`);
  // Nothing between the append path and its only provider.
  return readers.size === 1 ? current : new KeyRing(current, readers);
}

function envelope(
  config: KeyConfig,
  database: Queryable,
  clock: Clock,
  onResult: VaultOptions['onResult'],
): EnvelopeKeyProvider {
  const vault = new VaultClient(
    {
      address: config.VAULT_ADDR ?? '',
      namespace: config.VAULT_NAMESPACE ?? null,
      timeoutMs: config.VAULT_TIMEOUT_MS,
      credential:
        config.VAULT_TOKEN_FILE === undefined
          ? { roleId: config.VAULT_ROLE_ID ?? '', secretIdFile: config.VAULT_SECRET_ID_FILE ?? '' }
          : { tokenFile: config.VAULT_TOKEN_FILE },
      ...(onResult === undefined ? {} : { onResult }),
    },
    () => clock.now().getTime(),
  );
  return new EnvelopeKeyProvider(
    new VaultMasterKey(vault, config.VAULT_TRANSIT_MOUNT, config.VAULT_TRANSIT_KEY),
    new PgDataKeyStore(database),
    clock,
    { ...LIMITS, keepMs: config.DATA_KEY_KEEP_MS },
  );
}

@Global()
@Module({
  controllers: [RotationsController],
  providers: [
    {
      provide: KeyProvider,
      useFactory: (config: Config, pool: Pool, clock: Clock, metrics: Metrics) =>
        createKeyProvider(config, pool, clock, (result) => metrics.keyServiceRequests.inc({ result })),
      inject: [CONFIG, POOL, Clock, Metrics],
    },
    { provide: FieldCipher, useFactory: (keys: KeyProvider) => new FieldCipher(keys), inject: [KeyProvider] },
    {
      provide: RotationTargets,
      useFactory: (pool: Pool) => new RotationTargets((column) => new EncryptedColumnTarget(pool, column)),
      inject: [POOL],
    },
    { provide: RotationStore, useFactory: (pool: Pool) => new PgRotationStore(pool), inject: [POOL] },
    {
      provide: KeyHolders,
      useFactory: (config: Config, logger: Logger) => {
        const pool = createPool(config.DATABASE_URL, 1);
        pool.on('error', () => undefined);
        return new PgKeyHolders(pool, logger);
      },
      inject: [CONFIG, LOGGER],
    },
    {
      provide: RotationService,
      useFactory: (
        keys: KeyProvider,
        store: RotationStore,
        targets: RotationTargets,
        holders: KeyHolders,
        clock: Clock,
        logger: Logger,
        metrics: Metrics,
      ) => new RotationService({ keys, store, targets, holders, clock, logger, metrics }),
      inject: [KeyProvider, RotationStore, RotationTargets, KeyHolders, Clock, LOGGER, Metrics],
    },
    {
      provide: BackgroundRotation,
      useFactory: (service: RotationService, store: RotationStore, log: AccessLog) =>
        new BackgroundRotation(service, store, log),
      inject: [RotationService, RotationStore, AccessLog],
    },
    {
      provide: KeysHealth,
      useFactory: (config: Config, keys: KeyProvider, store: RotationStore, clock: Clock) =>
        new KeysHealth(config.KEY_PROVIDER, keys, store, clock),
      inject: [CONFIG, KeyProvider, RotationStore, Clock],
    },
  ],
  exports: [KeyProvider, FieldCipher, RotationTargets, RotationService],
})
export class KeysModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #background: BackgroundRotation;
  readonly #config: Config;
  readonly #keys: KeyProvider;
  readonly #holders: KeyHolders;

  constructor(
    @Inject(BackgroundRotation) background: BackgroundRotation,
    @Inject(KeysHealth) keysHealth: KeysHealth,
    @Inject(Health) health: Health,
    @Inject(CONFIG) config: Config,
    @Inject(KeyProvider) keys: KeyProvider,
    @Inject(KeyHolders) holders: KeyHolders,
  ) {
    this.#keys = keys;
    this.#holders = holders;
    this.#background = background;
    this.#config = config;
    health.register('keys', () => keysHealth.report());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#holders.announce(this.#keys.opens());
    if (this.#config.STAGES === 'on') await this.#background.goOn();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#background.stop();
    await this.#holders.close();
  }
}
