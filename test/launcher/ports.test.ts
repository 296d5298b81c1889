// A busy port is named, with the variable that changes it; one that becomes free in a moment is no reason to complain.

import { createServer, type Server } from 'node:net';
import { expect, test } from '@jest/globals';
import { freePort, isFree, requireFree } from '../../scripts/launch/ports.ts';

async function occupy(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  return server;
}

test('a busy port', async () => {
  const port = await freePort();
  const server = await occupy(port);
  try {
    expect(await isFree(port)).toBe(false);
    await expect(requireFree(port, '127.0.0.1', 'the API', 'PORT')).rejects.toThrow(
      `port ${String(port)} on 127.0.0.1 is in use, and the API needs it. Set PORT to another port`,
    );
  } finally {
    server.close();
  }
}, 10_000);

test('a port that an ending process still holds is waited for', async () => {
  const port = await freePort();
  const server = await occupy(port);
  setTimeout(() => server.close(), 500);
  await expect(requireFree(port, '127.0.0.1', 'the API', 'PORT')).resolves.toBeUndefined();
}, 10_000);
