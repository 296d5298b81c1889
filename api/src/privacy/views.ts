// How requests, holds and rules look in JSON. Numbers are decimal strings; nobody and no record is named in clear.
import { toHex } from '@medanchor/verifier';
import { type z } from 'zod';
import { type ErasureRequest } from './erasure-requests.store.ts';
import { type RequestWithReceipts } from './erasures.service.ts';
import { type LegalHold } from './legal-holds.store.ts';
import {
  type extentSchema,
  type holdSchema,
  type requestSchema,
  type requestWithReceiptsSchema,
  type ruleSchema,
} from './privacy.schema.ts';
import { type Extent } from './records-in-question.store.ts';
import { type RetentionRule } from './retention-rules.store.ts';

export function extentView({ records, versions, held }: Extent): z.output<typeof extentSchema> {
  return { records: records.toString(), versions: versions.toString(), held: held.toString() };
}

export function requestView(request: ErasureRequest): z.output<typeof requestSchema> {
  return {
    id: request.id,
    state: request.state,
    basis: request.basis,
    note: request.note,
    bySubject: request.bySubject,
    retentionRule: request.rule,
    requestedBy: request.requestedBy,
    requestedAt: request.requestedAt.toISOString(),
    decidedBy: request.decidedBy,
    decidedAt: request.decidedAt?.toISOString() ?? null,
    finishedAt: request.finishedAt?.toISOString() ?? null,
  };
}

export function receiptsView(
  source: string,
  { request, extent, receipts }: RequestWithReceipts,
): z.output<typeof requestWithReceiptsSchema> {
  return {
    ...requestView(request),
    remaining: extentView(extent),
    erased: receipts.map((receipt) => ({
      recordRef: toHex(receipt.recordRef),
      index: receipt.index.toString(),
      leafHash: toHex(receipt.leafHash),
      seq: receipt.seq.toString(),
      versions: receipt.versions.toString(),
      basis: receipt.basis,
      erasedAt: receipt.erasedAt.toISOString(),
      keyHolder: receipt.keyHolder,
      state: receipt.state,
      proof: `/v1/sources/${source}/erasures/${request.id}/proofs/${receipt.index}`,
    })),
  };
}

export function holdView(hold: LegalHold): z.output<typeof holdSchema> {
  return {
    id: hold.id,
    scope: hold.scope,
    reason: hold.reason,
    placedBy: hold.placedBy,
    placedAt: hold.placedAt.toISOString(),
    releasedBy: hold.releasedBy,
    releasedAt: hold.releasedAt?.toISOString() ?? null,
  };
}

export function ruleView(rule: RetentionRule): z.output<typeof ruleSchema> {
  return {
    id: rule.id,
    months: rule.months,
    action: rule.action,
    paused: rule.paused,
    createdBy: rule.createdBy,
    createdAt: rule.createdAt.toISOString(),
    activatedBy: rule.activatedBy,
    removedAt: rule.removedAt?.toISOString() ?? null,
  };
}
