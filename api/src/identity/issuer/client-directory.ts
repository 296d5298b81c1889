// Clients as the issuer sees them: those that are not disabled. Whether their access has begun, or is over, is asked when the token
// is made: whoever has shown its key may be told (token-content.ts).
import { type ClientMetadata } from 'oidc-provider';
import { type AccessPeriod } from '../../platform/auth/access-period.rules.ts';
import { type Role } from '../../platform/auth/principal.ts';
import { type Scope } from '../../platform/auth/scopes.ts';
import { type Pool } from '../../platform/database/pool.ts';

export interface ActiveClient {
  readonly id: string;
  readonly name: string;
  readonly tenant: { readonly id: string; readonly name: string };
  readonly roles: readonly Role[];
  readonly scopes: readonly Scope[];
  readonly sources: readonly string[] | null;
  readonly jwks: object | null;
  readonly jwksUri: string | null;
  readonly certificateBound: boolean;
  readonly accessPeriod: AccessPeriod;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly tenant_id: string;
  readonly tenant: string;
  readonly roles: Role[];
  readonly scopes: Scope[];
  readonly sources: string[] | null;
  readonly jwks: object | null;
  readonly jwks_uri: string | null;
  readonly certificate_bound: boolean;
  readonly access_from: Date | null;
  readonly access_until: Date | null;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export class ClientDirectory {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** @param id hostile: whatever a request calls itself */
  async find(id: string): Promise<ActiveClient | null> {
    if (!UUID.test(id)) return null;
    const { rows } = await this.#pool.query<Row>(
      `SELECT c.id, c.name, c.tenant_id, t.name AS tenant, c.roles, c.scopes, c.sources, c.jwks, c.jwks_uri, c.certificate_bound,
              c.access_from, c.access_until
         FROM client c JOIN tenant t ON t.id = c.tenant_id
        WHERE c.id = $1 AND c.disabled_at IS NULL`,
      [id],
    );
    const [row] = rows;
    if (row === undefined) return null;
    return {
      id: row.id,
      name: row.name,
      tenant: { id: row.tenant_id, name: row.tenant },
      roles: row.roles,
      scopes: row.scopes,
      sources: row.sources,
      jwks: row.jwks,
      jwksUri: row.jwks_uri,
      certificateBound: row.certificate_bound,
      accessPeriod: { from: row.access_from, until: row.access_until },
    };
  }

  /** OpenID Connect Dynamic Client Registration 1.0 section 2, as far as a machine needs it. */
  metadataOf(client: ActiveClient): ClientMetadata {
    return {
      client_id: client.id,
      client_name: client.name,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'private_key_jwt',
      tls_client_certificate_bound_access_tokens: client.certificateBound,
      ...(client.jwks === null ? {} : { jwks: client.jwks as { keys: [] } }),
      ...(client.jwksUri === null ? {} : { jwks_uri: client.jwksUri }),
    };
  }
}
