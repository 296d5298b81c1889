// A JSON body of a request that is no record: read strictly (no member twice, valid UTF-8), then checked with a schema.
import { fromUtf8, parseJson, VerifyError } from '@medanchor/verifier';
import { type z } from 'zod';
import { DomainError } from '../errors/domain-error.ts';

/** @throws {DomainError} `media-type-unsupported`, `content-missing`, `bad-request` that names every faulty member */
export function readJsonBody<S extends z.ZodType>(
  body: unknown,
  contentType: string | undefined,
  schema: S,
): z.output<S> {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new DomainError('media-type-unsupported', 'this route reads application/json');
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new DomainError('content-missing', 'a JSON object is the body of the request');
  return checkJson(body, schema);
}

/** @throws {DomainError} `bad-request` */
export function checkJson<S extends z.ZodType>(octets: Uint8Array, schema: S): z.output<S> {
  try {
    parseJson(octets);
  } catch (error) {
    if (error instanceof VerifyError)
      throw new DomainError('bad-request', error.message, { reason: error.code }, { cause: error });
    throw error;
  }
  const parsed = schema.safeParse(JSON.parse(fromUtf8(octets)) as unknown);
  if (parsed.success) return parsed.data;
  throw new DomainError(
    'bad-request',
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '),
  );
}
