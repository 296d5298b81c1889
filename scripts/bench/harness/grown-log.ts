// One log that grows from size to size through POST /v1/versions, while memory and integration lag are watched. The sections
// that want a log of a certain size look at it when it has got there.

import { startBaselineServer, prepareTables, type BaselineServer } from '../baseline/start-server.ts';
import { generateLoad } from '../load/generator.ts';
import { residentOctets } from './processes.ts';
import type { Context } from './context.ts';
import type { Service } from './service.ts';

/** The API over one stretch of growth. */
export interface Stretch {
  /** Records in the log at its end. */
  readonly entries: number;
  readonly perSecond: number;
  readonly residentOctets: number | null;
  readonly mostResidentOctets: number | null;
  readonly heapOctets: number | null;
  /** Sequenced and not yet integrated: the most that was seen, and the seconds until it was nothing after the last append. */
  readonly mostLag: number;
  readonly lagSeconds: number;
}

const CLIENTS = 4;
const SAMPLE_MS = 500;
const PATIENCE_MS = 300_000;

export class GrownLog {
  readonly service: Service;
  readonly baseline: BaselineServer;
  readonly #say: (text: string) => void;
  readonly #stretches: Stretch[] = [];
  #entries = 0;

  private constructor(service: Service, baseline: BaselineServer, say: (text: string) => void) {
    this.service = service;
    this.baseline = baseline;
    this.#say = say;
  }

  static async open(context: Context): Promise<GrownLog> {
    const service = await context.service();
    await prepareTables(service.baselineUrl, 0);
    const baseline = await startBaselineServer(service.baselineUrl);
    context.cleanUp(() => baseline.stop());
    return new GrownLog(service, baseline, context.say);
  }

  /** Records in the log, each with one version; the log itself also has the entry of its first anchor epoch. */
  get entries(): number {
    return this.#entries;
  }

  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  /** Grows in stretches of at most `step` and waits until everything is anchored; the baseline's table grows as well. */
  async growTo(entries: number, step: number): Promise<void> {
    while (this.#entries < entries) await this.#stretch(Math.min(step, entries - this.#entries));
    await prepareTables(this.service.baselineUrl, entries);
    await this.#until((sizes) => sizes.confirmed === sizes.sequenced, 'everything is confirmed');
  }

  async #stretch(count: number): Promise<void> {
    const { service } = this;
    let [mostLag, mostResident] = [0, 0];
    let looking = Promise.resolve();
    const look = async (): Promise<void> => {
      const { sequenced, integrated } = await service.sizes();
      mostLag = Math.max(mostLag, sequenced - integrated);
      mostResident = Math.max(mostResident, this.#resident() ?? 0);
    };
    const sampler = setInterval(() => {
      looking = looking.then(look);
      // It is awaited below, unless the load fails before, and then the load's error is the one to tell.
      looking.catch(() => undefined);
    }, SAMPLE_MS);
    try {
      const { seconds } = await generateLoad(
        {
          kind: 'ndjson',
          port: service.port,
          token: await service.token(),
          clients: CLIENTS,
          resource: '1kB',
          fields: 'off',
          records: { count, first: this.#entries, order: 'sequence', versions: 1, population: 0 },
          prepared: false,
        },
        { parts: service.parts },
      );
      const end = performance.now();
      clearInterval(sampler);
      await looking;
      await this.#until((sizes) => sizes.integrated === sizes.sequenced, 'everything is integrated');
      const lagSeconds = (performance.now() - end) / 1000;
      this.#entries += count;
      const stretch: Stretch = {
        entries: this.#entries,
        perSecond: count / seconds,
        residentOctets: this.#resident(),
        mostResidentOctets: mostResident === 0 ? null : mostResident,
        heapOctets: await heapOctets(service),
        mostLag,
        lagSeconds,
      };
      this.#stretches.push(stretch);
      const mib = ((stretch.residentOctets ?? 0) / 2 ** 20).toFixed(0);
      this.#say(`${this.#entries.toLocaleString('en')} entries, ${stretch.perSecond.toFixed(0)}/s, RSS ${mib} MiB`);
    } finally {
      clearInterval(sampler);
    }
  }

  #resident(): number | null {
    const { api } = this.service.parts;
    return api === null ? null : residentOctets(api);
  }

  async #until(done: (sizes: Awaited<ReturnType<Service['sizes']>>) => boolean, what: string): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline;) {
      if (done(await this.service.sizes())) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`waited ${String(PATIENCE_MS / 1000)} s in vain until ${what}`);
  }
}

async function heapOctets(service: Service): Promise<number | null> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const found = /^nodejs_heap_size_used_bytes ([0-9.e+]+)$/m.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}
