// The policy, without a service around it: every rule by itself, and every reason by its word.

import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { POLICY, POLICY_VERSION } from '../../api/src/identity/access/policy-table.ts';
import { accountOf, assertFourEyes, decide, type AccessContext } from '../../api/src/identity/access/policy.rules.ts';
import { UNLIMITED_ACCESS, type AccessPeriod } from '../../api/src/platform/auth/access-period.rules.ts';
import { ACTIONS, type Action } from '../../api/src/platform/auth/actions.ts';
import { ROLES, type Principal, type Role } from '../../api/src/platform/auth/principal.ts';
import { SCOPES } from '../../api/src/platform/auth/scopes.ts';

const NOW = new Date('2026-11-24T12:00:00Z');

interface Who {
  readonly kind?: 'client' | 'person';
  readonly roles?: readonly Role[];
  readonly scopes?: readonly string[];
  readonly sources?: readonly string[];
  readonly tenant?: string;
  readonly factors?: readonly string[];
  readonly signedInSecondsAgo?: number;
  readonly period?: AccessPeriod;
}

function principal(who: Who = {}): Principal {
  const { signedInSecondsAgo: ago } = who;
  return {
    kind: who.kind ?? 'client',
    issuer: 'https://issuer.example',
    subject: 'one',
    clientId: 'one',
    tenant: { id: '1', name: who.tenant ?? 'default' },
    roles: new Set(who.roles ?? []),
    scopes: new Set(who.scopes ?? SCOPES),
    sources: who.sources === undefined ? null : new Set(who.sources),
    authenticatedAt: ago === undefined ? null : new Date(NOW.getTime() - ago * 1000),
    factors: new Set(who.factors ?? []),
    accessPeriod: who.period ?? UNLIMITED_ACCESS,
    tokenId: 'token',
    sessionId: null,
  };
}

const context = (more: Partial<AccessContext> = {}): AccessContext => ({
  now: NOW,
  purpose: null,
  breakGlass: null,
  ...more,
});

const reasons = (
  who: Who,
  action: Action,
  source: string | null = null,
  more: Partial<AccessContext> = {},
): readonly string[] => decide(principal(who), action, { source }, context(more)).reasons;

describe('the table', () => {
  test('is that of its version: whoever changes it gives it another version, and this hash', () => {
    const hash = createHash('sha256').update(JSON.stringify(POLICY)).digest('hex').slice(0, 16);
    expect([POLICY_VERSION, hash]).toEqual(['2', 'acd45a73aaa91ab0']);
  });

  test('every action has a role and a scope, and nobody has every action', () => {
    for (const action of ACTIONS) {
      expect(POLICY[action].roles.length).toBeGreaterThan(0);
      expect(POLICY[action].scopes.length).toBeGreaterThan(0);
    }
    for (const role of ROLES) expect(ACTIONS.some((action) => !POLICY[action].roles.includes(role))).toBe(true);
  });

  test('what cannot be undone, or opens all, needs a fresh second factor of a person', () => {
    expect(ACTIONS.filter((action) => POLICY[action].stepUp)).toEqual([
      'key.manage',
      'record.erase',
      'retention.manage',
      'client.manage',
      'account.manage',
      'tenant.manage',
      'kek.rotate',
    ]);
  });

  test('what concerns all tenants is for the operator’s alone', () => {
    expect(ACTIONS.filter((action) => POLICY[action].reach === 'log')).toEqual([
      'entries.read',
      'fsck.read',
      'fsck.run',
      'tenant.manage',
      'kek.rotate',
    ]);
  });
});

describe('deny by default', () => {
  test.each(ACTIONS)('%s: no role, no scope', (action) => {
    const { allowed, reasons } = decide(principal({ scopes: [] }), action, { source: null }, context());
    expect(allowed).toBe(false);
    expect(reasons.slice(0, 2)).toEqual(['role-lacks-action', 'scope-lacks-action']);
  });

  test('all that is against it is named', () => {
    const who: Who = { kind: 'person', scopes: [], tenant: 'other' };
    expect(reasons(who, 'kek.rotate')).toEqual([
      'role-lacks-action',
      'scope-lacks-action',
      'not-the-operators-tenant',
      'step-up-required',
    ]);
  });

  test('a role without the scope, a scope without the role', () => {
    expect(reasons({ roles: ['record-system'], scopes: ['ledger/verify'] }, 'version.submit')).toEqual([
      'scope-lacks-action',
    ]);
    expect(reasons({ roles: ['auditor'] }, 'version.submit')).toEqual(['role-lacks-action']);
    expect(reasons({ roles: ['record-system'], scopes: ['ledger/version.write'] }, 'version.submit')).toEqual([
      'allowed',
    ]);
  });

  test('the decision says by which policy', () => {
    expect(decide(principal(), 'fsck.run', { source: null }, context()).policyVersion).toBe('2');
  });
});

describe('sources', () => {
  const who: Who = { roles: ['record-system'], sources: ['ehr', 'lab'] };

  test.each([
    ['ehr', ['allowed']],
    ['lab', ['allowed']],
    ['pacs', ['source-not-granted']],
    ['EHR', ['source-not-granted']],
    ['', ['source-not-granted']],
    // Each line of a batch is asked for by itself.
    [null, ['allowed']],
  ])('%j of ehr and lab: %j', (source, expected) => {
    expect(reasons(who, 'version.submit', source)).toEqual(expected);
  });

  test('without a list, all of the tenant', () => {
    expect(reasons({ roles: ['record-system'] }, 'version.submit', 'pacs')).toEqual(['allowed']);
  });

  test('an empty list is none', () => {
    expect(reasons({ roles: ['record-system'], sources: [] }, 'version.submit', 'ehr')).toEqual(['source-not-granted']);
  });

  test('what is no record has no source to be kept from', () => {
    expect(reasons({ roles: ['auditor'], sources: ['ehr'] }, 'alarm.read', 'pacs')).toEqual(['allowed']);
  });
});

describe('purpose of use', () => {
  test.each(['version.read', 'version.verify', 'proof.read', 'proof.disclose'] as const)(
    '%s: who is nothing but a clinician says what for',
    (action) => {
      const who: Who = { kind: 'person', roles: ['clinician'] };
      expect(reasons(who, action, 'ehr')).toEqual(['purpose-required']);
      expect(reasons(who, action, 'ehr', { purpose: 'TREAT' })).toEqual(['allowed']);
    },
  );

  test('whoever has another role for it need not', () => {
    expect(reasons({ roles: ['clinician', 'auditor'] }, 'version.read', 'ehr')).toEqual(['allowed']);
    expect(reasons({ roles: ['clinician', 'isms-manager'] }, 'version.read', 'ehr')).toEqual(['purpose-required']);
  });
});

describe('break-glass', () => {
  const breakGlass = 'unconscious in the emergency room';
  const clinician: Who = { kind: 'person', roles: ['clinician'], sources: ['ward-3'] };

  test('opens another source of the tenant to a clinician who says why and what for', () => {
    expect(reasons(clinician, 'version.read', 'ehr', { purpose: 'ETREAT' })).toEqual(['source-not-granted']);
    expect(reasons(clinician, 'version.read', 'ehr', { purpose: 'ETREAT', breakGlass })).toEqual([
      'allowed',
      'break-glass',
    ]);
    expect(reasons(clinician, 'version.read', 'ehr', { breakGlass })).toEqual(['purpose-required']);
  });

  test('also for a clinician whose other role would need no purpose', () => {
    const both: Who = { ...clinician, roles: ['clinician', 'auditor'] };
    expect(reasons(both, 'version.read', 'ehr', { breakGlass })).toEqual(['purpose-required']);
  });

  test('opens nothing to anybody else', () => {
    const expected = ['source-not-granted', 'break-glass-not-for-this'];
    expect(
      reasons({ roles: ['auditor'], sources: ['x'] }, 'version.read', 'ehr', { purpose: 'TREAT', breakGlass }),
    ).toEqual(expected);
    expect(
      reasons({ ...clinician, scopes: ['ledger/audit.read'] }, 'version.read', 'ehr', { purpose: 'TREAT', breakGlass }),
    ).toEqual(expected);
  });

  test('opens no writing', () => {
    const both: Who = { ...clinician, roles: ['clinician', 'record-system'] };
    expect(reasons(both, 'version.submit', 'ehr', { purpose: 'TREAT', breakGlass })).toEqual([
      'source-not-granted',
      'break-glass-not-for-this',
    ]);
  });

  test.each(['ward-3', null])('a glass that is not in the way (source %j) is not broken', (source) => {
    expect(reasons(clinician, 'version.read', source, { purpose: 'TREAT', breakGlass })).toEqual([
      'break-glass-not-for-this',
    ]);
  });
});

describe('step-up', () => {
  const officer: Who = { kind: 'person', roles: ['privacy-officer'] };

  test.each<[name: string, who: Who, expected: readonly string[]]>([
    ['a password alone', { factors: ['pwd'], signedInSecondsAgo: 10 }, ['step-up-required']],
    ['a one-time password', { factors: ['pwd', 'otp'], signedInSecondsAgo: 10 }, ['allowed']],
    ['a hardware key', { factors: ['hwk'], signedInSecondsAgo: 10 }, ['allowed']],
    ['a software key', { factors: ['swk'], signedInSecondsAgo: 10 }, ['allowed']],
    ['what the issuer calls mfa', { factors: ['mfa'], signedInSecondsAgo: 10 }, ['allowed']],
    ['after exactly five minutes', { factors: ['otp'], signedInSecondsAgo: 300 }, ['allowed']],
    ['after a second more', { factors: ['otp'], signedInSecondsAgo: 301 }, ['step-up-required']],
    ['an issuer that does not say when', { factors: ['otp'] }, ['step-up-required']],
    ['a machine', { kind: 'client' }, ['allowed']],
  ])('%s', (_name, who, expected) => {
    expect(reasons({ ...officer, ...who }, 'record.erase')).toEqual(expected);
  });
});

describe('access period', () => {
  const SECOND = 1000;
  const at = (ms: number): Date => new Date(NOW.getTime() + ms);
  const auditor = (period: AccessPeriod): Who => ({ roles: ['auditor'], period });

  test.each<[name: string, from: Date | null, until: Date | null, allowed: boolean]>([
    ['no limit', null, null, true],
    ['a millisecond before it begins', at(1), null, false],
    ['the first instant', NOW, null, true],
    ['within', at(-SECOND), at(SECOND), true],
    ['the last millisecond', null, at(1), true],
    ['the end', null, NOW, false],
    ['long over', at(-9 * SECOND), at(-SECOND), false],
    ['not begun, with an end', at(SECOND), at(9 * SECOND), false],
    ['an end that is before the beginning', at(SECOND), at(-SECOND), false],
  ])('%s', (_name, from, until, allowed) => {
    expect(reasons(auditor({ from, until }), 'alarm.read')).toEqual([allowed ? 'allowed' : 'outside-access-period']);
  });

  test('of any moment exactly one is true: before, within, after', () => {
    const bounds = [null, ...Array.from({ length: 9 }, (_, i) => at(i - 4))];
    for (const from of bounds)
      for (const until of bounds.filter((end) => from === null || end === null || from < end))
        for (const ms of [-9, -4, -3, -2, -1, 0, 1, 2, 3, 4, 9]) {
          const now = at(ms);
          const begun = from === null || from.getTime() <= now.getTime();
          const over = until !== null && until.getTime() <= now.getTime();
          expect(reasons(auditor({ from, until }), 'alarm.read', null, { now })).toEqual([
            begun && !over ? 'allowed' : 'outside-access-period',
          ]);
        }
  });

  test.each(ACTIONS)('%s: outside of it, whoever has every role, scope and factor', (action) => {
    const all: Who = { kind: 'person', roles: ROLES, factors: ['mfa'], signedInSecondsAgo: 1 };
    const more = { purpose: 'TREAT' };
    expect(reasons(all, action, null, more)).toEqual(['allowed']);
    expect(reasons({ ...all, period: { from: null, until: NOW } }, action, null, more)).toEqual([
      'outside-access-period',
    ]);
  });

  test('no glass breaks it', () => {
    const who: Who = {
      kind: 'person',
      roles: ['clinician'],
      sources: ['ward-3'],
      period: { from: at(1), until: null },
    };
    const more = { purpose: 'ETREAT', breakGlass: 'unconscious in the emergency room' };
    expect(reasons(who, 'version.read', 'ehr', more)).toEqual(['outside-access-period']);
  });
});

describe('four eyes', () => {
  const one = { issuer: 'https://issuer.example', subject: 'ann' };

  test('nobody approves their own work', () => {
    expect(() => assertFourEyes(accountOf(one), accountOf({ ...one }))).toThrow(
      expect.objectContaining({ code: 'own-work', message: expect.stringContaining('somebody else must approve it') }),
    );
  });

  test.each([
    ['somebody else', { ...one, subject: 'ben' }],
    ['the same name at another issuer', { ...one, issuer: 'https://other.example' }],
  ])('%s may', (_name, other) => {
    expect(() => assertFourEyes(accountOf(one), accountOf(other))).not.toThrow();
  });
});
