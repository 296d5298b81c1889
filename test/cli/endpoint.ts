// An endpoint under our hand: it passes questions on to the real chain and answers with whatever a test makes of the truth.

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Question {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Gets the true result and answers in its own way. */
export type Answer = (response: ServerResponse, question: Question, truth: unknown) => void;

export interface Endpoint {
  readonly url: string;
  /** Of every question so far. */
  readonly questions: Question[];
  readonly headers: IncomingHttpHeaders[];
  answer: Answer;
  close(): Promise<void>;
}

/** Answers honestly until `answer` is replaced. */
export async function startEndpoint(chainUrl: string): Promise<Endpoint> {
  const questions: Question[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const question = JSON.parse(text) as Question;
      questions.push(question);
      headers.push(request.headers);
      const respond = async (): Promise<void> => {
        const asked = await fetch(chainUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: text,
        });
        const { result } = (await asked.json()) as { result: unknown };
        endpoint.answer(response, question, result);
      };
      respond().catch((error: unknown) => response.destroy(error as Error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint: Endpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    questions,
    headers,
    answer: honestly,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return endpoint;
}

export const honestly: Answer = (response, question, truth) => answerWith(response, question, truth);

export function answerWith(response: ServerResponse, { id }: Question, result: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}
