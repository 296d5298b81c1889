// How an event becomes the text that is hashed, and where a batch of them stands in its chains. Pure.
import {
  accessEventHash,
  formatAccessEvent,
  NO_TENANT,
  toHex,
  type AccessEventDocument,
  type ChainedAccessEvent,
} from '@medanchor/verifier';
import { type AccessEvent } from '../platform/auth/access-log.port.ts';

/** An event that waits for its place. */
export interface WrittenEvent {
  readonly chain: string;
  readonly time: string;
  /** The canonical text. */
  readonly event: string;
}

export interface ChainHead {
  readonly seq: bigint;
  readonly hash: Uint8Array;
}

export interface PlacedEvent extends ChainedAccessEvent {
  readonly chain: string;
  readonly time: string;
}

/** Code units that are kept of a text that came from outside. */
const KEPT = 1024;

/** @param at the service's clock; there are no finer times than milliseconds here */
export function writeEvent(event: AccessEvent, at: Date): WrittenEvent {
  const document = documentOf(event, at.toISOString());
  return { chain: document.chain, time: document.time, event: formatAccessEvent(document) };
}

function documentOf({ caller, decision, entity, ...event }: AccessEvent, time: string): AccessEventDocument {
  return {
    chain: event.tenantId ?? NO_TENANT,
    time,
    action: event.action,
    outcome: event.outcome,
    caller:
      caller === null
        ? null
        : {
            kind: caller.kind,
            issuer: kept(caller.issuer),
            subject: kept(caller.subject),
            clientId: kept(caller.clientId),
            roles: [...caller.roles].sort(),
            sessionId: keptOrNull(caller.sessionId),
          },
    decision:
      decision === null
        ? null
        : {
            result: decision.allowed ? 'allow' : 'deny',
            policyVersion: kept(decision.policyVersion),
            reasons: decision.reasons,
          },
    entity: entityOf(entity),
    purposeOfUse: keptOrNull(event.purposeOfUse),
    breakGlass: event.breakGlass === null ? null : toHex(event.breakGlass),
    address: keptOrNull(event.address),
    requestId: keptOrNull(event.requestId),
  };
}

function entityOf(entity: AccessEvent['entity']): AccessEventDocument['entity'] {
  if (entity === null) return null;
  if ('sourceId' in entity) return { source: entity.sourceId, recordRef: entity.recordRef, seq: entity.seq };
  return { type: entity.type, id: kept(entity.id) };
}

/** An act must not go unrecorded because somebody sent a strange text: lone surrogates and U+0000 are replaced, the rest is cut. */
function kept(text: string): string {
  return text.slice(0, KEPT).toWellFormed().replaceAll('\u0000', '\uFFFD');
}

function keptOrNull(text: string | null): string | null {
  return text === null ? null : kept(text);
}

/**
 * Gives each event its place, in order.
 *
 * @param heads of every chain concerned, under whose locks the events will be written
 */
export function placeEvents(
  heads: ReadonlyMap<string, ChainHead>,
  events: readonly WrittenEvent[],
): { readonly placed: readonly PlacedEvent[]; readonly heads: ReadonlyMap<string, ChainHead> } {
  const moved = new Map<string, ChainHead>();
  const placed = events.map((written): PlacedEvent => {
    const head = moved.get(written.chain) ?? heads.get(written.chain);
    if (head === undefined) throw new TypeError(`the chain ${written.chain} is not locked`);
    const hash = accessEventHash(head.hash, written.event);
    moved.set(written.chain, { seq: head.seq + 1n, hash });
    return { ...written, seq: head.seq + 1n, previousHash: head.hash, hash };
  });
  return { placed, heads: moved };
}
