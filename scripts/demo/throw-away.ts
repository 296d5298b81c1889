// A MedAnchor of the demo's own: its own temporary folder, free ports, and none of the user's settings, so that it can
// run beside a running `npm start` and leaves nothing behind.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { openProvider } from '../deploy/deploy-registry.ts';
import { startInstance, type Instance } from '../launch/instance.ts';
import { tokenSource } from '../launch/token.ts';
import { freePort } from '../launch/ports.ts';
import { loadSettings, type Environment, type LauncherSettings } from '../launch/settings.ts';
import { LedgerClient } from '../sample/ledger-client.ts';
import { createAuditor } from './auditor.ts';
import type { Scene } from './step.ts';

export interface ThrowAway extends Scene {
  /** Stops everything and removes the folder. */
  end(): Promise<void>;
}

export async function startThrowAway(say: (text: string) => void): Promise<ThrowAway> {
  const home = mkdtempSync(path.join(tmpdir(), 'medanchor-demo-'));
  const environment = await demoEnvironment(home);
  const settings = loadSettings(environment);
  try {
    const running = await Running.start(settings, environment, say);
    const auditor = createAuditor(await running.client.log(), () => running.chain);
    return {
      get instance() {
        return running.instance;
      },
      get client() {
        return running.client;
      },
      get chain() {
        return running.chain;
      },
      auditor,
      restart: () => running.restart(),
      async end() {
        await running.stop();
        removeFolder(home);
      },
    };
  } catch (error) {
    removeFolder(home);
    throw error;
  }
}

/** Nobody wants to watch the default intervals of the stages; nothing else differs from `npm start`. */
async function demoEnvironment(home: string): Promise<Environment> {
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TMPDIR: process.env['TMPDIR'],
    MEDANCHOR_HOME: home,
    PORT: String(await freePort()),
    CHAIN_PORT: String(await freePort()),
    LOG_ORIGIN: 'demo.medanchor.local/log/1',
    CHECKPOINT_INTERVAL_MS: '100',
    ANCHOR_INTERVAL_MS: '250',
    CONFIRM_INTERVAL_MS: '250',
  };
}

class Running {
  readonly #settings: LauncherSettings;
  readonly #environment: Environment;
  readonly #say: (text: string) => void;
  instance: Instance;
  client: LedgerClient;
  chain: ReturnType<typeof openProvider>;

  private constructor(
    settings: LauncherSettings,
    environment: Environment,
    say: (text: string) => void,
    instance: Instance,
  ) {
    this.#settings = settings;
    this.#environment = environment;
    this.#say = say;
    this.instance = instance;
    this.client = new LedgerClient(instance.apiUrl, tokenSource(instance.env));
    this.chain = openProvider(instance.chainUrl);
  }

  static async start(
    settings: LauncherSettings,
    environment: Environment,
    say: (text: string) => void,
  ): Promise<Running> {
    const instance = await startInstance({ settings, environment, step: say, notice: say });
    return new Running(settings, environment, say, instance);
  }

  async restart(): Promise<void> {
    await this.stop();
    const again = { settings: this.#settings, environment: this.#environment, step: this.#say, notice: this.#say };
    this.instance = await startInstance(again);
    this.client = new LedgerClient(this.instance.apiUrl, tokenSource(this.instance.env));
    this.chain = openProvider(this.instance.chainUrl);
  }

  async stop(): Promise<void> {
    this.chain.destroy();
    await this.instance.stop();
  }
}

/** With the database's files, which lie elsewhere when root's temporary folder is closed to the database account. */
export function removeFolder(home: string): void {
  const state = path.join(home, 'postgres.json');
  if (existsSync(state)) {
    const { cluster } = z.object({ cluster: z.string() }).parse(JSON.parse(readFileSync(state, 'utf8')));
    rmSync(cluster, { recursive: true, force: true });
  }
  rmSync(home, { recursive: true, force: true });
}
