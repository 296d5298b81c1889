// What the issuer does by itself: offers the set-up of an installation without an administrator, keeps the revocations in
// memory fresh, and clears away what is over its time.
import { type Logger } from '../../platform/logger/logger.ts';

const REFRESH_MS = 1000;
const SWEEP_MS = 60_000;

export interface IssuerChores {
  /** @returns the file that holds the set-up secret, or null when there is nothing to set up */
  offerSetup(): Promise<string | null>;
  refreshRevocations(): Promise<void>;
  sweep(): Promise<void>;
}

export class IssuerRuntime {
  readonly #chores: IssuerChores;
  readonly #logger: Logger;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #failing = new Set<string>();

  constructor(chores: IssuerChores, logger: Logger) {
    this.#chores = chores;
    this.#logger = logger;
  }

  async onModuleInit(): Promise<void> {
    const file = await this.#chores.offerSetup();
    if (file !== null)
      this.#logger.info({ file }, 'there is no administrator: the file holds the secret for the page /setup');
    await this.#chores.refreshRevocations();
    this.#every(REFRESH_MS, 'revocations cannot be read', () => this.#chores.refreshRevocations());
    this.#every(SWEEP_MS, 'what is over its time cannot be cleared away', () => this.#chores.sweep());
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await Promise.all(this.#running);
  }

  /** One at a time, and one line in the log for as long as it fails. */
  #every(milliseconds: number, complaint: string, work: () => Promise<void>): void {
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      const run = work()
        .then(
          () => void this.#failing.delete(complaint),
          (error: unknown) => {
            if (!this.#failing.has(complaint)) this.#logger.warn({ err: error }, complaint);
            this.#failing.add(complaint);
          },
        )
        .finally(() => {
          busy = false;
          this.#running.delete(run);
        });
      this.#running.add(run);
    }, milliseconds);
    timer.unref();
    this.#timers.push(timer);
  }
}
