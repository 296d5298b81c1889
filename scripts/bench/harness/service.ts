// A MedAnchor of the bench's own, started as in production: PostgreSQL with fsync on, the local chain, the API as one
// process from its build. In a temporary folder and on free ports, so it runs beside a running service and leaves nothing.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { removeFolder } from '../../demo/throw-away.ts';
import { startApi, type Api } from '../../launch/api.ts';
import { startFoundation, stopParts, type Foundation } from '../../launch/foundation.ts';
import { freePort } from '../../launch/ports.ts';
import { loadSettings, type Environment } from '../../launch/settings.ts';
import type { Parts } from './cpu-meter.ts';
import { requireDurable } from './durability.ts';
import { findDescendant } from './processes.ts';

const BASELINE_DATABASE = 'bench_baseline';

const sizesSchema = z.object({
  sizes: z.object({
    sequenced: z.coerce.number(),
    integrated: z.coerce.number(),
    checkpointed: z.coerce.number(),
    anchored: z.coerce.number(),
    confirmed: z.coerce.number(),
  }),
});

export type Sizes = z.output<typeof sizesSchema>['sizes'];

export interface ServiceOptions {
  readonly say: (text: string) => void;
  /** A folder for CPU profiles of the API, written when it stops. */
  readonly profile: string | undefined;
}

export class Service {
  readonly #home: string;
  readonly #foundation: Foundation;
  readonly #options: ServiceOptions;
  readonly port: number;
  /** Of the ledger's database. */
  readonly pool: pg.Pool;
  #api: Api;
  #apiPid: number | null;

  private constructor(home: string, foundation: Foundation, port: number, api: Api, options: ServiceOptions) {
    this.#home = home;
    this.#foundation = foundation;
    this.#options = options;
    this.port = port;
    this.pool = new pg.Pool({ connectionString: foundation.databaseUrl, max: 2 });
    this.pool.on('error', () => undefined);
    this.#api = api;
    this.#apiPid = findDescendant('api/dist/main.js');
  }

  /** @throws when the database would lose what was committed */
  static async start(options: ServiceOptions): Promise<Service> {
    const home = mkdtempSync(path.join(tmpdir(), 'medanchor-bench-'));
    let foundation: Foundation | undefined;
    try {
      const environment = await benchEnvironment(home);
      const settings = loadSettings(environment);
      foundation = await startFoundation({ settings, environment, step: () => undefined, notice: options.say });
      const api = await startApi(apiOptions(foundation, options));
      const service = new Service(home, foundation, settings.PORT, api, options);
      try {
        await requireDurable(service.pool);
        await service.pool.query(`CREATE DATABASE ${BASELINE_DATABASE}`);
      } catch (error) {
        await service.end();
        throw error;
      }
      return service;
    } catch (error) {
      if (foundation !== undefined) await stopParts(foundation.parts);
      removeFolder(home);
      throw error;
    }
  }

  get url(): string {
    return this.#api.url;
  }

  /** The complete environment of the API, for the service's other commands. */
  get env(): Readonly<Record<string, string>> {
    return this.#foundation.env;
  }

  /** The database of the plain rows and of the prototype, on the same server. */
  get baselineUrl(): string {
    const url = new URL(this.#foundation.databaseUrl);
    url.pathname = `/${BASELINE_DATABASE}`;
    return url.href;
  }

  /** Roots of the process trees whose CPU time is measured. */
  get parts(): Parts & { readonly api: number | null } {
    const state = z.object({ cluster: z.string() });
    const { cluster } = state.parse(JSON.parse(readFileSync(this.#foundation.folder.postgresState, 'utf8')));
    const postmaster = Number(readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return { api: this.#apiPid, postgres: postmaster, chain: findDescendant('chain/serve.ts') };
  }

  /** How far each stage has come. */
  async sizes(): Promise<Sizes> {
    const response = await fetch(`${this.url}/v1/log`);
    if (!response.ok) throw new Error(`GET /v1/log: ${String(response.status)} ${await response.text()}`);
    return sizesSchema.parse(await response.json()).sizes;
  }

  /** Stops and starts the API on the same database and chain; seconds until it was ready, to about a tenth. */
  async restartApi(): Promise<number> {
    await this.#api.stop();
    const began = performance.now();
    this.#api = await startApi(apiOptions(this.#foundation, this.#options));
    this.#apiPid = findDescendant('api/dist/main.js');
    return (performance.now() - began) / 1000;
  }

  async end(): Promise<void> {
    await this.pool.end();
    await this.#api.stop();
    await stopParts(this.#foundation.parts);
    removeFolder(this.#home);
  }
}

function apiOptions({ env, folder }: Foundation, { say, profile }: ServiceOptions): Parameters<typeof startApi>[0] {
  const profiled =
    profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${JSON.stringify(profile)}` };
  return {
    env: { ...env, ...profiled },
    logFile: path.join(folder.logs, 'api.log'),
    show: (line) => say(`API: ${line}`),
  };
}

/** Everything else is as `npm start` has it. */
async function benchEnvironment(home: string): Promise<Environment> {
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TMPDIR: process.env['TMPDIR'],
    NODE_ENV: 'production',
    MEDANCHOR_HOME: home,
    PORT: String(await freePort()),
    CHAIN_PORT: String(await freePort()),
    LOG_ORIGIN: 'bench.medanchor.local/log/1',
    // A sweep is measured by itself; one that begins a minute after the start would be measured with half of the rows.
    FSCK_INTERVAL_MS: '0',
    FSCK_FULL_INTERVAL_MS: '0',
    // Entries of the access log's own would be counted with those that are measured.
    ACCESS_LOG_ANCHOR_INTERVAL_MS: '86400000',
  };
}
