// The profiles of IHE BALP (Basic Audit Log Patterns) 1.1.4 that our AuditEvents can be of, as rules: Create, Read and Delete, without
// a patient. Each rule is one of the profile's differential; its page is named with it:
//
//   https://profiles.ihe.net/ITI/BALP/StructureDefinition-IHE.BasicAudit.Create.html
//   https://profiles.ihe.net/ITI/BALP/StructureDefinition-IHE.BasicAudit.Read.html
//   https://profiles.ihe.net/ITI/BALP/StructureDefinition-IHE.BasicAudit.Delete.html
//
// with the value sets DataSources (ValueSet-DataSources.html) and RestObjectRoles (ValueSet-RestObjectRoles.html). Query is not among
// them: it wants the search itself, which our events do not hold.

interface Coding {
  readonly system?: string;
  readonly code?: string;
}

interface Agent {
  readonly type?: { readonly coding?: readonly Coding[] };
  readonly who?: unknown;
  readonly requestor?: boolean;
  readonly network?: unknown;
  readonly media?: unknown;
}

interface Entity {
  readonly type?: Coding;
  readonly role?: Coding;
  readonly what?: { readonly identifier?: { readonly value?: string } };
}

export interface AuditEventShape {
  readonly type?: Coding;
  readonly subtype?: readonly Coding[];
  readonly action?: string;
  readonly outcome?: string;
  readonly agent?: readonly Agent[];
  readonly entity?: readonly Entity[];
}

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';
const DICOM = 'http://dicom.nema.org/resources/ontology/DCM';
const PARTICIPATION = `${TERMINOLOGY}/v3-ParticipationType`;

const SOURCE: Coding = { system: DICOM, code: '110153' };
const DESTINATION: Coding = { system: DICOM, code: '110152' };
const APPLICATION: Coding = { system: DICOM, code: '110150' };
const CUSTODIAN: Coding = { system: `${TERMINOLOGY}/provenance-participant-type`, code: 'custodian' };
const DATA_SOURCES = ['AUT', 'INF', 'CST'].map((code): Coding => ({ system: PARTICIPATION, code }));
const OBJECT_ROLES = ['4', '3', '20'].map((code): Coding => ({ system: `${TERMINOLOGY}/object-role`, code }));

const PROFILES = {
  Create: { action: 'C', subtypes: ['create'], client: SOURCE, server: DESTINATION, user: DATA_SOURCES },
  Read: {
    action: 'R',
    subtypes: ['read', 'vread'],
    client: DESTINATION,
    server: SOURCE,
    user: [{ system: PARTICIPATION, code: 'IRCP' }],
  },
  Delete: { action: 'D', subtypes: ['delete'], client: APPLICATION, server: CUSTODIAN, user: DATA_SOURCES },
} as const;

export type BalpProfile = keyof typeof PROFILES;

/** What of the profile does not hold, by the id of the element; nothing when all of it does. */
export function balpFaults(profile: BalpProfile, event: AuditEventShape): readonly string[] {
  const { action, subtypes, client, server, user } = PROFILES[profile];
  const { agent = [], entity = [], subtype = [] } = event;
  const rest = subtype.filter(({ system }) => system === 'http://hl7.org/fhir/restful-interaction');
  const [clients, servers] = [agentsOf(agent, client), agentsOf(agent, server)];
  const users = agent.filter((one) => user.some((type) => isOfType(one, type)));
  const data = entity.filter(({ type }) => same(type, { system: `${TERMINOLOGY}/audit-entity-type`, code: '2' }));
  const transactions = entity.filter(({ type }) =>
    same(type, { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' }),
  );
  const rules: readonly (readonly [element: string, holds: boolean])[] = [
    ['AuditEvent.type', same(event.type, { system: `${TERMINOLOGY}/audit-event-type`, code: 'rest' })],
    ['AuditEvent.subtype', rest.length === 1 && subtypes.some((code) => code === rest[0]?.code)],
    ['AuditEvent.action', event.action === action],
    ['AuditEvent.outcome', event.outcome === '0'],
    ['AuditEvent.agent', agent.length >= 2],
    ['AuditEvent.agent:client', clients.length === 1],
    ['AuditEvent.agent:server', servers.length === 1],
    ['AuditEvent.agent:user', users.length <= 1],
    ...[...clients, ...servers].flatMap((one): [string, boolean][] => [
      ['AuditEvent.agent:client, :server .who', one.who !== undefined],
      ['AuditEvent.agent:client, :server .network', one.network !== undefined],
    ]),
    ...users.flatMap((one): [string, boolean][] => [
      ['AuditEvent.agent:user.who', one.who !== undefined],
      ['AuditEvent.agent:user.requestor', one.requestor === true],
      ['AuditEvent.agent:user.network', one.network === undefined],
    ]),
    ['AuditEvent.agent:….media', agent.every(({ media }) => media === undefined)],
    ['AuditEvent.entity:data', data.length === 1],
    ['AuditEvent.entity:data.what', data.every(({ what }) => what !== undefined)],
    ['AuditEvent.entity:data.role', data.every(({ role }) => OBJECT_ROLES.some((one) => same(role, one)))],
    ['AuditEvent.entity:transaction', transactions.length <= 1],
    [
      'AuditEvent.entity:transaction.what.identifier.value',
      transactions.every(({ what }) => typeof what?.identifier?.value === 'string'),
    ],
  ];
  return rules.filter(([, holds]) => !holds).map(([element]) => `IHE.BasicAudit.${profile} ${element}`);
}

function agentsOf(agents: readonly Agent[], type: Coding): readonly Agent[] {
  return agents.filter((one) => isOfType(one, type));
}

function isOfType({ type }: Agent, wanted: Coding): boolean {
  return type?.coding?.some((one) => same(one, wanted)) === true;
}

function same(one: Coding | undefined, other: Coding): boolean {
  return one?.system === other.system && one?.code === other.code;
}
