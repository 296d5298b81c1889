// The name of a record version: docs/spec/formats.md section 3.

import { object, readAll, text } from '../codec.ts';
import { utf8 } from '../bytes.ts';
import { VerifyError } from '../errors.ts';
import { canonicalString } from '../json/canonical.ts';
import type { JsonValue } from '../json/value.ts';

export interface RecordIdentity {
  /** Name under which the record system is registered. */
  readonly source: string;
  /** Opaque; `Type/id` for FHIR. */
  readonly recordId: string;
  /** Opaque; says nothing about order. */
  readonly versionId: string;
}

const CONTROL = new RegExp('[\\u0000-\\u001f\\u007f-\\u009f]');

export function isSourceName(value: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(value);
}

/** Characters are Unicode code points, so that the limit is the same in every language. */
export function isOpaqueId(value: string): boolean {
  if (value.length === 0 || value.length > 512 || CONTROL.test(value) || !value.isWellFormed()) return false;
  return value.length <= 256 || [...value].length <= 256;
}

const opaqueId = text(isOpaqueId, '1 to 256 characters, no control characters');

export const identityCodec = object({
  source: text(isSourceName, 'a source name ([a-z0-9], then up to 63 of [a-z0-9._-])'),
  recordId: opaqueId,
  versionId: opaqueId,
});

/** Returns its argument, for use in expressions. Identifiers are patient data: the message never quotes them. */
export function assertIdentity(identity: RecordIdentity): RecordIdentity {
  const faults = [
    isSourceName(identity.source) ? '' : 'source must be [a-z0-9], then up to 63 of [a-z0-9._-]',
    isOpaqueId(identity.recordId) ? '' : 'recordId must have 1 to 256 characters and no control characters',
    isOpaqueId(identity.versionId) ? '' : 'versionId must have 1 to 256 characters and no control characters',
  ].filter((fault) => fault !== '');
  if (faults.length > 0) throw new VerifyError('IDENTITY_MALFORMED', faults.join('; '));
  return identity;
}

export function parseIdentity(value: JsonValue): RecordIdentity {
  return readAll(identityCodec, value, 'IDENTITY_MALFORMED');
}

/** Octets of the `identity` component: RFC 8785 of the three members, which stand in its order here. */
export function identityOctets({ source, recordId, versionId }: RecordIdentity): Uint8Array {
  const [record, name, version] = [recordId, source, versionId].map(canonicalString);
  return utf8(`{"recordId":${record},"source":${name},"versionId":${version}}`);
}
