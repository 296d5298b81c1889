// The service as a process of its own, exactly as it is deployed: the built main.js, which can be killed at any moment.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { PROJECT_ROOT } from '../../../scripts/launch/settings.ts';
import { freePort } from '../../../scripts/launch/ports.ts';
import { RecordSystem } from '../../flow/support/record-system.ts';
import { signInAt } from '../../support/sign-in.ts';
import type { Site } from '../../flow/support/site.ts';

const READY_WITHIN_MS = 60_000;

export class ServiceProcess {
  readonly api: RecordSystem;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** What it said on standard output and standard error. */
  readonly #said: string[] = [];

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.api = new RecordSystem(url);
    this.#exited = once(child, 'exit');
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (octets: Buffer) => {
        this.#said.push(octets.toString('utf8'));
        if (this.#said.length > 100) this.#said.shift();
      });
  }

  /** Resolves when it answers. It ends with this process, however that ends: the channel between them closes. */
  static async start(site: Site, settings: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const port = String(await freePort());
    signInAt(`http://127.0.0.1:${port}`, { ...site.environment(settings), PORT: port });
    const child = spawn(process.execPath, [path.join(PROJECT_ROOT, 'api', 'dist', 'main.js')], {
      env: { PATH: process.env['PATH'], ...site.environment({ LOG_LEVEL: 'warn', ...settings }), PORT: port },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const service = new ServiceProcess(child, `http://127.0.0.1:${port}`);
    await service.#ready();
    return service;
  }

  async #ready(): Promise<void> {
    for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline;) {
      if (this.hasEnded) break;
      const answer = await this.api.health().catch(() => null);
      if (answer?.status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await this.kill();
    throw new Error(`the service did not become ready:\n${this.#said.join('')}`);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** As the kernel does it: nothing of it runs any more when this resolves. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    if (!this.hasEnded) await this.#exited;
  }

  /** @returns the exit code */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    if (!this.hasEnded) await this.#exited;
    return this.#child.exitCode;
  }
}
