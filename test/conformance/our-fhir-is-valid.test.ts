// What we write as FHIR is FHIR R4 by HL7's own definitions: the events of the access log, the openings in its export, receipts as
// Provenance, and the sample's records. What succeeded as a create, read or delete is what IHE BALP's profile wants. Each validation can
// fail: a document that is changed in one place is refused.

import { describe, expect, test } from '@jest/globals';
import {
  accessAnchorResource,
  accessEventResource,
  accessGenesis,
  formatAccessEvent,
  NO_TENANT,
  type AccessEventDocument,
} from '@medanchor/verifier';
import { ACTIONS } from '../../api/src/platform/auth/actions.ts';
import { fhirProvenance } from '../../api/src/records/provenance-fhir.rules.ts';
import { readSample, SAMPLE_HISTORY } from '../../scripts/sample/sample-history.ts';
import { balpFaults, type AuditEventShape, type BalpProfile } from '../support/balp.ts';
import { fhirFaults, type FhirResource } from '../support/fhir-r4.ts';
import { SIGNED, UNSIGNED } from '../support/provenance-facts.ts';

const SOURCE = '33333333-3333-4333-8333-333333333333';
const HASH = new Uint8Array(32).fill(7);
const UID = 'urn:medanchor:operating-system';

const callers: Readonly<Record<string, AccessEventDocument['caller']>> = {
  nobody: null,
  machine: {
    kind: 'client',
    issuer: 'https://issuer.example',
    subject: 'ehr',
    clientId: 'ehr',
    roles: [],
    sessionId: null,
  },
  person: {
    kind: 'person',
    issuer: 'https://issuer.example',
    subject: 'account-7',
    clientId: 'console',
    roles: ['auditor', 'privacy-officer'],
    sessionId: 'session-9',
  },
  operator: { kind: 'operator', issuer: UID, subject: 'uid:1000', clientId: 'restore', roles: [], sessionId: null },
  service: {
    kind: 'service',
    issuer: 'urn:medanchor:service',
    subject: 'retention',
    clientId: 'retention',
    roles: [],
    sessionId: null,
  },
};

const entities: Readonly<Record<string, AccessEventDocument['entity']>> = {
  nothing: null,
  'a source': { source: SOURCE, recordRef: null, seq: null },
  'a record': { source: SOURCE, recordRef: HASH, seq: 3n },
  'a route': { type: 'route', id: 'GET /v1/alarms' },
};

const EVENT: AccessEventDocument = {
  chain: NO_TENANT,
  time: '2026-01-02T03:04:05.678Z',
  action: 'version.read',
  outcome: 'success',
  caller: callers['person'] ?? null,
  decision: { result: 'allow', policyVersion: '1', reasons: ['role-allows'] },
  entity: entities['a record'] ?? null,
  purposeOfUse: 'TREAT',
  breakGlass: null,
  address: '192.0.2.7',
  requestId: 'req-1',
};

function resourceOf(event: Partial<AccessEventDocument>): FhirResource & AuditEventShape {
  const text = formatAccessEvent({ ...EVENT, ...event });
  const chained = { seq: 7n, event: text, previousHash: accessGenesis(NO_TENANT), hash: HASH };
  return accessEventResource(chained, 'medanchor.example/log/1') as unknown as FhirResource & AuditEventShape;
}

type Change = (event: Record<string, unknown>) => unknown;

function without(given: object, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([member]) => member !== name));
}

describe('an AuditEvent', () => {
  const actions = [...ACTIONS, 'sign-in', 'sign-out', 'token.issue', 'account.lock', 'epoch.begin', 'backup.restore'];

  test.each(Object.keys(callers))('of %s is valid FHIR, whatever was done to whatever', (who) => {
    const caller = callers[who] ?? null;
    const faults = actions.flatMap((action) =>
      Object.values(entities).flatMap((entity) =>
        (['success', 'denied', 'failure'] as const).flatMap((outcome) =>
          fhirFaults(
            resourceOf({ action, outcome, caller, entity, decision: caller === null ? null : EVENT.decision }),
          ),
        ),
      ),
    );
    expect(faults).toEqual([]);
  });

  test('without what may be missing, and with all that may be there, is valid FHIR', () => {
    const bare = { purposeOfUse: null, breakGlass: null, address: null, requestId: null, decision: null };
    expect(fhirFaults(resourceOf(bare))).toEqual([]);
    expect(fhirFaults(resourceOf({ breakGlass: 'b6'.repeat(32) }))).toEqual([]);
    expect(fhirFaults(resourceOf({ decision: { result: 'allow', policyVersion: '1', reasons: [] } }))).toEqual([]);
  });

  test.each<[string, Change, string]>([
    ['without an agent', (event) => without(event, 'agent'), 'AuditEvent.agent: Missing required property'],
    ['of an outcome that does not exist', (event) => ({ ...event, outcome: '1' }), 'AuditEvent/outcome'],
    ['of an action that does not exist', (event) => ({ ...event, action: 'X' }), 'AuditEvent/action'],
    ['with a member of its own', (event) => ({ ...event, chain: 'x' }), 'Invalid additional property "chain"'],
    ['at no instant', (event) => ({ ...event, recorded: '2026-01-02' }), 'AuditEvent.recorded: Invalid instant format'],
    ['with an id that is none', (event) => ({ ...event, id: 'a_b' }), 'AuditEvent/id'],
    [
      'with an entity that is named and searched for (sev-1)',
      (event) => ({ ...event, entity: [{ name: 'a', query: 'YQ==' }] }),
      'Constraint sev-1 not met',
    ],
    [
      'with a code that its system does not have',
      (event) => ({
        ...event,
        type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'soap' },
      }),
      'has no code soap',
    ],
    [
      'with another display than its system has',
      (event) => ({
        ...event,
        type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest', display: 'REST' },
      }),
      'the display of rest is RESTful Operation, not REST',
    ],
    [
      'with a code of DICOM that FHIR does not use',
      (event) => ({ ...event, type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '999999' } }),
      'has no code 999999',
    ],
  ])('%s is refused', (_what, change, fault) => {
    const changed = change(resourceOf({})) as FhirResource;
    expect(fhirFaults(changed)).toEqual(expect.arrayContaining([expect.stringContaining(fault)]));
  });
});

describe('IHE BALP', () => {
  const patterns: readonly (readonly [string, BalpProfile])[] = [
    ['version.submit', 'Create'],
    ['version.read', 'Read'],
    ['proof.read', 'Read'],
    ['entries.read', 'Read'],
    ['alarm.read', 'Read'],
    ['fsck.read', 'Read'],
    ['key.read', 'Read'],
    ['access-log.read', 'Read'],
    ['record.erase', 'Delete'],
  ];

  test.each(patterns)('%s is of the profile %s', (action, profile) => {
    for (const who of ['machine', 'person'])
      for (const what of ['a source', 'a record', 'a route'])
        expect(
          balpFaults(profile, resourceOf({ action, caller: callers[who] ?? null, entity: entities[what] ?? null })),
        ).toEqual([]);
  });

  test('what was denied, and what no request stands behind, is of none', () => {
    expect(balpFaults('Read', resourceOf({ outcome: 'denied' }))).toEqual(['IHE.BasicAudit.Read AuditEvent.outcome']);
    const erased = resourceOf({ action: 'record.erase', caller: callers['service'] ?? null });
    expect(balpFaults('Delete', erased)).toContain('IHE.BasicAudit.Delete AuditEvent.type');
  });

  test.each<[string, (event: AuditEventShape) => unknown, string]>([
    ['another interaction', (event) => ({ ...event, subtype: [] }), 'AuditEvent.subtype'],
    ['another action', (event) => ({ ...event, action: 'E' }), 'AuditEvent.action'],
    ['client and server in each other’s parts', (event) => swapped(event), 'AuditEvent.agent:client'],
    ['no server', (event) => ({ ...event, agent: event.agent?.slice(0, 2) }), 'AuditEvent.agent:server'],
    [
      'a client at no address',
      (event) => ({ ...event, agent: event.agent?.map((one) => without(one, 'network')) }),
      'AuditEvent.agent:client, :server .network',
    ],
    [
      'a person who asked for nothing',
      (event) => ({ ...event, agent: event.agent?.map((one) => ({ ...one, requestor: false })) }),
      'AuditEvent.agent:user.requestor',
    ],
    ['no data', (event) => ({ ...event, entity: event.entity?.slice(1) }), 'AuditEvent.entity:data'],
    [
      'data in no part',
      (event) => ({ ...event, entity: event.entity?.map((one) => without(one, 'role')) }),
      'AuditEvent.entity:data.role',
    ],
  ])('%s is refused', (_what, change, fault) => {
    expect(balpFaults('Read', change(resourceOf({})) as AuditEventShape)).toContain(`IHE.BasicAudit.Read ${fault}`);
  });
});

/** A read with client and server as a create has them. */
function swapped(event: AuditEventShape): AuditEventShape {
  const agent = resourceOf({ action: 'version.submit' }).agent?.slice(0, 1) ?? [];
  return { ...event, agent: [...agent, ...(event.agent?.slice(1) ?? [])] };
}

test('the opening of a batch is valid FHIR, and refused without its code', () => {
  const anchor = { id: SOURCE, chain: NO_TENANT, first: 1n, last: 7n, head: HASH, salt: HASH, index: 4n };
  for (const bundle of [null, '{}']) {
    const resource = JSON.parse(accessAnchorResource(anchor, bundle)) as FhirResource;
    expect(fhirFaults(resource)).toEqual([]);
    expect(fhirFaults(without(resource, 'code') as FhirResource)).toContain('Basic.code: Missing required property');
  }
});

describe('a Provenance', () => {
  test.each([
    ['unsigned', UNSIGNED],
    ['signed', SIGNED],
    ['of an import', { ...UNSIGNED, activity: 'import' as const }],
    ['of a deletion', { ...SIGNED, activity: 'delete' as const }],
    ['of what is no FHIR resource', { ...SIGNED, recordId: 'ACC 123' }],
  ])('%s is valid FHIR', (_what, facts) => {
    expect(fhirFaults(fhirProvenance(facts) as FhirResource)).toEqual([]);
  });

  test.each<[string, Change, string]>([
    ['without a target', (given) => without(given, 'target'), 'Provenance.target: Missing required property'],
    [
      'whose entity has no part',
      (given) => ({ ...given, entity: [{ what: { display: 'x' } }] }),
      'Provenance.entity[0].role: Missing required property',
    ],
    [
      'whose entity has a part that does not exist',
      (given) => ({ ...given, entity: [{ role: 'copy', what: { display: 'x' } }] }),
      'Provenance/entity/0/role',
    ],
    [
      'by an agent of a type that does not exist',
      (given) => ({
        ...given,
        agent: [
          {
            type: {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'witness' },
              ],
            },
            who: { display: 'x' },
          },
        ],
      }),
      'has no code witness',
    ],
    [
      'whose signature is no base64',
      (given) => ({ ...given, signature: [{ ...(given['signature'] as object[])[0], data: 'a..b' }] }),
      'Provenance.signature',
    ],
  ])('%s is refused', (_what, change, fault) => {
    const changed = change(fhirProvenance(SIGNED)) as FhirResource;
    expect(fhirFaults(changed)).toEqual(expect.arrayContaining([expect.stringContaining(fault)]));
  });
});

describe('the sample', () => {
  const files = SAMPLE_HISTORY.flatMap(({ file, mediaType }) =>
    file === null || mediaType !== 'application/fhir+json' ? [] : [file],
  );

  test.each(files)('%s is valid FHIR', (file) => {
    expect(fhirFaults(JSON.parse(readSample(file).toString('utf8')) as FhirResource)).toEqual([]);
  });
});
