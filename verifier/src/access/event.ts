// Events of the access log and their chain: docs/spec/formats.md section 11. Each tenant has a chain of its own, so that an
// auditor can recompute all of it without seeing anything of another tenant.

import { MAX_SIZE, toHex, utf8 } from '../bytes.ts';
import { decimal, hash, list, nullable, object, oneOf, readAll, text, type Codec, type TypeOf } from '../codec.ts';
import { VerifyError } from '../errors.ts';
import { hashInput } from '../hash-input.ts';
import { HASH_LENGTH, hmacSha256 } from '../hash.ts';
import { canonicalJson, canonicalObject } from '../json/canonical.ts';
import { parseJson } from '../json/parse.ts';
import { isJsonObject, toJsonValue } from '../json/value.ts';
import { isTime, isUuid } from '../log/entry.ts';

/** The chain of what belongs to no tenant. */
export const NO_TENANT = '00000000-0000-0000-0000-000000000000';

const FORMAT = 'medanchor-access-event/1';
const MAX_TEXT = 1024;
const MAX_WORDS = 64;

const OUTCOMES = ['success', 'denied', 'failure'] as const;
const KINDS = ['client', 'person', 'operator', 'service'] as const;
const RESULTS = ['allow', 'deny'] as const;

const isWord = (value: string): boolean => /^[a-z0-9][a-z0-9./:_-]{0,127}$/.test(value);
const word = text(isWord, 'a word of a-z, 0-9 and . / : _ -');
const anyText = text((value) => value.length <= MAX_TEXT, `a text of at most ${MAX_TEXT} code units`);
const uuid = text(isUuid, 'a lower-case UUID');
const words = list(word, MAX_WORDS);

const record = object({ source: uuid, recordRef: nullable(hash), seq: nullable(decimal(1n)) });
const other = object({ type: word, id: anyText });

const entity: Codec<TypeOf<typeof record> | TypeOf<typeof other>> = {
  read: (value, at, faults) =>
    isJsonObject(value) && value.has('source') ? record.read(value, at, faults) : other.read(value, at, faults),
  write: (value) => ('source' in value ? record.write(value) : other.write(value)),
};

const event = object({
  format: oneOf(FORMAT),
  chain: uuid,
  time: text(isTime, 'a time YYYY-MM-DDThh:mm:ss.sssZ'),
  action: word,
  outcome: oneOf(...OUTCOMES),
  caller: nullable(
    object({
      kind: oneOf(...KINDS),
      issuer: anyText,
      subject: anyText,
      clientId: anyText,
      roles: words,
      sessionId: nullable(anyText),
    }),
  ),
  decision: nullable(object({ result: oneOf(...RESULTS), policyVersion: anyText, reasons: words })),
  entity: nullable(entity),
  purposeOfUse: nullable(anyText),
  breakGlass: nullable(anyText),
  address: nullable(anyText),
  requestId: nullable(anyText),
});

/** What happened, as it is hashed. Names nobody in clear: subjects, records and sources by opaque ids. */
export type AccessEventDocument = Omit<TypeOf<typeof event>, 'format'>;

/** Canonical JSON. @throws {VerifyError} ACCESS_EVENT_MALFORMED for what parseAccessEvent would refuse */
export function formatAccessEvent(document: AccessEventDocument): string {
  const plain = plainEvent(document);
  if (plain !== null) return plain;
  const value = toJsonValue(event.write({ ...document, format: FORMAT }));
  readAll(event, value, 'ACCESS_EVENT_MALFORMED');
  return canonicalJson(value);
}

/**
 * The canonical text of the usual event, put together directly: it is written for every read, and by way of the codec that took
 * five times as long. Null for everything that has to be looked at more closely, so that rules and complaints stand in one place
 * only. JSON.stringify escapes as RFC 8785 does, and the members stand in its order.
 */
function plainEvent(document: AccessEventDocument): string | null {
  const { action, address, breakGlass, caller, chain, decision, entity, outcome, purposeOfUse, requestId, time } =
    document;
  if (!isWord(action) || !isUuid(chain) || !isTime(time) || caller === null || decision === null) return null;
  if (
    entity !== null &&
    !(
      'source' in entity &&
      isUuid(entity.source) &&
      (entity.seq === null || (entity.seq > 0n && entity.seq <= MAX_SIZE))
    )
  )
    return null;
  const { recordRef = null, seq = null, source = '' } = entity ?? {};
  if (recordRef !== null && recordRef.length !== HASH_LENGTH) return null;
  const { clientId, issuer, kind, roles, sessionId, subject } = caller;
  const { policyVersion, reasons, result } = decision;
  if (!OUTCOMES.includes(outcome) || !KINDS.includes(kind) || !RESULTS.includes(result)) return null;
  for (const one of [clientId, issuer, subject, sessionId, policyVersion, address, breakGlass, purposeOfUse, requestId])
    if (one !== null && (one.length > MAX_TEXT || !one.isWellFormed())) return null;
  if (roles.length > MAX_WORDS || reasons.length > MAX_WORDS || !roles.every(isWord) || !reasons.every(isWord))
    return null;
  return JSON.stringify({
    action,
    address,
    breakGlass,
    caller: { clientId, issuer, kind, roles, sessionId, subject },
    chain,
    decision: { policyVersion, reasons, result },
    entity:
      entity === null
        ? null
        : { recordRef: recordRef === null ? null : toHex(recordRef), seq: seq === null ? null : String(seq), source },
    format: FORMAT,
    outcome,
    purposeOfUse,
    requestId,
    time,
  });
}

/** Inverse of formatAccessEvent: the text must be the canonical one. */
export function parseAccessEvent(canonical: string): AccessEventDocument {
  const value = parseJson(utf8(canonical));
  const { format: _, ...document } = readAll(event, value, 'ACCESS_EVENT_MALFORMED');
  if (canonicalJson(value) !== canonical)
    throw new VerifyError('ACCESS_EVENT_MALFORMED', 'the event is not in canonical form (RFC 8785)');
  return document;
}

/** What the first event of a chain has as its previous hash: an event cannot be moved to another tenant's chain. */
export function accessGenesis(chain: string): Uint8Array {
  return hashInput().lp('medanchor/access-chain/1').lp(chain).sha256();
}

/** @param canonical the text that formatAccessEvent gave, octet for octet */
export function accessEventHash(previous: Uint8Array, canonical: string): Uint8Array {
  return hashInput().lp('medanchor/access-event/1').octets(previous).lp(canonical).sha256();
}

/** A part of a chain that an entry of the log commits to: events `first` to `last`, whose last hash is `head`. */
export interface AccessBatch {
  readonly chain: string;
  readonly first: bigint;
  readonly last: bigint;
  readonly head: Uint8Array;
}

/** @param salt 32 random octets, of this batch alone: whoever reads the log only learns nothing of head or number */
export function accessCommitment(salt: Uint8Array, { chain, first, last, head }: AccessBatch): Uint8Array {
  const opened = canonicalObject({
    chain,
    count: String(last - first + 1n),
    first: String(first),
    head: toHex(head),
    last: String(last),
  });
  return hmacSha256(salt, hashInput().lp('medanchor/access-anchor/1').lp(opened).copy());
}
