// Whatever happens, neither the log (at its most talkative) nor any problem shows content, digests, salts, keys, or the
// names of records.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { componentDigest, parseBundle } from '@medanchor/verifier';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createApp } from '../../api/src/app.ts';
import { loadConfig } from '../../api/src/platform/config/config.schema.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';
import { RecordSystem, type Version } from '../flow/support/record-system.ts';
import { APP_PASSWORD, bothRoles } from '../support/database.ts';
import { Site } from '../flow/support/site.ts';
import { TEST_ORIGIN } from '../support/chain.ts';
import { call, post } from './support/http.ts';
import { Line } from './support/line.ts';

const FHIR = 'application/fhir+json';
const VERSION: Version = {
  source: 'ehr',
  recordId: 'Patient/Mandelbrot',
  versionId: 'Fassung-Eins',
  content: '{"resourceType":"Patient","id":"Mandelbrot","name":[{"family":"Zwetschgenbaum"}]}',
  mediaType: FHIR,
};
const RECORD = '/v1/records/ehr/Patient%2FMandelbrot';

let site: Site;
let line: Line;
let app: NestFastifyApplication;
let url: string;
const logged: string[] = [];
const problems: string[] = [];
/** Found in the course of the test; none may be in `logged` or `problems`. */
const secrets = new Map<string, string>();

beforeAll(async () => {
  site = await Site.open();
  line = await Line.to(site.chain.url);
  const keys = { CHECKPOINT_KEY_FILE: site.newKey('checkpoint.key'), KEK_FILE: site.newKey('kek.key') };
  for (const [name, file] of Object.entries({ ...keys, ANCHOR_KEY_FILE: site.chain.anchorKeyFile }))
    addOctets(name, Buffer.from(readFileSync(file, 'utf8').trim(), 'hex'));
  secrets.set('the password of the database', new URL(site.database.url).password);
  secrets.set("the password of the service's role", APP_PASSWORD);
  const config = loadConfig({
    ...keys,
    ...bothRoles(site.database.url),
    CHAIN_RPC_URL: line.url,
    CHAIN_ID: site.chain.chainId,
    ANCHOR_CONTRACT: site.chain.contract,
    ANCHOR_KEY_FILE: site.chain.anchorKeyFile,
    LOG_ORIGIN: TEST_ORIGIN,
    CHECKPOINT_INTERVAL_MS: '50',
    ANCHOR_INTERVAL_MS: '100',
    CONFIRM_INTERVAL_MS: '50',
    CHAIN_TIMEOUT_MS: '500',
  });
  app = await createApp(config, createLogger('trace', { write: (entry) => void logged.push(entry) }));
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
}, 60_000);

afterAll(async () => {
  await app.close();
  await site.close();
  await line.cut();
});

function addOctets(name: string, octets: Uint8Array): void {
  const buffer = Buffer.from(octets);
  secrets.set(`${name} in hex`, buffer.toString('hex'));
  secrets.set(`${name} in base64`, buffer.toString('base64'));
}

async function refused(status: number, answer: ReturnType<typeof call>): Promise<void> {
  const reply = await answer;
  expect(reply.status).toBe(status);
  problems.push(reply.text);
}

test('a day of work, mistakes, tampering and a chain that goes away', async () => {
  const api = new RecordSystem(url);
  expect((await api.submit(VERSION, 'confirmed')).body.state).toBe('confirmed');
  expect((await api.submit(VERSION)).status).toBe(200);
  const bundle = parseBundle(await api.bundle(VERSION));
  for (const { name, salt } of bundle.opening?.components ?? [])
    if (salt !== undefined) addOctets(`the salt of ${name}`, salt);
  const content = Buffer.from(VERSION.content);
  addOctets('the digest of the content', createHash('sha256').update(content).digest());
  addOctets('the digest of raw', componentDigest('raw', FHIR, content));
  await api.disclose(VERSION, ['/id']);
  await api.verify(VERSION);

  const submit = `${RECORD}/versions?versionId=Fassung-Eins`;
  const altered = VERSION.content.replace('baum', 'baeume');
  await refused(409, post(url, submit, FHIR, altered));
  await refused(422, post(url, submit, FHIR, `${VERSION.content}}`));
  await refused(422, post(url, submit, FHIR, VERSION.content.replace('"id"', '"name":"Zwetschgenbaum","id"')));
  await refused(415, call(url, submit, { body: VERSION.content }));
  await refused(404, call(url, `${RECORD}/versions/Fassung-Zwei`));
  await refused(404, call(url, `${RECORD}/nirgends`));
  await refused(405, call(url, `${RECORD}/versions`, { method: 'DELETE' }));
  await refused(400, call(url, '/v1/records/ehr/Mandelbrot%ZZ/versions'));
  await refused(400, call(url, `${RECORD}/versions?after=Zwetschgenbaum`));
  await refused(409, post(url, `${RECORD}/versions/Fassung-Eins/proof?disclose=/id`, FHIR, altered));
  await refused(422, post(url, '/v1/proofs/verify', 'application/json', `{"bundle":{"entry":"Zwetschgenbaum"}}`));
  const batch = await post(
    url,
    '/v1/versions',
    'application/x-ndjson',
    `{"source":"ehr","recordId":"Patient/Mandelbrot","versionId":"Fassung-Eins","content":${altered}}\nZwetschgenbaum\n`,
  );
  problems.push(batch.text);

  await line.cut();
  await new Promise((resolve) => setTimeout(resolve, 1200));
  await line.mend();

  const [row] = await site.read<{ wrapped_key: Buffer }>('SELECT wrapped_key FROM record');
  addOctets('the wrapped key', row?.wrapped_key ?? Buffer.alloc(0));
  const damaged = Buffer.from(row?.wrapped_key ?? '');
  damaged[20] = (damaged[20] ?? 0) ^ 1;
  addOctets('the damaged key', damaged);
  expect(await site.tamper('UPDATE record SET wrapped_key = $1', [damaged])).toBe(1);
  await refused(500, post(url, `${RECORD}/verify`, FHIR, VERSION.content));
  await refused(500, post(url, `${RECORD}/versions?versionId=Fassung-Drei`, FHIR, VERSION.content));
  // PostgreSQL's own messages quote rows and values.
  await site.tamper('ALTER TABLE version ADD CONSTRAINT nothing_more CHECK (seq < 1) NOT VALID');
  await refused(503, post(url, '/v1/records/ehr/Patient%2FMandelbrot-2/versions?versionId=1', FHIR, VERSION.content));
}, 60_000);

test('enough was logged to look at', () => {
  const messages = logged.map((entry) => String((JSON.parse(entry) as { msg?: unknown }).msg));
  expect(messages).toContain('history-rewritten: other content was submitted for a recorded version');
  expect(messages.some((message) => message.startsWith('integrity-fault'))).toBe(true);
  expect(messages).toContain('a batch could not be made durable');
  expect(problems).toHaveLength(15);
});

test('no secret is in the log or in a problem', () => {
  expect(secrets.size).toBeGreaterThan(20);
  const everything = [...logged, ...problems].join('\n').toLowerCase();
  const found = [...secrets].filter(([, secret]) => secret.length > 7 && everything.includes(secret.toLowerCase()));
  expect(found.map(([name]) => name)).toEqual([]);
});

test('no content and no name of a record is in the log or in a problem', () => {
  for (const entry of logged) expect(entry).not.toMatch(/Zwetschgen|Mandelbrot|Fassung/);
  // A receipt or a batch result names what its sender named; a problem quotes nothing.
  for (const problem of problems) expect(problem).not.toMatch(/Zwetschgen|Mandelbrot/);
});
