// Ports on the loopback interface.

import { createServer } from 'node:net';
import { codeOf } from '../prepare/error-facts.mjs';

/** What to do about a busy port is part of the message: the variable that changes it. */
export class PortBusyError extends Error {
  override name = 'PortBusyError';

  constructor(port: number, host: string, what: string, variable: string) {
    super(
      `port ${String(port)} on ${host} is in use, and ${what} needs it. Set ${variable} to another port, or stop what uses it`,
    );
  }
}

export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return (await tryListen(port, host)) !== null;
}

/** A port that was free a moment ago. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const port = await tryListen(0, host);
  if (port === null) throw new Error(`no free port on ${host}`);
  return port;
}

/** Waits a moment for what an interrupted run left behind, which ends by itself, before it complains. */
export async function requireFree(port: number, host: string, what: string, variable: string): Promise<void> {
  for (const deadline = Date.now() + 3000; Date.now() < deadline;) {
    if (await isFree(port, host)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new PortBusyError(port, host, what, variable);
}

/** The port that was listened on, or null when it was taken. */
async function tryListen(port: number, host: string): Promise<number | null> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host, exclusive: true }, resolve);
    });
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EADDRINUSE' || code === 'EACCES') return null;
    throw error;
  } finally {
    server.close();
  }
}
