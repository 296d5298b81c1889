// Receipts whose provenance the tests write down: the first version of a record, and a signed update of it that a client sent.

import type { ProvenanceFacts } from '../../api/src/records/provenance.rules.ts';

export const PROVENANCE_SOURCE = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';
export const LEAF = 'ab'.repeat(32);
export const BEFORE = 'cd'.repeat(32);

export const UNSIGNED: ProvenanceFacts = {
  source: { id: PROVENANCE_SOURCE, name: 'ehr' },
  recordId: 'Observation/k1',
  versionId: '1',
  activity: 'create',
  recordedAt: '2026-11-24T10:00:00.000Z',
  origin: 'medanchor.example/log/1',
  index: '7',
  leafHash: LEAF,
  previous: null,
  attestation: { by: 'ledger', client: null },
  client: null,
  jws: null,
  proof: '/v1/records/ehr/Observation%2Fk1/versions/1/proof',
};

export const SIGNED: ProvenanceFacts = {
  ...UNSIGNED,
  versionId: '2',
  activity: 'update',
  previous: BEFORE,
  attestation: { by: 'source-key', keyId: 'x'.repeat(43) },
  client: 'ehr-backend (1)',
  jws: 'header..signature',
};
