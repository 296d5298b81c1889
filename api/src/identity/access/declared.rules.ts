// What a caller declares about a request in its headers: the bearer token (RFC 6750 section 2.1), the purpose of use, and
// the reason for breaking the glass. Pure.
import { DomainError } from '../../platform/errors/domain-error.ts';
import { PURPOSES, type Purpose } from './purposes.ts';

export const PURPOSE_HEADER = 'x-purpose-of-use';
export const BREAK_GLASS_HEADER = 'x-break-glass';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** @returns null when none is given. @throws {DomainError} `token-invalid` for another scheme or another form */
export function bearerToken(headers: Headers): string | null {
  const given = headers['authorization'];
  if (given === undefined) return null;
  const token = typeof given === 'string' ? /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(given)?.[1] : undefined;
  if (token === undefined)
    throw new DomainError('token-invalid', 'the header Authorization must be: Bearer, a space, an access token');
  return token;
}

/** @throws {DomainError} `bad-request` for a word that is not a purpose */
export function declaredPurpose(headers: Headers): Purpose | null {
  const given = headers[PURPOSE_HEADER];
  if (given === undefined) return null;
  const purpose = PURPOSES.find((one) => one === given);
  if (purpose === undefined)
    throw new DomainError('bad-request', `the header X-Purpose-Of-Use must be one of ${PURPOSES.join(', ')}`);
  return purpose;
}

/** @throws {DomainError} `bad-request` for a reason that is none */
export function breakGlassReason(headers: Headers): string | null {
  const given = headers[BREAK_GLASS_HEADER];
  if (given === undefined) return null;
  // Octets above 0x7f of a header are read as Latin-1 by Node; a reason in UTF-8 becomes readable again this way.
  const text = typeof given === 'string' ? Buffer.from(given, 'latin1').toString('utf8').trim() : '';
  if (text.length < 10 || text.length > 256 || /[\u0000-\u001f\u007f-\u009f]/.test(text))
    throw new DomainError('bad-request', 'the header X-Break-Glass must give a reason of 10 to 256 characters');
  return text;
}
