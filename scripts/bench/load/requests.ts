// The octets of requests and lines, for every route that the bench measures.

import type { RecordPlan, RequestPlan } from './job.ts';
import type { Wanted } from './http-connection.ts';
import { resourceText, type ResourceSize } from './resources.ts';
import { Template } from './template.ts';

export const SOURCE = 'bench';
const RECORD = `/v1/records/${SOURCE}/Observation%2Fbench-<record>`;

/** All requests of a plan, ready to be written to a socket. */
export function prepareRequests(plan: RequestPlan, token?: string): Buffer[] {
  const template = requestTemplate(plan, token === undefined ? '' : `authorization: Bearer ${token}\r\n`);
  return [...pairs(plan.records)].map(([record, version]) => template.fill(record, version));
}

export function wantedAnswer({ route }: RequestPlan): Wanted {
  switch (route) {
    case 'append':
    case 'row-post':
      return { status: 201, contains: [] };
    case 'verify':
      return { status: 200, contains: [Buffer.from('"verdict":"identical"'), Buffer.from('"outcome":"intact"')] };
    case 'proof':
      return { status: 200, contains: [Buffer.from('c2sp.org/tlog-proof')] };
    case 'row-read':
    case 'row-get':
      return { status: 200, contains: [Buffer.from('"digest"')] };
  }
}

function requestTemplate({ route, resource, fields }: RequestPlan, signedIn: string): Template {
  switch (route) {
    case 'append':
      return post(`${RECORD}/versions?versionId=<version>&fields=${fields}`, resourceText(resource), signedIn);
    case 'verify':
      return post(`${RECORD}/verify?versionId=<version>`, resourceText(resource), signedIn);
    case 'proof':
      return new Template(head('GET', `${RECORD}/versions/<version>/proof`, signedIn));
    case 'row-post':
      return post('/rows/Observation%2Fbench-<record>/<version>', resourceText(resource));
    case 'row-read':
      return post('/reads/Observation%2Fbench-<record>/<version>', resourceText(resource));
    case 'row-get':
      return new Template(head('GET', '/rows/Observation%2Fbench-<record>/<version>', ''));
  }
}

function post(target: string, body: string, more = ''): Template {
  const length = new Template(body).length;
  return new Template(
    `${head('POST', target, `content-type: application/fhir+json\r\ncontent-length: ${String(length)}\r\n${more}`)}${body}`,
  );
}

function head(method: string, target: string, more: string): string {
  return `${method} ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\n${more}\r\n`;
}

/** One line of POST /v1/versions. */
export function lineTemplate(resource: ResourceSize, fields: 'on' | 'off'): Template {
  const envelope = `{"source":"${SOURCE}","recordId":"Observation/bench-<record>","versionId":"<version>","fields":"${fields}","content":`;
  return new Template(`${envelope}${resourceText(resource)}}\n`);
}

/** Records whose versions are sent in turns: more than there are clients, so that each has its answer before the next. */
const ROUND = 256;

export function* pairs({ count, first, order, versions, population }: RecordPlan): Generator<[number, number]> {
  const round = Math.min(ROUND, Math.ceil(count / versions));
  for (let i = 0; i < count; i++) {
    if (order === 'random') yield [first + Math.floor(Math.random() * population), 1];
    else {
      const [done, at] = [Math.floor(i / (round * versions)), i % (round * versions)];
      yield [first + done * round + (at % round), 1 + Math.floor(at / round)];
    }
  }
}
