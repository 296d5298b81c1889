// A MedAnchor of the bench's own, started as in production: PostgreSQL with fsync on, the local chain, the API as one
// process from its build. In a temporary folder and on free ports, so it runs beside a running service and leaves nothing.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { removeFolder } from '../../demo/throw-away.ts';
import { startInstance, type Instance } from '../../launch/instance.ts';
import { freePort } from '../../launch/ports.ts';
import { loadSettings, type Environment } from '../../launch/settings.ts';
import type { Parts } from './cpu-meter.ts';
import { requireDurable } from './durability.ts';
import { findDescendant } from './processes.ts';

export interface Service {
  readonly url: string;
  readonly port: number;
  /** Roots of the process trees whose CPU time is measured. */
  readonly parts: Parts;
  /** Connection URL of a database of the same PostgreSQL. */
  databaseUrl(name: string): string;
  readonly pool: pg.Pool;
  /** Stops and starts everything on the same data; seconds until the API was ready. */
  restart(): Promise<number>;
  end(): Promise<void>;
}

const BASELINE_DATABASE = 'bench_baseline';

export async function startService(say: (text: string) => void): Promise<Service> {
  const home = mkdtempSync(path.join(tmpdir(), 'medanchor-bench-'));
  const environment = await benchEnvironment(home);
  const settings = loadSettings(environment);
  const start = async (): Promise<Instance> =>
    startInstance({ settings, environment, step: () => undefined, notice: say });
  let instance: Instance | undefined;
  let pool: pg.Pool | undefined;
  const stop = async (): Promise<void> => {
    await pool?.end();
    await instance?.stop();
    pool = undefined;
    instance = undefined;
  };
  const connect = async (running: Instance): Promise<pg.Pool> => {
    const opened = new pg.Pool({ connectionString: running.databaseUrl, max: 2 });
    opened.on('error', () => undefined);
    await requireDurable(opened);
    return opened;
  };
  try {
    instance = await start();
    pool = await connect(instance);
    await pool.query(`CREATE DATABASE ${BASELINE_DATABASE}`);
    const current = (): { instance: Instance; pool: pg.Pool } => {
      if (instance === undefined || pool === undefined) throw new Error('the service is not running');
      return { instance, pool };
    };
    return {
      url: instance.apiUrl,
      port: settings.PORT,
      get parts() {
        return partsOf(current().instance);
      },
      get pool() {
        return current().pool;
      },
      databaseUrl(name) {
        const url = new URL(current().instance.databaseUrl);
        url.pathname = `/${name}`;
        return url.href;
      },
      async restart() {
        await stop();
        const began = performance.now();
        instance = await start();
        const seconds = (performance.now() - began) / 1000;
        pool = await connect(instance);
        return seconds;
      },
      async end() {
        await stop();
        removeFolder(home);
      },
    };
  } catch (error) {
    await stop();
    removeFolder(home);
    throw error;
  }
}

/** The database of the plain rows and of the prototype, on the same server. */
export function baselineUrl(service: Service): string {
  return service.databaseUrl(BASELINE_DATABASE);
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
  };
}

function partsOf(instance: Instance): Parts {
  const { cluster } = z
    .object({ cluster: z.string() })
    .parse(JSON.parse(readFileSync(instance.folder.postgresState, 'utf8')));
  const postmaster = Number(readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
  return { api: findDescendant('api/dist/main.js'), postgres: postmaster, chain: findDescendant('chain/serve.ts') };
}
