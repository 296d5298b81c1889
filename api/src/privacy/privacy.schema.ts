// What the routes of erasure, legal hold and retention accept and answer.
import { z } from 'zod';
import { ERASURE_BASES, type ErasureBasis } from '../ledger/index.ts';
import { REQUEST_STATES } from './erasure-requests.store.ts';
import { decimal } from '../platform/http/schemas.ts';

const sourceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'a source name: a lower-case letter or digit, then up to 63 of a-z 0-9 . _ -');
const opaqueId = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'no control characters');
const id = z.uuid('an id as the list shows it');
const bases = Object.keys(ERASURE_BASES) as [ErasureBasis, ...ErasureBasis[]];
const count = z.string().describe('A decimal number');

/** So narrow that no name or sentence fits. */
const caseNumber = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/, 'the reference of a case: letters, digits and . _ / - without spaces')
  .describe('Reference of the case in your own system; no personal data');

export const sourceParams = z.strictObject({ source: sourceName });
export const itemParams = z.strictObject({ source: sourceName, id });
export const proofParams = z.strictObject({ source: sourceName, id, index: decimal('an index of the log') });

export const listQuery = z.strictObject({
  before: id.optional().describe('The last id seen'),
  limit: decimal('a number').pipe(z.bigint().min(1n).max(200n)).optional(),
});
export const previewQuery = z.strictObject({
  preview: z.enum(['true', 'false']).optional().describe('true: only count what would be erased'),
});

const scope = {
  recordId: opaqueId.optional(),
  recordIds: z.array(opaqueId).min(1).max(1000).optional(),
  subject: opaqueId.optional().describe('Reference of a patient, as it stands in the records: Patient/123'),
};
const oneScope = (given: { recordId?: unknown; recordIds?: unknown; subject?: unknown }): boolean =>
  [given.recordId, given.recordIds, given.subject].filter((one) => one !== undefined).length === 1;

export const erasureBody = z
  .strictObject({ ...scope, basis: z.enum(bases).describe('The legal basis'), note: caseNumber.optional() })
  .refine(oneScope, 'exactly one of recordId, recordIds and subject is needed')
  .meta({ id: 'ErasureWanted' });

export const holdBody = z
  .strictObject({
    recordId: scope.recordId,
    subject: scope.subject,
    wholeSource: z.literal(true).optional(),
    reason: caseNumber,
  })
  .refine(
    ({ recordId, subject, wholeSource }) =>
      [recordId, subject, wholeSource].filter((one) => one !== undefined).length === 1,
    'exactly one of recordId, subject and wholeSource is needed',
  )
  .meta({ id: 'LegalHoldWanted' });

export const ruleBody = z
  .strictObject({
    months: z.int().min(1).max(1200).describe('After the last version of a record'),
    action: z.enum(['erase', 'review']).describe('erase: by itself; review: propose it to people'),
  })
  .meta({ id: 'RetentionRuleWanted' });

export const extentSchema = z
  .strictObject({ records: count, versions: count, held: count.describe('Of the records: under a legal hold') })
  .meta({ id: 'ErasureExtent' });

export const requestSchema = z
  .strictObject({
    id: z.string(),
    state: z.enum(REQUEST_STATES),
    basis: z.string(),
    note: z.string().nullable(),
    bySubject: z.boolean(),
    retentionRule: z.string().nullable().describe('The rule that proposed it'),
    requestedBy: z.string(),
    requestedAt: z.string(),
    decidedBy: z.string().nullable(),
    decidedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: 'ErasureRequest' });

export const requestWithReceiptsSchema = requestSchema
  .extend({
    remaining: extentSchema.describe('What is not erased yet'),
    erased: z.array(
      z.strictObject({
        recordRef: z.string().describe('The record’s pseudonym in the log'),
        index: z.string(),
        leafHash: z.string(),
        seq: z.string(),
        versions: z.string(),
        basis: z.string(),
        erasedAt: z.string(),
        keyHolder: z
          .enum(['ledger', 'source'])
          .describe('ledger: its key was destroyed. source (digest mode): only its source can destroy it, and must'),
        state: z.string(),
        proof: z.string().describe('Where the proof bundle of the erasure is'),
      }),
    ),
  })
  .meta({ id: 'ErasureReceipt' });

export const holdSchema = z
  .strictObject({
    id: z.string(),
    scope: z.enum(['record', 'subject', 'source']),
    reason: z.string(),
    placedBy: z.string(),
    placedAt: z.string(),
    releasedBy: z.string().nullable(),
    releasedAt: z.string().nullable(),
  })
  .meta({ id: 'LegalHold' });

export const ruleSchema = z
  .strictObject({
    id: z.string(),
    months: z.int(),
    action: z.enum(['erase', 'review']),
    paused: z.boolean(),
    createdBy: z.string(),
    createdAt: z.string(),
    activatedBy: z.string().nullable(),
    removedAt: z.string().nullable(),
  })
  .meta({ id: 'RetentionRule' });
