// Requests that are wrong in one place, and what every answer to such a request is like: a 4xx problem that names the fault under a
// stable code, carries the request id, repeats nothing of the content, and leaves every row count as it was.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Site, type RunningService } from '../../flow/support/site.ts';
import { call, json, type Sent } from './http.ts';
import { rows } from './rows.ts';

export const FHIR = 'application/fhir+json';
export const JSON_TYPE = 'application/json';
export const PATIENT = '{"resourceType":"Patient","id":"p1","birthDate":"1970-01-01"}';
export const VERSIONS = '/v1/records/ehr/Patient%2Fp1/versions';
export const BODY_LIMIT = 4096;
/** Stands in every malformed content: no answer may repeat it. */
export const SECRET = 'Zwetschgenbaum';

export interface Case {
  readonly name: string;
  readonly path: string;
  readonly sent?: Sent;
  readonly status: number;
  readonly code: string;
  /** Stands in `detail` (or in `reason`): what names the fault. */
  readonly says: string;
}

export const typed = (mediaType: string, body: string | Uint8Array): Sent => ({
  headers: { 'content-type': mediaType },
  body,
});
export const submission = (body: string | Uint8Array, mediaType = FHIR): Pick<Case, 'path' | 'sent'> => ({
  path: `${VERSIONS}?versionId=2`,
  sent: typed(mediaType, body),
});

export interface Refusing {
  readonly site: Site;
  readonly service: RunningService;
}

/**
 * Opens a site with one version, and tries every case there.
 *
 * @returns what is there while the tests run
 */
export function refuses(groups: readonly (readonly [group: string, cases: readonly Case[]])[]): () => Refusing {
  let here: Refusing | undefined;
  const opened = (): Refusing => {
    if (here === undefined) throw new Error('nothing is open before the tests run');
    return here;
  };

  beforeAll(async () => {
    const site = await Site.open();
    const service = await site.start({ BODY_LIMIT_BYTES: String(BODY_LIMIT), BATCH_LINE_LIMIT_BYTES: '1024' });
    here = { site, service };
    const first = await call(service.url, `${VERSIONS}?versionId=1&wait=confirmed&timeoutMs=20000`, {
      headers: { 'content-type': FHIR },
      body: PATIENT,
    });
    expect(json(first)['state']).toBe('confirmed');
  }, 60_000);

  afterAll(() => opened().site.close());

  describe.each([...groups])('%s', (_group, cases) => {
    test.each(cases)('$name is $status $code', async ({ path, sent, status, code, says }) => {
      const { site, service } = opened();
      const before = await rows(site);
      const answer = await call(service.url, path, sent);
      expect([answer.status, json(answer)['code'], answer.headers.get('content-type')]).toEqual([
        status,
        code,
        'application/problem+json; charset=utf-8',
      ]);
      expect(json(answer)).toMatchObject({ type: `urn:medanchor:problem:${code}`, status });
      expect(answer.text).toContain(says);
      expect(answer.text).not.toContain(SECRET);
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(await rows(site)).toEqual(before);
    });
  });
  return opened;
}
