// A service that can die at any write point. It speaks to its database and its chain through lines of its own; when it dies,
// both are severed for ever, so that whatever still runs in this process can do nothing any more, and it is discarded.

import type { RecordSystem } from '../../flow/support/record-system.ts';
import type { RunningService, Site } from '../../flow/support/site.ts';
import { ChainLine } from './chain-line.ts';
import { DatabaseLine } from './database-line.ts';
import type { Fate } from './write-point.ts';

export const MOMENTS = ['before it', 'after it took effect'] as const;

export interface Fatal {
  readonly point: string;
  readonly moment: (typeof MOMENTS)[number];
}

export class Fragile {
  readonly #lines: { database?: DatabaseLine; chain?: ChainLine } = {};
  readonly #seen = new Set<string>();
  #service: RunningService | undefined;
  #fatal: Fatal | undefined;
  #died: () => void = () => undefined;
  /** Resolves when the fatal write point was reached. */
  readonly dead: Promise<void>;
  isDead = false;

  private constructor() {
    this.dead = new Promise((resolve) => {
      this.#died = resolve;
    });
  }

  /** Starts through the normal code. With `fatal` it may die while it starts. */
  static async start(site: Site, settings: Readonly<Record<string, string>> = {}, fatal?: Fatal): Promise<Fragile> {
    const fragile = new Fragile();
    fragile.#fatal = fatal;
    const judge = (point: string): Fate => fragile.#judge(point);
    const die = (): void => fragile.#die();
    const database = await DatabaseLine.to(site.database.url, judge, die);
    const chain = await ChainLine.to(site.chain.url, judge, die);
    Object.assign(fragile.#lines, { database, chain });
    try {
      fragile.#service = await site.start({ ...settings, DATABASE_URL: database.url, CHAIN_RPC_URL: chain.url });
    } catch (error) {
      await fragile.#sever();
      if (!fragile.isDead) throw error;
    }
    return fragile;
  }

  /** The next time that it comes to this write point is its last. */
  dieAt(fatal: Fatal): void {
    this.#fatal = fatal;
  }

  get api(): RecordSystem {
    if (this.#service === undefined) throw new Error('it died while it started');
    return this.#service.api;
  }

  /** Every write point that came by. */
  get seen(): readonly string[] {
    return [...this.#seen].sort();
  }

  #judge(point: string): Fate {
    this.#seen.add(point);
    if (point !== this.#fatal?.point) return 'pass';
    const { moment } = this.#fatal;
    this.#fatal = undefined;
    return moment === 'before it' ? 'die-before' : 'die-after';
  }

  #die(): void {
    this.isDead = true;
    void this.#sever();
    this.#died();
  }

  async #sever(): Promise<void> {
    await Promise.all([this.#lines.database?.sever(), this.#lines.chain?.sever()]);
  }

  /** It dies now, if it is not dead already, and what is left of it goes: nothing of it can reach anything. */
  async discard(): Promise<void> {
    await this.#sever();
    await this.#service?.stop().catch(() => undefined);
  }
}
