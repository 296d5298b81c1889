// An event of the access log as a FHIR R4 AuditEvent. What succeeded as a create, read or delete is as the profiles Create, Read and
// Delete of IHE BALP (Basic Audit Log Patterns 1.1.4) want it: client, user and server as agents, the record as an entity without a
// patient, the request id as a transaction entity. Everything else, for which BALP has no profile, has the same shape.
// docs/spec/formats.md section 11.3. Pure, so that a verifier makes the resource again and sees that it says what was hashed.

import { toHex } from '../bytes.ts';
import { parseAccessEvent, type AccessEventDocument } from './event.ts';

/** An event in its place. */
export interface ChainedAccessEvent {
  readonly seq: bigint;
  /** The canonical text that was hashed. */
  readonly event: string;
  readonly previousHash: Uint8Array;
  readonly hash: Uint8Array;
}

/** JSON with booleans; FHIR has them. */
export type FhirJson = null | string | boolean | readonly FhirJson[] | { readonly [name: string]: FhirJson };
type Resource = { readonly [name: string]: FhirJson };

export const ACCESS_EXTENSION = 'urn:medanchor:access-log:event';

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';
const DICOM = 'http://dicom.nema.org/resources/ontology/DCM';
const RESTFUL = 'http://hl7.org/fhir/restful-interaction';

/** FHIR's network-type. */
const IP_ADDRESS = '2';
const URI = '5';

/** The parts that agents have. */
const AGENTS = {
  source: [DICOM, '110153', 'Source Role ID'],
  destination: [DICOM, '110152', 'Destination Role ID'],
  application: [DICOM, '110150', 'Application'],
  launcher: [DICOM, '110151', 'Application Launcher'],
  custodian: [`${TERMINOLOGY}/provenance-participant-type`, 'custodian', 'Custodian'],
  author: [`${TERMINOLOGY}/v3-ParticipationType`, 'AUT', 'author (originator)'],
  recipient: [`${TERMINOLOGY}/v3-ParticipationType`, 'IRCP', 'information recipient'],
} as const;

/** `action`: Create, Read, Update, Delete, Execute. */
const INTERACTIONS: Readonly<Record<string, readonly [action: string, interaction: string]>> = {
  'version.submit': ['C', 'create'],
  'version.read': ['R', 'read'],
  'proof.read': ['R', 'read'],
  'entries.read': ['R', 'read'],
  'alarm.read': ['R', 'read'],
  'fsck.read': ['R', 'read'],
  'key.read': ['R', 'read'],
  'access-log.read': ['R', 'read'],
  'record.erase': ['D', 'delete'],
};

/** Who has which part in an interaction, in the words of BALP's profiles: the data of a read flow from the server to the client. */
const PARTS: Readonly<Record<string, readonly [client: Resource, server: Resource, user: Resource]>> = {
  C: [part('source'), part('destination'), part('author')],
  R: [part('destination'), part('source'), part('recipient')],
  D: [part('application'), part('custodian'), part('author')],
  E: [part('source'), part('destination'), part('recipient')],
};

/** DICOM's words for what is done with a session, not with data. */
const AUTHENTICATION: Readonly<Record<string, readonly [code: string, display: string]>> = {
  'sign-in': ['110122', 'Login'],
  'sign-out': ['110123', 'Logout'],
};

/** FHIR's AuditEventOutcome: what was denied failed for a reason on the caller's side. */
const OUTCOMES = { success: '0', denied: '4', failure: '8' } as const;

/** @param origin of the log that the service keeps: the source that observed the event */
export function accessEventResource(chained: ChainedAccessEvent, origin: string): Resource {
  const event = parseAccessEvent(chained.event);
  const server = { identifier: { system: 'urn:medanchor:log', value: origin } };
  return {
    resourceType: 'AuditEvent',
    id: `${event.chain.slice(0, 8)}-${chained.seq}`,
    extension: [extensionOf(event.chain, chained)],
    ...kindOf(event),
    recorded: event.time,
    outcome: OUTCOMES[event.outcome],
    ...(event.decision === null || event.decision.reasons.length === 0
      ? {}
      : { outcomeDesc: event.decision.reasons.join(', ') }),
    ...(event.purposeOfUse === null
      ? {}
      : { purposeOfEvent: [concept(`${TERMINOLOGY}/v3-ActReason`, event.purposeOfUse)] }),
    agent: [...callersOf(event), { ...serverOf(event, origin), who: server, requestor: false }],
    source: { observer: server, type: [coding(`${TERMINOLOGY}/security-source-type`, '4', 'Application Server')] },
    entity: [...entityOf(event), ...transactionOf(event)],
  };
}

function extensionOf(chain: string, { seq, event, previousHash, hash }: ChainedAccessEvent): Resource {
  const part = (url: string, valueString: string): Resource => ({ url, valueString });
  return {
    url: ACCESS_EXTENSION,
    extension: [
      part('chain', chain),
      part('seq', String(seq)),
      part('event', event),
      part('previousHash', toHex(previousHash)),
      part('hash', toHex(hash)),
    ],
  };
}

function kindOf({ action, caller }: AccessEventDocument): Resource {
  const own = coding('urn:medanchor:action', action);
  const [letter, interaction] = interactionOf(action);
  // No request came: what the operator's commands and the service itself do is no RESTful operation.
  if (isProgram(caller))
    return { type: coding(DICOM, '110100', 'Application Activity'), subtype: [own], action: letter };
  const authentication = AUTHENTICATION[action];
  if (authentication !== undefined) {
    const type = coding(DICOM, '110114', 'User Authentication');
    return { type, subtype: [coding(DICOM, ...authentication), own], action: 'E' };
  }
  const type = coding(`${TERMINOLOGY}/audit-event-type`, 'rest', 'RESTful Operation');
  return { type, subtype: [coding(RESTFUL, interaction), own], action: letter };
}

function interactionOf(action: string): readonly [letter: string, interaction: string] {
  return INTERACTIONS[action] ?? ['E', 'operation'];
}

function partsOf(action: string): readonly [client: Resource, server: Resource, user: Resource] {
  const [letter] = interactionOf(action);
  return PARTS[letter] as readonly [Resource, Resource, Resource];
}

function isProgram(caller: AccessEventDocument['caller']): boolean {
  return caller?.kind === 'operator' || caller?.kind === 'service';
}

/** Its address is the name under which the log is known: that of the machine would depend on who asks. */
function serverOf({ action, caller }: AccessEventDocument, origin: string): Resource {
  const [, server] = partsOf(action);
  return { type: isProgram(caller) ? part('destination') : server, network: { address: origin, type: URI } };
}

function callersOf({ action, caller, decision, address }: AccessEventDocument): Resource[] {
  const network = address === null ? {} : { network: { address, type: IP_ADDRESS } };
  const [source, , person] = partsOf(action);
  if (caller === null) return [{ type: source, who: { display: 'not recognised' }, requestor: true, ...network }];
  if (isProgram(caller)) return programOf(caller);
  const policy = decision === null ? {} : { policy: [`urn:medanchor:policy:${decision.policyVersion}`] };
  const role = caller.roles.map((name) => concept('urn:medanchor:role', name));
  const roles = role.length === 0 ? {} : { role };
  const isPerson = caller.kind === 'person';
  const client = {
    type: source,
    who: { identifier: { system: caller.issuer, value: caller.clientId } },
    requestor: !isPerson,
    ...network,
    ...(isPerson ? {} : { ...policy, ...roles }),
  };
  if (!isPerson) return [client];
  const session = caller.sessionId === null ? {} : { altId: caller.sessionId };
  const user = {
    type: person,
    who: { identifier: { system: caller.issuer, value: caller.subject } },
    ...session,
    requestor: true,
    ...policy,
    ...roles,
  };
  return [client, user];
}

/** The program that acted, and who launched it; the service launches what it does by itself. */
function programOf({ kind, issuer, subject, clientId }: NonNullable<AccessEventDocument['caller']>): Resource[] {
  const program = (system: string, requestor: boolean): Resource => ({
    type: part('application'),
    who: { identifier: { system, value: clientId } },
    requestor,
  });
  if (kind === 'service') return [program(issuer, true)];
  const operator = {
    type: part('launcher'),
    who: { identifier: { system: issuer, value: subject } },
    requestor: true,
  };
  return [program('urn:medanchor:command', false), operator];
}

function entityOf({ entity, breakGlass }: AccessEventDocument): Resource[] {
  const detail = (type: string, value: string | null): Resource[] =>
    value === null ? [] : [{ type, valueString: value }];
  const glass = detail('break-glass', breakGlass);
  const withDetail = (found: readonly Resource[]): Resource => (found.length === 0 ? {} : { detail: found });
  const type = coding(`${TERMINOLOGY}/audit-entity-type`, '2', 'System Object');
  const role = coding(`${TERMINOLOGY}/object-role`, '4', 'Domain Resource');
  if (entity === null) return glass.length === 0 ? [] : [{ type, role, ...withDetail(glass) }];
  if (!('source' in entity)) {
    const what = { identifier: { system: `urn:medanchor:${entity.type}`, value: entity.id } };
    return [{ what, type, role, ...withDetail(glass) }];
  }
  const { source, recordRef, seq } = entity;
  const identifier =
    recordRef === null
      ? { system: 'urn:medanchor:source', value: source }
      : { system: 'urn:medanchor:record-ref', value: toHex(recordRef) };
  const details = [...detail('source', source), ...detail('seq', seq === null ? null : String(seq)), ...glass];
  return [{ what: { identifier }, type, role, ...withDetail(details) }];
}

function transactionOf({ requestId }: AccessEventDocument): Resource[] {
  if (requestId === null) return [];
  const type = coding('https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', 'XrequestId');
  return [{ what: { identifier: { value: requestId } }, type }];
}

function part(name: keyof typeof AGENTS): Resource {
  const [system, code, display] = AGENTS[name];
  return concept(system, code, display);
}

function coding(system: string, code: string, display?: string): Resource {
  return { system, code, ...(display === undefined ? {} : { display }) };
}

function concept(system: string, code: string, display?: string): Resource {
  return { coding: [coding(system, code, display)] };
}
