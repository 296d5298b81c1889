// What the outside world has seen: every receipt that was given and every checkpoint that was shown, by whichever process.
// Whatever happens, none of it may turn out to be untrue.

import { setTimeout as delay } from 'node:timers/promises';
import type { RecordSystem, Version } from '../../flow/support/record-system.ts';

export interface Acknowledged {
  readonly index: string;
  readonly leafHash: string;
}

export class Witness {
  /** By record id and version id. */
  readonly receipts = new Map<string, Acknowledged>();
  /** Every text that was shown as the checkpoint of a size. */
  readonly notes = new Map<string, Set<string>>();
  /** Sent, and not yet acknowledged: safe to repeat. */
  readonly pending = new Map<string, Version>();

  /** Submits once; the status, or 0 when there was no answer. */
  async submit(api: RecordSystem, version: Version, wait?: string): Promise<number> {
    const name = `${version.recordId} ${version.versionId}`;
    this.pending.set(name, version);
    try {
      const { status, body } = await api.submit(version, wait);
      if (status === 200 || status === 201) this.#acknowledge(name, body);
      return status;
    } catch {
      return 0;
    }
  }

  #acknowledge(name: string, { index, leafHash }: Acknowledged): void {
    const before = this.receipts.get(name);
    if (before !== undefined && (before.index !== index || before.leafHash !== leafHash))
      throw new Error(`${name} was acknowledged at ${before.index}, and again at ${index}`);
    this.receipts.set(name, { index, leafHash });
    this.pending.delete(name);
  }

  /** Everything without an answer is sent again. @returns the statuses */
  async repeat(api: RecordSystem): Promise<readonly number[]> {
    return Promise.all([...this.pending.values()].map((version) => this.submit(api, version)));
  }

  /** Looks at the checkpoint; a service that does not answer shows nothing. */
  async look(api: RecordSystem): Promise<void> {
    try {
      const { status, text } = await api.text('/checkpoint');
      if (status !== 200) return;
      const size = text.split('\n')[1] ?? '';
      this.notes.set(size, (this.notes.get(size) ?? new Set()).add(text));
    } catch {
      // It is down.
    }
  }

  /** Looks again and again until told to stop. */
  watch(api: () => RecordSystem, everyMs = 20): () => Promise<void> {
    const stop = new AbortController();
    const watching = (async () => {
      while (!stop.signal.aborted) {
        await this.look(api());
        await delay(everyMs);
      }
    })();
    return async () => {
      stop.abort();
      await watching;
    };
  }
}
