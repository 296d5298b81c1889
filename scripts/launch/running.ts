// `running.json` in the data folder: where the parts of a running MedAnchor are, for commands that work beside it. Holds
// no secret: passwords and keys stay in their own files, and what the user brought (DATABASE_URL, CHAIN_RPC_URL) is not
// repeated. A file that a killed launcher left behind is recognised by its process.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { processStart } from '../prepare/lock.mjs';
import { replaceFile, type DataFolder } from './data-folder.ts';

const runningSchema = z.strictObject({
  pid: z.int(),
  started: z.string(),
  /** null: the database, or the chain, is not one of ours. */
  databasePort: z.int().nullable(),
  chainUrl: z.string().nullable(),
  chainId: z.string(),
  contract: z.string(),
  origin: z.string(),
});

export type Running = Omit<z.output<typeof runningSchema>, 'pid' | 'started'>;

/** Written when everything is ready; the part that is stopped first takes it away. */
export function announceRunning(folder: DataFolder, { databasePort, chainUrl, chainId, contract, origin }: Running) {
  const own = { pid: process.pid, started: processStart(process.pid) ?? '' };
  replaceFile(
    folder.running,
    `${JSON.stringify({ ...own, databasePort, chainUrl, chainId, contract, origin }, null, 2)}\n`,
  );
  return { stop: async () => rmSync(folder.running, { force: true }) };
}

/** null while nothing runs on this folder, or not yet completely. */
export function readRunning(folder: DataFolder): Running | null {
  if (!existsSync(folder.running)) return null;
  const { pid, started, ...running } = runningSchema.parse(JSON.parse(readFileSync(folder.running, 'utf8')));
  return processStart(pid) === started ? running : null;
}
