// A client that sends its request octet by octet keeps a connection, and memory, for as long as it likes (CWE-400,
// "slow loris"). Headers are Node's business (`headersTimeout`); bodies are ours, since a stream of lines may honestly
// take hours and Node's `requestTimeout` knows one limit only.
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { httpProblem } from './problem.ts';
import { sendProblem } from './problem.filter.ts';

export interface SlowRequestSettings {
  /** For a whole body that is collected. */
  readonly bodyTimeoutMs: number;
  /** For the next octet of a stream that we are ready to read. */
  readonly idleTimeoutMs: number;
  readonly isStream: (contentType: string | undefined) => boolean;
}

const TIMER = Symbol('medanchor:slow-request');

declare module 'fastify' {
  interface FastifyRequest {
    [TIMER]?: NodeJS.Timeout;
  }
}

export function cutOffSlowRequests(fastify: FastifyInstance, settings: SlowRequestSettings): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!hasBody(request)) {
      done();
      return;
    }
    if (settings.isStream(request.headers['content-type'])) {
      request[TIMER] = watchStream(request, settings.idleTimeoutMs);
    } else {
      request[TIMER] = setTimeout(() => {
        void reply.header('connection', 'close');
        sendProblem(reply, httpProblem(408, `the body did not arrive within ${settings.bodyTimeoutMs / 1000} s`));
        // The rest of the body would be read into nothing.
        reply.raw.once('finish', () => request.raw.destroy());
      }, settings.bodyTimeoutMs);
    }
    done();
  });
  // The body has arrived: how long the answer takes is not the client's doing.
  fastify.addHook('preValidation', (request, _reply, done) => {
    if (!settings.isStream(request.headers['content-type'])) clearTimeout(request[TIMER]);
    done();
  });
  fastify.addHook('onResponse', (request, _reply, done) => {
    clearTimeout(request[TIMER]);
    done();
  });
  fastify.addHook('onRequestAbort', (request, done) => {
    clearTimeout(request[TIMER]);
    done();
  });
}

/** Looks twice in each time-out: a stream in which nothing came, and of which nothing waits to be read, is cut off. */
function watchStream(request: FastifyRequest, idleTimeoutMs: number): NodeJS.Timeout {
  const { raw } = request;
  let seen = raw.socket.bytesRead;
  let since = Date.now();
  return setInterval(() => {
    const now = raw.socket.bytesRead;
    if (now !== seen || raw.readableLength > 0 || raw.complete) {
      seen = now;
      since = Date.now();
    } else if (Date.now() - since >= idleTimeoutMs) {
      raw.destroy(new Error('the client sent nothing for too long'));
    }
  }, idleTimeoutMs / 2).unref();
}

function hasBody({ headers }: FastifyRequest): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}
