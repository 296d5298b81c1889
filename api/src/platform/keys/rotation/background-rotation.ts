// A rotation that was asked for by HTTP: it goes on in this process after the answer, ends with the process, and is gone on with
// when the service starts again.
import { type AccessLog } from '../../auth/access-log.port.ts';
import { byService } from '../../auth/unattended.ts';
import { DomainError } from '../../errors/domain-error.ts';
import { rotationWithin } from './rotation-events.ts';
import { type Rotation, type RotationStore, type RotationWithin } from './rotation-store.port.ts';
import { RotationBusyError, type RotationService } from './rotation.service.ts';

export class BackgroundRotation {
  readonly #service: RotationService;
  readonly #store: RotationStore;
  readonly #log: AccessLog;
  #abort: AbortController | null = null;
  #running: Promise<unknown> = Promise.resolve();

  constructor(service: RotationService, store: RotationStore, log: AccessLog) {
    this.#log = log;
    this.#service = service;
    this.#store = store;
  }

  /** @throws {DomainError} `rotation-running` */
  async begin(within: RotationWithin): Promise<Rotation> {
    const abort = new AbortController();
    const { begun, ended } = this.#service.begin(abort.signal, within);
    try {
      const rotation = await begun;
      this.#abort = abort;
      this.#running = ended;
      return rotation;
    } catch (error) {
      if (!(error instanceof RotationBusyError)) throw error;
      throw new DomainError('rotation-running', 'another key rotation is going on: see GET /v1/keys/rotations/latest');
    }
  }

  latest(): Promise<Rotation | null> {
    return this.#store.latest();
  }

  /**
   * One that was killed is gone on with; one that was stopped waits for whoever stopped it, and one that led to another key (the
   * operator has changed his mind) for whoever asks anew.
   */
  async goOn(): Promise<void> {
    try {
      if (await this.#service.wasInterrupted())
        await this.begin(rotationWithin(this.#log, byService('key-rotation', 'kek.rotate')));
    } catch (error) {
      // Another instance is at it, or has other keys, or the key service is away: none of these keeps this one from starting.
      if (!(error instanceof DomainError)) throw error;
    }
  }

  /** Ends after the page that is in work. */
  async stop(): Promise<void> {
    this.#abort?.abort();
    await this.#running;
  }
}
