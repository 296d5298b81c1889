// The baselines with HTTP, a process of its own: the least that a Node service can do on the same PostgreSQL.
//
//   POST /rows/:record/:version   the prototype: JSON.parse, SHA-256, group commit (512 rows or 2 ms), 201 when durable
//   GET  /rows/:record/:version   a bare route with one indexed SELECT
//   POST /reads/:record/:version  the same SELECT, with a body, as verify has one
//
// No tree, no salt, no key per record, no version chain, no strict parsing, no receipt. Prints its port and waits.

import { createHash } from 'node:crypto';
import fastify from 'fastify';
import pg from 'pg';
import { GroupCommit } from './group-commit.ts';

interface Params {
  readonly record: string;
  readonly version: string;
}

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] ?? '', max: 10 });
const commits = new GroupCommit(pool);
const app = fastify({ logger: false, bodyLimit: 16 * 1024 * 1024 });

app.addContentTypeParser('application/fhir+json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

app.post<{ Params: Params; Body: Buffer }>('/rows/:record/:version', async (request, reply) => {
  const resource = JSON.parse(request.body.toString('utf8')) as { resourceType?: unknown };
  if (typeof resource.resourceType !== 'string') return reply.status(422).send({ error: 'no resource' });
  const { record, version } = request.params;
  const digest = createHash('sha256').update(request.body).digest();
  const id = await commits.add({ record, version, digest });
  return reply.status(201).send({ record, version, id, digest: digest.toString('hex') });
});

const read = async ({ record, version }: Params): Promise<object | undefined> => {
  const { rows } = await pool.query<object>({
    name: 'row',
    text: `SELECT id, record_id, version_id, encode(digest, 'hex') AS digest
           FROM prototype_version WHERE record_id = $1 AND version_id = $2`,
    values: [record, version],
  });
  return rows[0];
};

app.get<{ Params: Params }>('/rows/:record/:version', async (request, reply) => {
  const row = await read(request.params);
  return row === undefined ? reply.status(404).send() : reply.send(row);
});

app.post<{ Params: Params }>('/reads/:record/:version', async (request, reply) => {
  const row = await read(request.params);
  return row === undefined ? reply.status(404).send() : reply.send(row);
});

const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
process.stdout.write(`${JSON.stringify({ port: Number(url.port) })}\n`);
process.once('SIGTERM', () => {
  void app.close().then(() => pool.end());
});
