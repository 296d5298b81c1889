// Media types (RFC 9110 section 8.3.1) and the scheme they lead to: docs/spec/formats.md section 2.1.

import { VerifyError } from '../errors.ts';
import { isJsonObject, type JsonValue } from '../json/value.ts';
import type { Scheme } from './scheme.ts';

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const TYPE = new RegExp(`^(${TOKEN})/(${TOKEN})`);
// One parameter: `; name=token` or `; name="text"`. Optional white space is space and tab only.
const PARAMETER = new RegExp(
  `[ \\t]*;[ \\t]*(?:(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\\\x00-\\x1f]|\\\\[ -~])*)"))?`,
  'y',
);
const MAX_LENGTH = 255;

/**
 * `type/subtype` in lower case, and `; charset=x` only when a charset other than UTF-8 was declared: a server that adds or
 * drops `charset=utf-8` or `fhirVersion=4.0` has not changed the record.
 */
export function normaliseMediaType(mediaType: string): string {
  const type = mediaType.length <= MAX_LENGTH ? TYPE.exec(mediaType) : null;
  if (type === null) throw malformed('not type/subtype');
  let charset: string | undefined;
  PARAMETER.lastIndex = type[0].length;
  const end = mediaType.replace(/[ \t]+$/, '').length;
  while (PARAMETER.lastIndex < end) {
    const parameter = PARAMETER.exec(mediaType);
    if (parameter === null) throw malformed('parameters are not name=value');
    const [, name, token, quoted = ''] = parameter;
    if (name?.toLowerCase() !== 'charset') continue;
    if (charset !== undefined) throw malformed('two charsets');
    charset = (token ?? quoted.replaceAll(/\\(.)/g, '$1')).toLowerCase();
    if (!new RegExp(`^${TOKEN}$`).test(charset)) throw malformed('the charset is not a token');
  }
  const essence = type[0].toLowerCase();
  // `utf8` is no registered name, but what many clients send.
  return charset === undefined || charset === 'utf-8' || charset === 'utf8'
    ? essence
    : `${essence}; charset=${charset}`;
}

/** True for the media types whose content is read as JSON. Takes a normalised media type. */
export function isJsonMediaType(normalised: string): boolean {
  const essence = essenceOf(normalised);
  return essence === 'application/json' || essence === 'application/json+fhir' || essence.endsWith('+json');
}

/** The scheme of a version with this normalised media type; `value` is the parsed content when it is JSON. */
export function schemeOf(normalised: string, value: JsonValue | undefined): Scheme {
  if (value === undefined) return 'raw/1';
  const essence = essenceOf(normalised);
  const declared = essence === 'application/fhir+json' || essence === 'application/json+fhir';
  return declared || (essence === 'application/json' && isResource(value)) ? 'fhir-json-static/1' : 'json/1';
}

/** FHIR says of every resource that it is an object with a string `resourceType`. */
export function isResource(value: JsonValue): boolean {
  return isJsonObject(value) && typeof value.get('resourceType') === 'string';
}

function essenceOf(normalised: string): string {
  const [essence = ''] = normalised.split(';', 1);
  return essence;
}

function malformed(what: string): VerifyError {
  return new VerifyError('MEDIA_TYPE_MALFORMED', `the media type is malformed: ${what}`);
}
