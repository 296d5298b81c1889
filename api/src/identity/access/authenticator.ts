// From a bearer token to the caller that it speaks for.
import {
  type AccessToken,
  IssuerUnreachableError,
  TokenRefusedError,
  WeakAuthenticationError,
} from '../../platform/auth/access-token.ts';
import { type Principal } from '../../platform/auth/principal.ts';
import { type TokenCheck } from '../../platform/auth/token-check.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { type TenantsService } from '../tenants.service.ts';

export class Authenticator {
  readonly #tokens: TokenCheck;
  readonly #tenants: TenantsService;

  constructor(tokens: TokenCheck, tenants: TenantsService) {
    this.#tokens = tokens;
    this.#tenants = tenants;
  }

  /**
   * @param certificate of the connection, as {@link TokenCheck.check} wants it
   * @throws {DomainError} `token-invalid`, `step-up-required`, `unavailable`, or `access-denied` for a tenant that this service does not have
   */
  async authenticate(token: string, certificate: string | null): Promise<Principal> {
    const checked = await this.#check(token, certificate);
    const tenant = await this.#tenants.find(checked.tenant);
    if (tenant === null)
      throw new DomainError('access-denied', 'the tenant of this access token is not one of this service', {
        reasons: ['unknown-tenant'],
      });
    const { tenant: _name, certificate: _bound, issuedAt: _begin, expiresAt: _end, ...rest } = checked;
    // A client speaks for itself; whoever else a token speaks for is a person (RFC 9068 section 2.2, `sub`).
    return { ...rest, tenant, kind: checked.subject === checked.clientId ? 'client' : 'person' };
  }

  async #check(token: string, certificate: string | null): Promise<AccessToken> {
    try {
      return await this.#tokens.check(token, certificate);
    } catch (cause) {
      if (cause instanceof TokenRefusedError)
        throw new DomainError('token-invalid', `the access token is not accepted: ${cause.message}`, {}, { cause });
      if (cause instanceof WeakAuthenticationError)
        throw new DomainError('step-up-required', cause.message, { acrValues: cause.acrValues }, { cause });
      if (cause instanceof IssuerUnreachableError)
        throw new DomainError('unavailable', cause.message, { retryAfterSeconds: 5 }, { cause });
      throw cause;
    }
  }
}
