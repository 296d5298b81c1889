// The one place where access is decided. Pure: the same caller, action, resource and context always give the same answer,
// with its reasons. Everything is denied that the table does not allow.
import { type AccessDecision } from '../../platform/auth/access-log.port.ts';
import { placeInPeriod } from '../../platform/auth/access-period.rules.ts';
import { type Action } from '../../platform/auth/actions.ts';
import { OPERATOR_TENANT, type Principal } from '../../platform/auth/principal.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { POLICY, POLICY_VERSION, type Rule } from './policy-table.ts';

/** How long a second factor counts as fresh. */
export const STEP_UP_SECONDS = 300;

/** Methods of RFC 8176 section 2 that are a factor beside a password, or say that there was one. */
const SECOND_FACTORS: readonly string[] = ['mfa', 'otp', 'hwk', 'swk'];

export interface Resource {
  /** Name of the source that the request names; null when it names none, or one for each line. */
  readonly source: string | null;
}

export interface AccessContext {
  readonly now: Date;
  /** HL7 v3 PurposeOfUse, as declared. */
  readonly purpose: string | null;
  /** The reason given for breaking the glass. */
  readonly breakGlass: string | null;
}

/** Every word that can be in the reasons of a decision. */
export type Reason =
  | 'role-lacks-action'
  | 'scope-lacks-action'
  | 'outside-access-period'
  | 'not-the-operators-tenant'
  | 'source-not-granted'
  | 'step-up-required'
  | 'purpose-required'
  | 'break-glass-not-for-this'
  | 'allowed'
  | 'break-glass';

export interface Decision extends AccessDecision {
  readonly reasons: readonly Reason[];
}

/** Every reason against it is named, so that nobody has to ask twice. */
export function decide(principal: Principal, action: Action, resource: Resource, context: AccessContext): Decision {
  const rule = POLICY[action];
  const outside = resource.source !== null && !isGranted(principal, resource.source);
  const breaking = context.breakGlass !== null;
  const mayBreak = breaking && outside && rule.purpose && lacks(principal, POLICY['break-glass.use']).length === 0;
  const against: Reason[] = lacks(principal, rule);
  // Whatever the role, the glass or the factor: before it begins and once it is over there is no access.
  if (placeInPeriod(principal.accessPeriod, context.now) !== 'within') against.push('outside-access-period');
  if (rule.reach === 'log' && principal.tenant.name !== OPERATOR_TENANT) against.push('not-the-operators-tenant');
  if (rule.reach === 'source' && outside && !mayBreak) against.push('source-not-granted');
  // A broken glass that was not in the way is a mistake, which the record of it would hide.
  if (breaking && !mayBreak) against.push('break-glass-not-for-this');
  if (rule.purpose && context.purpose === null && (mayBreak || isOnlyClinician(principal, rule)))
    against.push('purpose-required');
  if (rule.stepUp && principal.kind === 'person' && !isFresh(principal, context.now)) against.push('step-up-required');
  if (against.length > 0) return { allowed: false, policyVersion: POLICY_VERSION, reasons: against };
  return { allowed: true, policyVersion: POLICY_VERSION, reasons: mayBreak ? ['allowed', 'break-glass'] : ['allowed'] };
}

/** Of a caller who may act for some sources only: this one? */
export function isGranted(principal: Pick<Principal, 'sources'>, source: string): boolean {
  return principal.sources === null || principal.sources.has(source);
}

/**
 * Nobody approves their own work.
 *
 * @throws {DomainError} `own-work`
 */
export function assertFourEyes(requester: Account, approver: Account): void {
  if (requester === approver)
    throw new DomainError('own-work', 'this was asked for by the same account: somebody else must approve it');
}

/** Issuer and subject in one text, as it is stored beside what was decided. */
export type Account = string;

/** A subject means something only together with its issuer, which is a URL and so without a space. */
export function accountOf({ issuer, subject }: Pick<Principal, 'issuer' | 'subject'>): Account {
  return `${issuer} ${subject}`;
}

function lacks({ roles, scopes }: Principal, rule: Rule): Reason[] {
  return [
    ...(rule.roles.some((role) => roles.has(role)) ? [] : (['role-lacks-action'] as const)),
    ...(rule.scopes.some((scope) => scopes.has(scope)) ? [] : (['scope-lacks-action'] as const)),
  ];
}

function isOnlyClinician({ roles }: Principal, rule: Rule): boolean {
  return rule.roles.every((role) => role === 'clinician' || !roles.has(role));
}

function isFresh({ authenticatedAt, factors }: Principal, now: Date): boolean {
  if (authenticatedAt === null || !SECOND_FACTORS.some((factor) => factors.has(factor))) return false;
  return now.getTime() - authenticatedAt.getTime() <= STEP_UP_SECONDS * 1000;
}
