// One running MedAnchor: its foundation and the API on top. `npm start` runs one on the user's data; the demo and the
// tests run throw-away ones.

import path from 'node:path';
import { startApi, type Api } from './api.ts';
import { startFoundation, stopParts, type Foundation, type FoundationOptions } from './foundation.ts';

export interface Instance extends Omit<Foundation, 'parts'> {
  readonly apiUrl: string;
  /** Asks the API, over TLS too. */
  readonly get: Api['get'];
  /** Resolves with a sentence when one of the parts ends by itself. */
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

/** Resolves when the API is ready. When anything fails, what was started is stopped again before the error is thrown. */
export async function startInstance(options: FoundationOptions): Promise<Instance> {
  const { parts, ...foundation } = await startFoundation(options);
  try {
    options.step('starting the API');
    const api = await startApi({
      env: foundation.env,
      logFile: path.join(foundation.folder.logs, 'api.log'),
      show: (line) => options.notice(`API: ${line}`),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    parts.push(api);
    const failed = Promise.race(parts.flatMap((part) => (part.exited === undefined ? [] : [part.exited])));
    return { ...foundation, apiUrl: api.url, get: api.get, failed, stop: () => stopParts(parts) };
  } catch (error) {
    await stopParts(parts);
    throw error;
  }
}
