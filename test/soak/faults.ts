// The faults of the soak: each begins, lasts for a moment that is drawn, and ends. What must be true afterwards is not their
// business.

import { setTimeout as delay } from 'node:timers/promises';
import { STOPS, type Cluster } from '../fault/support/cluster.ts';
import type { ChainLine } from '../fault/support/chain-line.ts';
import { LIES } from '../fault/support/lies.ts';
import { ServiceProcess } from '../fault/support/service-process.ts';
import type { Site } from '../flow/support/site.ts';

/** Two instances of the service on one database server and one chain. */
export class Stage {
  readonly site: Site;
  readonly cluster: Cluster;
  readonly line: ChainLine;
  readonly draw: () => number;
  readonly #settings: Readonly<Record<string, string>>;
  readonly services: (ServiceProcess | null)[] = [null, null];

  constructor(site: Site, cluster: Cluster, line: ChainLine, draw: () => number) {
    this.site = site;
    this.cluster = cluster;
    this.line = line;
    this.draw = draw;
    this.#settings = {
      CHAIN_RPC_URL: line.url,
      CHAIN_TIMEOUT_MS: '1000',
      ANCHOR_INTERVAL_MS: '500',
      ANCHOR_FEE_BUMP_AFTER_MS: '1000',
    };
  }

  /** Those that run. */
  get running(): readonly ServiceProcess[] {
    return this.services.filter((service) => service !== null);
  }

  async start(place: number): Promise<void> {
    this.services[place] = await ServiceProcess.start(this.site, this.#settings);
  }

  async end(place: number, how: 'kill' | 'stop'): Promise<void> {
    const service = this.services[place];
    this.services[place] = null;
    await service?.[how]();
  }

  any<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.draw() * choices.length)] as T;
  }

  /** A moment between the two. */
  moment(fromMs: number, toMs: number): Promise<void> {
    return delay(fromMs + this.draw() * (toMs - fromMs));
  }

  node(method: string, ...params: unknown[]): Promise<unknown> {
    return this.site.chain.provider.send(method, params);
  }
}

/** @returns what was done, in a few words */
export type Fault = (stage: Stage) => Promise<string>;

export const FAULTS: readonly Fault[] = [
  async (stage) => {
    const place = stage.any([0, 1]);
    const how = stage.any(['kill', 'stop'] as const);
    await stage.end(place, how);
    await stage.moment(0, 1500);
    await stage.start(place);
    return `instance ${place}: ${how}`;
  },
  async (stage) => {
    await Promise.all([stage.end(0, 'kill'), stage.end(1, 'kill')]);
    await stage.moment(0, 1000);
    await Promise.all([stage.start(0), stage.start(1)]);
    return 'both instances: kill';
  },
  async (stage) => {
    const how = stage.any(STOPS);
    await stage.cluster.stop(how);
    await stage.moment(0, 3000);
    await stage.cluster.start();
    return `database stopped: ${how}`;
  },
  async (stage) => {
    await stage.line.sever();
    await stage.moment(500, 5000);
    await stage.line.mend();
    return 'chain gone';
  },
  async (stage) => {
    const { name, tell } = stage.any(LIES);
    stage.line.alter(tell);
    await stage.moment(500, 3000);
    stage.line.alter();
    return `endpoint lies: ${name}`;
  },
  async (stage) => {
    const snapshot = await stage.node('evm_snapshot');
    await stage.moment(500, 2500);
    await stage.node('evm_revert', snapshot);
    return 'chain without its last blocks';
  },
  async (stage) => {
    await stage.node('evm_setAutomine', false);
    await stage.moment(500, 4000);
    await stage.node('evm_setAutomine', true);
    await stage.node('evm_mine');
    return 'nothing was mined';
  },
  async (stage) => {
    // Two at once.
    const [one, other] = [stage.any(FAULTS.slice(0, 3)), stage.any(FAULTS.slice(3, 7))];
    return (await Promise.all([one(stage), other(stage)])).join(', and ');
  },
];
