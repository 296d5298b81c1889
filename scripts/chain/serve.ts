// The local chain as a process of its own: `node scripts/chain/serve.ts --data FOLDER [--host H] [--port P]`.
// Replays the journal in FOLDER, then serves JSON-RPC. Prints one JSON line on standard output when it is ready;
// whatever goes wrong is said on standard error. SIGTERM and SIGINT end it cleanly; kill -9 loses nothing either.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../prepare/error-facts.mjs';
import { acquireLock } from '../prepare/lock.mjs';
import { openHardhatNode } from './hardhat-node.ts';
import { JOURNAL_NAME, JournalWriter, readJournal } from './journal.ts';
import type { ChainReady } from './ready.ts';
import { catchUpClock, readIdentity, replayJournal } from './replay.ts';
import { RpcServer } from './rpc-server.ts';
import { Sequencer } from './sequencer.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8545' },
      'allow-admin': { type: 'boolean', default: false },
    },
  });
  if (values.data === undefined) throw new Error('--data FOLDER is missing: where the journal is kept');
  const folder = path.resolve(values.data);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = acquireLock(path.join(folder, 'chain.lock'));

  const file = path.join(folder, JOURNAL_NAME);
  const journal = readJournal(file);
  const node = await openHardhatNode();
  const identity = await readIdentity(node);
  const started = performance.now();
  await replayJournal(node, identity, journal);
  const replayMs = Math.round(performance.now() - started);
  await catchUpClock(node, BigInt(Math.floor(Date.now() / 1000)));

  const writer = new JournalWriter(file, journal, identity);
  const sequencer = new Sequencer(
    node,
    writer,
    journal.entries.map((entry) => entry.hash),
  );
  const server = new RpcServer({
    node,
    sequencer,
    host: values.host,
    port: Number(values.port),
    allowAdmin: values['allow-admin'],
    onFatal: (error) => {
      process.stderr.write(`${error.message}: ${String(error.cause)}\n`);
      // The answer to the sender is an error; give it a moment to leave.
      setTimeout(() => process.exit(1), 200);
    },
  });
  const { url, port } = await server.listen();
  const ready: ChainReady = {
    url,
    port,
    chainId: identity.chainId,
    replayed: journal.entries.length,
    replayMs,
    dropped: journal.dropped,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);

  const stop = async (): Promise<void> => {
    await server.close();
    writer.close();
    lock.release();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
});
