// Asks the policy, records what came of it, and lets in or refuses. Nothing is let in that could not be recorded.
import { LRUCache } from 'lru-cache';
import { describePeriod, placeInPeriod, type AccessPeriod } from '../../platform/auth/access-period.rules.ts';
import { type AccessEvent, type AccessLog, type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { type Action } from '../../platform/auth/actions.ts';
import { type Principal } from '../../platform/auth/principal.ts';
import { type Clock } from '../../platform/clock/clock.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { type SourcesService } from '../sources.service.ts';
import { type BreakGlassService } from './break-glass.service.ts';
import { POLICY } from './policy-table.ts';
import { decide, STEP_UP_SECONDS, type Decision, type Reason } from './policy.rules.ts';

export interface Asked {
  readonly principal: Principal;
  readonly action: Action;
  /** Name of the source in the address. */
  readonly source: string | null;
  /** `GET /v1/sources`, say: the route as it is declared, without what a request puts into it. */
  readonly route: string;
  readonly purpose: string | null;
  /** The reason that was given for breaking the glass. */
  readonly breakGlass: string | null;
  readonly address: string | null;
  readonly requestId: string;
}

export class Gate {
  readonly #log: AccessLog;
  readonly #sources: SourcesService;
  readonly #breakGlass: BreakGlassService;
  readonly #clock: Clock;
  /** Uses that stand in the access log; one that is forgotten is only recorded again. */
  readonly #used = new LRUCache<string, true>({ max: 100_000 });

  constructor(log: AccessLog, sources: SourcesService, breakGlass: BreakGlassService, clock: Clock) {
    this.#log = log;
    this.#sources = sources;
    this.#breakGlass = breakGlass;
    this.#clock = clock;
  }

  /**
   * A denial, a read of health-related data, a broken glass, and the first use of a token for anything else are durable in the
   * access log when this resolves or throws.
   *
   * @throws {DomainError} `access-denied`, `step-up-required`, with the reasons
   */
  async admit(asked: Asked): Promise<RequestAccess> {
    const { principal, action, source, purpose, breakGlass } = asked;
    const decision = decide(principal, action, { source }, { now: this.#clock.now(), purpose, breakGlass });
    const access = accessOf(asked, decision);
    if (!decision.allowed) {
      await this.#log.record({ ...access, outcome: 'denied', entity: await this.#entity(asked) });
      throw refusal(asked, decision);
    }
    if (breakGlass !== null) return this.#breakGlass.record(access, breakGlass, await this.#entity(asked));
    // Where each line names its source, each source is recorded when its first line comes (LineGate).
    if (!(POLICY[action].reach === 'source' && source === null)) await this.#recordAdmission(asked, access);
    return access;
  }

  /** Is the caller's access over by now? What was decided before does not count any more then. */
  isOver({ accessPeriod }: Pick<Principal, 'accessPeriod'>): boolean {
    return placeInPeriod(accessPeriod, this.#clock.now()) === 'after';
  }

  async #recordAdmission(asked: Asked, access: RequestAccess): Promise<void> {
    const { action, source, principal } = asked;
    const { recorded } = POLICY[action];
    if (recorded === 'act') return;
    const use = `${principal.issuer} ${principal.tokenId} ${action} ${source ?? ''}`;
    if (recorded === 'once' && this.#used.has(use)) return;
    await this.#log.record({ ...access, outcome: 'success', entity: await this.#entity(asked) });
    if (recorded === 'once') this.#used.set(use, true);
  }

  async #entity({ principal, source, route }: Asked): Promise<NonNullable<AccessEvent['entity']>> {
    if (source === null) return { type: 'route', id: route };
    const found = await this.#sources.find(principal.tenant, source);
    return found === null ? { type: 'source', id: 'unknown' } : { sourceId: found.id, recordRef: null, seq: null };
  }
}

function accessOf(asked: Asked, decision: Decision): RequestAccess {
  return {
    action: asked.action,
    caller: asked.principal,
    tenantId: asked.principal.tenant.id,
    decision,
    purposeOfUse: asked.purpose,
    breakGlass: null,
    address: asked.address,
    requestId: asked.requestId,
  };
}

/** Says what would be needed, in words that depend on the caller's token alone and never on what is stored. */
function refusal({ action, principal }: Asked, { reasons, policyVersion }: Decision): DomainError {
  const facts = { action, reasons, policyVersion };
  if (reasons.length === 1 && reasons[0] === 'step-up-required')
    return new DomainError(
      'step-up-required',
      `${action} needs a second factor that is at most ${STEP_UP_SECONDS} seconds old: sign in again`,
      facts,
    );
  const { roles, scopes } = POLICY[action];
  const why = reasons
    .map((reason) => EXPLANATIONS[reason]({ roles, scopes, period: principal.accessPeriod }))
    .join('; ');
  return new DomainError('access-denied', `${action} is not allowed: ${why}`, { ...facts, roles, scopes });
}

type Explain = (about: {
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly period: AccessPeriod;
}) => string;

const EXPLANATIONS: Readonly<Record<Reason, Explain>> = {
  'role-lacks-action': ({ roles }) => `it needs one of the roles ${roles.join(', ')}`,
  'scope-lacks-action': ({ scopes }) => `it needs one of the scopes ${scopes.join(', ')}`,
  'outside-access-period': ({ period }) => `this caller has access ${describePeriod(period)} only`,
  'not-the-operators-tenant': () => 'it concerns all tenants, and so the operator’s alone',
  'source-not-granted': () => 'the access token is not for this source',
  'step-up-required': () => 'it needs a second factor that is fresh',
  'purpose-required': () => 'the header X-Purpose-Of-Use must say what for',
  'break-glass-not-for-this': () => 'there is no glass in the way, or none that this caller may break',
  allowed: () => 'allowed',
  'break-glass': () => 'allowed by a broken glass',
};
