// Events of the access log for tests; what is given replaces the usual.

import type { AccessEvent } from '../../api/src/platform/auth/access-log.port.ts';

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const OTHER_TENANT = '22222222-2222-4222-8222-222222222222';

export function accessEvent(given: Partial<AccessEvent>): AccessEvent {
  return {
    action: 'version.read',
    outcome: 'success',
    caller: {
      kind: 'client',
      issuer: 'https://issuer.example',
      subject: 'ehr-1',
      clientId: 'ehr-1',
      roles: new Set(['record-system', 'auditor'] as const),
      sessionId: null,
    },
    tenantId: TENANT,
    decision: { allowed: true, policyVersion: '1', reasons: ['role-allows'] },
    entity: {
      sourceId: '33333333-3333-4333-8333-333333333333',
      recordRef: new Uint8Array(32).fill(0xab),
      seq: 3n,
    },
    purposeOfUse: 'TREAT',
    breakGlass: null,
    address: '192.0.2.7',
    requestId: 'req-1',
    ...given,
  };
}
