// A small JSON body, checked against a schema. Record content never comes this way: its octets are what is digested.
import { type z } from 'zod';
import { DomainError } from '../errors/domain-error.ts';

const LIMIT = 262_144;

/** @throws {DomainError} `bad-request` naming every fault with its path, `content-too-large`, `media-type-unsupported` */
export function readJson<S extends z.ZodType>(body: unknown, contentType: string | undefined, schema: S): z.output<S> {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new DomainError('media-type-unsupported', 'this route takes application/json');
  if (!Buffer.isBuffer(body) || body.length === 0) throw new DomainError('content-missing', 'the body is a JSON object');
  if (body.length > LIMIT) throw new DomainError('content-too-large', `the body may have at most ${LIMIT} octets`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new DomainError('bad-request', 'the body is not JSON in UTF-8');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DomainError(
    'bad-request',
    parsed.error.issues
      .slice(0, 20)
      .map((issue) => `${issue.path.map(String).join('.') || 'body'}: ${issue.message}`)
      .join('; '),
  );
}
