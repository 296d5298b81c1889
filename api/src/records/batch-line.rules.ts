// Reads one line of a batch: an envelope with inline or base64 content, or a bare FHIR resource. Pure.
import {
  fromBase64,
  fromUtf8,
  isJsonObject,
  JsonNumber,
  parseJson,
  parseJsonDocument,
  VerifyError,
  type Activity,
  type JsonObject,
  type JsonValue,
} from '@medanchor/verifier';
import { DomainError } from '../platform/errors/domain-error.ts';
import { type SourceCommitment } from '../ledger/index.ts';
import { envelopeSchema } from './records.schema.ts';
import { readCommitment } from './source-commitment.rules.ts';

export interface BatchLine {
  readonly source: string;
  readonly recordId: string;
  readonly versionId: string | null;
  readonly activity: Activity | null;
  readonly fields: boolean | null;
  /** Reference of the patient; null: as the content says. */
  readonly subject: string | null;
  readonly mediaType: string;
  readonly content: Uint8Array | null;
  /** The content as it was read with its line, when it is JSON: it need not be read again to be digested. */
  readonly value?: JsonValue;
  /** Digest mode: in place of the content. */
  readonly committed?: SourceCommitment;
  readonly jws?: string;
}

export interface FhirLineDefaults {
  readonly source: string | undefined;
  readonly versionId: string | undefined;
  readonly activity: Activity | undefined;
  readonly fields: 'on' | 'off' | undefined;
}

/** @throws {DomainError} `line-malformed`, naming the member */
export function readEnvelope(line: Uint8Array): BatchLine {
  const { value, octetsOf } = accepted('', () => parseJsonDocument(line));
  const object = objectOf(value);
  // Only strings reach the schema; `content` is cut out of the line itself.
  const plain = Object.fromEntries(
    [...object].map(([name, value]) => [name, name === 'content' ? null : plainOf(value)]),
  );
  const commitmentText = octetsOf('commitment');
  if (commitmentText !== null) plain['commitment'] = JSON.parse(fromUtf8(commitmentText));
  const parsed = envelopeSchema.safeParse(plain);
  if (!parsed.success) {
    throw new DomainError(
      'line-malformed',
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'line'}: ${issue.message}`).join('; '),
    );
  }
  const { source, recordId, versionId, activity, fields, subject, mediaType, contentBase64, commitment, jws } =
    parsed.data;
  const inline = octetsOf('content');
  if (inline !== null && contentBase64 !== undefined)
    throw new DomainError('line-malformed', 'content and contentBase64: only one of them is allowed');
  if (commitment !== undefined && (inline !== null || contentBase64 !== undefined || mediaType !== undefined))
    throw new DomainError('line-malformed', 'commitment: in digest mode neither content nor mediaType is allowed');
  return {
    source,
    recordId,
    versionId: versionId ?? null,
    activity: activity ?? null,
    fields: fields === undefined ? null : fields === 'on',
    subject: subject ?? null,
    mediaType: mediaType ?? (inline === null ? '' : 'application/fhir+json'),
    content:
      inline !== null
        ? inline
        : contentBase64 === undefined
          ? null
          : accepted('contentBase64: ', () => fromBase64(contentBase64)),
    ...(inline === null ? {} : { value: object.get('content') as JsonValue }),
    ...(commitment === undefined ? {} : { committed: readCommitment(commitment, activity ?? null) }),
    ...(jws === undefined ? {} : { jws }),
  };
}

/** A resource as a Bulk Data export prints it: the record is `Type/id`, the version `meta.versionId`. */
export function readFhirLine(line: Uint8Array, defaults: FhirLineDefaults): BatchLine {
  if (defaults.source === undefined)
    throw new DomainError('line-malformed', 'application/fhir+ndjson needs the query parameter source');
  const resource = objectOf(accepted('', () => parseJson(line)));
  const type = resource.get('resourceType');
  const id = resource.get('id');
  if (typeof type !== 'string' || typeof id !== 'string' || type === '' || id === '') {
    throw new DomainError('line-malformed', 'a FHIR resource needs resourceType and id');
  }
  const meta = resource.get('meta');
  const own = isJsonObject(meta) ? meta.get('versionId') : undefined;
  const versionId = typeof own === 'string' ? own : defaults.versionId;
  return {
    source: defaults.source,
    recordId: `${type}/${id}`,
    versionId: versionId ?? null,
    activity: defaults.activity ?? null,
    fields: defaults.fields === undefined ? null : defaults.fields === 'on',
    subject: null,
    mediaType: 'application/fhir+json',
    content: line,
    value: resource,
  };
}

function objectOf(value: JsonValue): JsonObject {
  if (!isJsonObject(value)) throw new DomainError('line-malformed', 'a line must be a JSON object');
  return value;
}

function plainOf(value: JsonValue): unknown {
  return value instanceof JsonNumber ? Number(value.lexeme) : value;
}

/** What the verifier refuses is a malformed line, for its reason; a fault of ours stays one. */
function accepted<T>(member: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof VerifyError)
      throw new DomainError('line-malformed', `${member}${error.message}`, { reason: error.code }, { cause: error });
    throw error;
  }
}
