// Scopes that an access token can carry. A scope says what a token was asked for, a role what its holder is: the policy
// wants both.

export const SCOPES = [
  'ledger/version.write',
  'ledger/verify',
  'ledger/audit.read',
  'isms/*.read',
  'isms/*.write',
  'admin',
] as const;

export type Scope = (typeof SCOPES)[number];
