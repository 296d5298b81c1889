// A JSON body, read strictly (the verifier's parser: no duplicate members, no lone surrogates) and checked against a schema.
import { isJsonArray, isJsonObject, JsonNumber, parseJson, VerifyError, type JsonValue } from '@medanchor/verifier';
import { type z } from 'zod';
import { DomainError } from '../errors/domain-error.ts';

/** @throws {DomainError} `bad-request`, `media-type-unsupported`, naming what is wrong */
export function jsonBody<S extends z.ZodType>(body: unknown, contentType: string | undefined, schema: S): z.output<S> {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json') throw new DomainError('media-type-unsupported', 'this route reads application/json');
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new DomainError('bad-request', 'the body must be a JSON object');
  return checkJson(body, schema);
}

/** As {@link jsonBody}, of octets that are known to be JSON by another name. @throws {DomainError} `bad-request` */
export function checkJson<S extends z.ZodType>(octets: Uint8Array, schema: S): z.output<S> {
  const parsed = schema.safeParse(plain(read(octets)));
  if (parsed.success) return parsed.data;
  throw new DomainError(
    'bad-request',
    parsed.error.issues
      .slice(0, 20)
      .map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
      .join('; '),
  );
}

function read(octets: Uint8Array): JsonValue {
  try {
    return parseJson(octets);
  } catch (error) {
    if (error instanceof VerifyError)
      throw new DomainError('bad-request', error.message, { reason: error.code }, { cause: error });
    throw error;
  }
}

function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.lexeme);
  if (isJsonArray(value)) return value.map(plain);
  if (isJsonObject(value)) return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
  return value;
}
