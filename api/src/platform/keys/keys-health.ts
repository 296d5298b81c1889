// The part `keys` of health: whether keys can be wrapped now, and whether a rotation was left unfinished.
import { type Clock } from '../clock/clock.ts';
import { DomainError } from '../errors/domain-error.ts';
import { type PartHealth } from '../health/health.ts';
import { type KeyProvider } from './key-provider.port.ts';
import { type RotationStore } from './rotation/rotation-store.port.ts';

/** A rotation writes its progress after every page. */
const SILENT_MS = 10 * 60_000;

export class KeysHealth {
  readonly #provider: string;
  readonly #keys: KeyProvider;
  readonly #rotations: RotationStore;
  readonly #clock: Clock;

  constructor(provider: string, keys: KeyProvider, rotations: RotationStore, clock: Clock) {
    this.#provider = provider;
    this.#keys = keys;
    this.#rotations = rotations;
    this.#clock = clock;
  }

  async report(): Promise<PartHealth> {
    let key: string;
    try {
      key = Buffer.from(await this.#keys.header()).toString('hex');
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return {
        status: 'down',
        code: 'keys-unavailable',
        detail: `no key can be wrapped or opened: ${error.message}`,
        provider: this.#provider,
      };
    }
    const seen = { provider: this.#provider, key };
    const rotation = await this.#rotations.latest();
    const silent = rotation !== null && this.#clock.now().getTime() - rotation.updatedAt.getTime() > SILENT_MS;
    if (rotation !== null && (rotation.state === 'stopped' || (rotation.state === 'running' && silent)))
      return {
        status: 'degraded',
        code: 'rotation-unfinished',
        detail: `key rotation ${rotation.id} is not finished: the old key is still needed; go on with npm run rotate-kek`,
        ...seen,
      };
    return { status: 'up', ...seen };
  }
}
