// What the routes of record systems accept and answer.
import { z } from 'zod';
import { decimal } from '../platform/http/schemas.ts';
import { attestationSchema } from './attestation.rules.ts';
import { commitmentSchema } from './source-commitment.rules.ts';

const sourceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'a source name: a lower-case letter or digit, then up to 63 of a-z 0-9 . _ -');

/** Opaque names: the exact rule (no control characters, no lone surrogates, 1 to 256 characters) is the verifier's. */
const opaqueId = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'no control characters');

/** Only a pseudonym of it is kept. */
export const subject = opaqueId.describe(
  'Reference of the patient whom it is about (Patient/123), so that it can be found when that patient asks for erasure. Default: what a FHIR resource says in subject or patient',
);

export const ACTIVITIES = ['create', 'update', 'delete', 'import'] as const;
export const STATE_NAMES = ['sequenced', 'integrated', 'checkpointed', 'anchored', 'confirmed'] as const;

export const recordParams = z.strictObject({ source: sourceName, recordId: opaqueId });
export const versionParams = z.strictObject({ source: sourceName, recordId: opaqueId, versionId: opaqueId });

export const submitQuery = z.strictObject({
  versionId: opaqueId.describe(
    'The record system’s own version id; with source and record id it names the version for ever',
  ),
  activity: z.enum(ACTIVITIES).optional().describe('Default: create for the first version of a record, else update'),
  fields: z.enum(['on', 'off']).optional().describe('Whether single fields can be disclosed later'),
  subject: subject.optional(),
  wait: z
    .enum(STATE_NAMES)
    .optional()
    .describe('Answer only when the version has reached this state, or the time is over'),
  timeoutMs: decimal('milliseconds').pipe(z.bigint().min(1n).max(60_000n)).optional(),
});

export const prepareQuery = submitQuery.pick({ versionId: true, activity: true, fields: true });

export const SIGNATURE_HEADER = {
  name: 'x-medanchor-signature',
  required: false,
  description: 'Detached JWS of the source over the statement of docs/spec/formats.md section 6.1',
} as const;

export const verifyQuery = z.strictObject({ versionId: opaqueId.optional().describe('Default: the latest version') });

export const historyQuery = z.strictObject({
  after: decimal('a version number').optional(),
  limit: decimal('a number').pipe(z.bigint().min(1n).max(1000n)).optional(),
});

export const proofQuery = z.strictObject({ format: z.enum(['bundle', 'tlog-proof']).optional() });

export const discloseQuery = z.strictObject({
  disclose: z
    .union([z.string(), z.array(z.string())])
    .describe('JSON Pointers of the fields to disclose; repeat the parameter for several'),
});

export const batchQuery = z.strictObject({
  source: sourceName.optional().describe('For application/fhir+ndjson: the source of every line'),
  versionId: opaqueId
    .optional()
    .describe('For application/fhir+ndjson: version id of resources without meta.versionId'),
  activity: z.enum(ACTIVITIES).optional(),
  fields: z.enum(['on', 'off']).optional(),
});

export const verifyBatchQuery = z.strictObject({ source: sourceName.optional(), versionId: opaqueId.optional() });

/** One line of an `application/x-ndjson` batch. `content` is taken octet for octet as it stands in the line. */
export const envelopeSchema = z
  .strictObject({
    source: sourceName,
    recordId: opaqueId,
    versionId: opaqueId.optional(),
    activity: z.enum(ACTIVITIES).optional(),
    mediaType: z.string().min(1).max(255).optional(),
    fields: z.enum(['on', 'off']).optional(),
    subject: subject.optional(),
    content: z.unknown().optional().describe('The record as inline JSON'),
    contentBase64: z.string().optional().describe('The record as base64, for everything that is not JSON'),
    commitment: commitmentSchema
      .optional()
      .describe('In place of the content: what the source has computed (digest mode)'),
    jws: z.string().min(1).max(1024).optional().describe('Detached JWS of the source over the statement'),
  })
  .meta({ id: 'BatchLine' });

export const versionSchema = z
  .strictObject({
    source: z.string(),
    recordId: z.string(),
    versionId: z.string(),
    seq: z.string().describe('Number of this version in the order of arrival, from 1'),
    index: z.string().describe('Index of the entry in the log'),
    leafHash: z.string(),
    state: z.enum(STATE_NAMES),
    activity: z.enum(ACTIVITIES),
    scheme: z.string(),
    mediaType: z.string(),
    recordedAt: z.string().describe('The log’s claim; the anchor’s block time is the evidence'),
  })
  .meta({ id: 'Version' });

export const receiptSchema = versionSchema
  .extend({
    origin: z.string(),
    entry: z.record(z.string(), z.unknown()).describe('The log entry; its canonical JSON hashes to leafHash'),
    proof: z.string().describe('Where the proof bundle is'),
    attestation: attestationSchema,
  })
  .meta({ id: 'Receipt' });

const checkSchema = z.strictObject({
  name: z.string(),
  result: z.enum(['passed', 'failed', 'skipped']),
  required: z.boolean(),
  reason: z.string(),
  code: z.string().optional(),
});

const verdictMembers = {
  verdict: z.string().nullable(),
  flags: z.array(z.string()),
  status: z.string(),
  outcome: z.enum(['intact', 'altered', 'unproven']),
  reason: z.string(),
  checks: z.array(checkSchema),
};

export const verdictSchema = z
  .strictObject({
    ...verdictMembers,
    version: versionSchema.nullable(),
    attestation: attestationSchema.nullable(),
    latest: z.strictObject({ versionId: z.string(), seq: z.string() }).nullable(),
    matches: z
      .strictObject({ versionId: z.string(), seq: z.string(), verdict: z.string() })
      .nullable()
      .describe('Another recorded version that the content equals'),
  })
  .meta({ id: 'Verdict' });

export const proofReportSchema = z
  .strictObject({
    ...verdictMembers,
    subject: z.strictObject({
      kind: z.string(),
      index: z.string(),
      leafHash: z.string(),
      origin: z.string(),
      size: z.string(),
      root: z.string(),
      identity: z.strictObject({ source: z.string(), recordId: z.string(), versionId: z.string() }).nullable(),
      confirmations: z.string().nullable(),
    }),
  })
  .meta({ id: 'ProofReport' });
