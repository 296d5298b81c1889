// What a page's form sent. Refused when another site sent it in the visitor's name.
import { type IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { DomainError } from '../../platform/errors/domain-error.ts';

const LIMIT = 16_384;

export interface FormRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/**
 * @param origin this service's own, from PUBLIC_URL
 * @throws {DomainError} `form-refused`: from another site, too large, or with other fields than the page has
 */
export async function readForm<S extends z.ZodObject>(
  { headers, body }: FormRequest,
  origin: string,
  schema: S,
): Promise<z.output<S>> {
  requireSameSite(headers, origin);
  if (!(body instanceof Readable)) throw new DomainError('form-refused', 'this page takes the form that it shows');
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LIMIT) throw new DomainError('form-refused', `a form may have at most ${LIMIT} octets`);
    parts.push(part);
  }
  const fields = new URLSearchParams(Buffer.concat(parts).toString('utf8'));
  const parsed = schema.safeParse(Object.fromEntries(fields));
  // Nothing of what was typed is repeated: it may be a password.
  if (!parsed.success || new Set(fields.keys()).size !== [...fields.keys()].length)
    throw new DomainError(
      'form-refused',
      `this form has the fields ${Object.keys(schema.shape).join(', ')}, each once`,
    );
  return parsed.data;
}

/** Browsers say where a form comes from; what says nothing is no browser and carries no one else's cookies. */
function requireSameSite(headers: IncomingHttpHeaders, origin: string): void {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new DomainError('form-refused', 'this form was sent from another site');
  if (site === undefined && headers.origin !== undefined && headers.origin !== origin)
    throw new DomainError('form-refused', `this form is taken from ${origin} only`);
}

/** A field that a person types. */
export const typed = z.string().max(1024);
