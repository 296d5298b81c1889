// Health by part. Each area registers what it knows; the HTTP side only collects.
import { Injectable } from '@nestjs/common';

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
        } catch {
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
