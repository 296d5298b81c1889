// Health by part. Each area registers what it knows; the HTTP side only collects.
import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../logger/logger.ts';

/** `down` makes the service not ready. `degraded` is a thing to act on while requests are still served. */
export type PartStatus = 'up' | 'degraded' | 'down';

export interface PartHealth {
  readonly status: PartStatus;
  /** A stable word (`chain-mismatch`) when something is wrong. */
  readonly code?: string;
  /** For a person: what is wrong and what it means. No secrets. */
  readonly detail?: string;
  readonly [member: string]: unknown;
}

export interface HealthReport {
  readonly status: PartStatus;
  readonly parts: Readonly<Record<string, PartHealth>>;
}

@Injectable()
export class Health {
  readonly #parts = new Map<string, () => Promise<PartHealth> | PartHealth>();
  readonly #failing = new Set<string>();
  readonly #logger: Logger;

  constructor(@Inject(LOGGER) logger: Logger) {
    this.#logger = logger;
  }

  register(part: string, check: () => Promise<PartHealth> | PartHealth): void {
    this.#parts.set(part, check);
  }

  /** The worst part decides. A check that throws counts as down; its message is not shown (it may name internals). */
  async report(): Promise<HealthReport> {
    const parts: Record<string, PartHealth> = {};
    await Promise.all(
      [...this.#parts].map(async ([name, check]) => {
        try {
          parts[name] = await check();
          if (this.#failing.delete(name)) this.#logger.info({ part: name }, 'health check works again');
        } catch (error) {
          // Once per failure, not once per look.
          if (!this.#failing.has(name)) this.#logger.error({ err: error, part: name }, 'health check failed');
          this.#failing.add(name);
          parts[name] = {
            status: 'down',
            code: 'check-failed',
            detail: `the check of ${name} failed; see the service's log`,
          };
        }
      }),
    );
    const statuses = Object.values(parts).map((part) => part.status);
    const status = statuses.includes('down') ? 'down' : statuses.includes('degraded') ? 'degraded' : 'up';
    return { status, parts: Object.fromEntries(Object.entries(parts).sort(([a], [b]) => a.localeCompare(b))) };
  }
}
