// Several clients who submit one version after the other, never two at once each, and repeat what had no answer. Which
// record gets its next version, and through which service, is drawn with the seed.

import { setTimeout as delay } from 'node:timers/promises';
import type { RecordSystem } from '../../flow/support/record-system.ts';
import { observation } from '../../flow/support/records.ts';
import type { Witness } from './witness.ts';

const RECORDS_PER_CLIENT = 5;
const PAUSE_AFTER_TROUBLE_MS = 50;

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface LoadOptions {
  readonly name: string;
  readonly clients: number;
  readonly seed: number;
  /** Between two submissions of a client: what bounds the load. */
  readonly pauseMs: number;
  /** Those that may be asked now. */
  readonly services: () => readonly RecordSystem[];
}

export class Load {
  readonly #witness: Witness;
  readonly #options: LoadOptions;
  readonly #stop = new AbortController();
  readonly #clients: readonly Promise<void>[];
  /** By status; 0 is no answer at all. */
  readonly statuses = new Map<number, number>();

  constructor(witness: Witness, options: LoadOptions) {
    this.#witness = witness;
    this.#options = options;
    this.#clients = Array.from({ length: options.clients }, (_, client) => this.#client(client));
  }

  async #client(client: number): Promise<void> {
    const { name, seed, pauseMs, services } = this.#options;
    const draw = random(seed * 1000 + client);
    const versions = Array.from({ length: RECORDS_PER_CLIENT }, () => 0);
    while (!this.#stop.signal.aborted) {
      const record = Math.floor(draw() * RECORDS_PER_CLIENT);
      const number = versions[record] ?? 0;
      // Until it is acknowledged, the same version with the same content.
      const version = observation(`${name}-${client}-${record}`, String(number), `1.${100 + number}`);
      const all = services();
      const service = all[Math.floor(draw() * all.length)];
      const status = service === undefined ? 0 : await this.#witness.submit(service, version);
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      const done = status === 200 || status === 201;
      if (done) versions[record] = number + 1;
      await delay(done ? pauseMs : PAUSE_AFTER_TROUBLE_MS);
    }
  }

  /** Waits for the answers that are under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#clients);
  }
}
