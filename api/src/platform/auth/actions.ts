// What can be done here, as a closed list. A route declares one of these; the policy (identity/access/policy.rules.ts) says
// who may. A new action without a rule there does not compile.

export const ACTIONS = [
  'version.submit',
  'version.read',
  'version.verify',
  'proof.read',
  'proof.disclose',
  'entries.read',
  'alarm.read',
  'fsck.read',
  'fsck.run',
  'key.read',
  'key.manage',
  'record.erase',
  'retention.manage',
  'access-log.read',
  'source.manage',
  'client.manage',
  'account.manage',
  'session.manage',
  'tenant.manage',
  'kek.rotate',
  'break-glass.use',
  'break-glass.review',
] as const;

export type Action = (typeof ACTIONS)[number];
