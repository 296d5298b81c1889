// Who may do what, as one table. An action that is not in it does not compile, and nothing is allowed that it does not say.
import { type Action } from '../../platform/auth/actions.ts';
import { type Role } from '../../platform/auth/principal.ts';
import { type Scope } from '../../platform/auth/scopes.ts';

/** Changes with every change of the table or of the rules (a test holds the table's hash beside it). */
export const POLICY_VERSION = '2';

export interface Rule {
  /** One of these roles, and one of these scopes. */
  readonly roles: readonly Role[];
  readonly scopes: readonly Scope[];
  /**
   * source: something of one source (where the address or a line names it), which must be among those of the caller. tenant: something of the caller's tenant.
   * log: what concerns all tenants, and so is only for callers of the operator's tenant.
   */
  readonly reach: 'source' | 'tenant' | 'log';
  /** Whether a person needs a second factor that is fresh (RFC 9470). A machine has none: its key is its factor. */
  readonly stepUp: boolean;
  /** Whether who is nothing but a clinician must say what for (HL7 v3 PurposeOfUse). */
  readonly purpose: boolean;
  /**
   * What the guard writes to the access log before the handler runs. read: each time. once: the first time that a token is
   * used for it (with each source), since the same token gets the same decision for as long as it lives. act: nothing; the
   * service writes it in the act's own transaction.
   */
  readonly recorded: 'read' | 'once' | 'act';
}

const PLAIN = { stepUp: false, purpose: false, recorded: 'once' } as const;
const HEALTH_READ = { reach: 'source', stepUp: false, purpose: true, recorded: 'read' } as const;
const DANGEROUS = { stepUp: true, purpose: false, recorded: 'act' } as const;

const READERS: readonly Scope[] = ['ledger/verify', 'ledger/audit.read'];

export const POLICY: Readonly<Record<Action, Rule>> = {
  'version.submit': { ...PLAIN, reach: 'source', roles: ['record-system'], scopes: ['ledger/version.write'] },
  'version.read': {
    ...HEALTH_READ,
    roles: ['record-system', 'auditor', 'clinician', 'privacy-officer'],
    scopes: ['ledger/version.write', ...READERS],
  },
  'version.verify': {
    ...HEALTH_READ,
    roles: ['record-system', 'auditor', 'clinician', 'privacy-officer'],
    scopes: ['ledger/verify'],
  },
  'proof.read': {
    ...HEALTH_READ,
    roles: ['record-system', 'auditor', 'clinician', 'privacy-officer'],
    scopes: READERS,
  },
  'proof.disclose': { ...HEALTH_READ, roles: ['record-system', 'clinician'], scopes: ['ledger/verify'] },
  'entries.read': {
    ...PLAIN,
    reach: 'log',
    recorded: 'read',
    roles: ['auditor', 'administrator'],
    scopes: ['ledger/audit.read'],
  },
  'alarm.read': {
    ...PLAIN,
    reach: 'tenant',
    roles: ['auditor', 'isms-manager', 'privacy-officer', 'administrator'],
    scopes: ['ledger/audit.read', 'admin'],
  },
  'fsck.read': {
    ...PLAIN,
    reach: 'log',
    roles: ['auditor', 'isms-manager', 'administrator'],
    scopes: ['ledger/audit.read', 'admin'],
  },
  'fsck.run': { ...PLAIN, reach: 'log', recorded: 'read', roles: ['administrator'], scopes: ['admin'] },
  'key.read': {
    ...PLAIN,
    reach: 'source',
    roles: ['record-system', 'auditor', 'administrator'],
    scopes: ['ledger/version.write', 'ledger/audit.read', 'admin'],
  },
  // For the keys of its own sources a record system signs itself; without the key only an administrator acts (source-keys.rules.ts).
  'key.manage': {
    ...DANGEROUS,
    reach: 'source',
    roles: ['record-system', 'administrator'],
    scopes: ['ledger/version.write', 'admin'],
  },
  'record.erase': { ...DANGEROUS, reach: 'source', roles: ['privacy-officer'], scopes: ['admin'] },
  'retention.manage': { ...DANGEROUS, reach: 'source', roles: ['privacy-officer'], scopes: ['admin'] },
  'access-log.read': {
    ...PLAIN,
    reach: 'tenant',
    recorded: 'read',
    roles: ['auditor', 'privacy-officer'],
    scopes: ['ledger/audit.read'],
  },
  'source.manage': { ...DANGEROUS, stepUp: false, reach: 'tenant', roles: ['administrator'], scopes: ['admin'] },
  'client.manage': { ...DANGEROUS, reach: 'tenant', roles: ['administrator'], scopes: ['admin'] },
  'account.manage': { ...DANGEROUS, reach: 'tenant', roles: ['administrator'], scopes: ['admin'] },
  'session.manage': { ...DANGEROUS, stepUp: false, reach: 'tenant', roles: ['administrator'], scopes: ['admin'] },
  'tenant.manage': { ...DANGEROUS, reach: 'log', roles: ['administrator'], scopes: ['admin'] },
  'kek.rotate': { ...DANGEROUS, reach: 'log', roles: ['administrator'], scopes: ['admin'] },
  'break-glass.use': { ...HEALTH_READ, roles: ['clinician'], scopes: ['ledger/verify'] },
  'break-glass.review': {
    ...PLAIN,
    recorded: 'read',
    reach: 'tenant',
    roles: ['auditor', 'privacy-officer'],
    scopes: ['ledger/audit.read'],
  },
};
