// What the page of an enrolment carries, sealed, until it comes back: the authenticator's secret, and the id of the account, for which a
// passkey is made before there is an account.
import { randomUUID } from 'node:crypto';
import { type Enrolment } from '../accounts/enrolment.service.ts';
import { newSecret } from '../accounts/second-factor.ts';

export interface PageSecrets {
  readonly accountId: string;
  readonly totpSecret: Uint8Array;
}

const UUID_OCTETS = 16;
const SECRET_OCTETS = 32;

/** @param known null, or without an account: the first administrator's account is yet to be made */
export function newPageSecrets(known: Enrolment | null): PageSecrets {
  return { accountId: known?.account?.id ?? randomUUID(), totpSecret: newSecret() };
}

export function packPageSecrets({ accountId, totpSecret }: PageSecrets): Uint8Array {
  return Buffer.concat([Buffer.from(accountId.replaceAll('-', ''), 'hex'), totpSecret]);
}

/** @returns null when the page was made for another account than the link is for now */
export function unpackPageSecrets(packed: Uint8Array, known: Enrolment | null): PageSecrets | null {
  if (packed.length !== UUID_OCTETS + SECRET_OCTETS) return null;
  const hex = Buffer.from(packed.subarray(0, UUID_OCTETS)).toString('hex');
  const accountId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  if (known?.account !== null && known?.account !== undefined && known.account.id !== accountId) return null;
  return { accountId, totpSecret: packed.subarray(UUID_OCTETS) };
}
