// Sources by name, each within its tenant: two tenants may each have one of the same name, and neither can tell. A source
// exists from its first submission on, or is made before by an administrator; reading never creates one.
import { randomUUID } from 'node:crypto';
import { type DataSource, type Repository } from 'typeorm';
import { type SourceRef } from '../ledger/index.ts';
import { type AccessLog, type RequestAccess } from '../platform/auth/access-log.port.ts';
import { type TenantRef } from '../platform/auth/principal.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { NAME } from './names.ts';
import { Source, type SourceKind } from './source.entity.ts';

/** Names come from requests: the memory of them is bounded. */
const CACHE_LIMIT = 10_000;

type Tenant = Pick<TenantRef, 'id'>;

export interface NewSource {
  readonly name: string;
  readonly kind: SourceKind;
  readonly address: string | null;
}

export class SourcesService {
  readonly #database: DataSource;
  readonly #sources: Repository<Source>;
  readonly #log: AccessLog;
  /** By tenant id and name; a tenant id has no slash. */
  readonly #known = new Map<string, SourceRef>();

  constructor(database: DataSource, log: AccessLog) {
    this.#database = database;
    this.#sources = database.getRepository(Source);
    this.#log = log;
  }

  /** @throws {DomainError} `unknown-source` */
  async get(tenant: Tenant, name: string): Promise<SourceRef> {
    const known = await this.find(tenant, name);
    if (known === null) throw new DomainError('unknown-source', 'nothing is recorded for a source of this name');
    return known;
  }

  /** null, without asking the database, for what cannot be the name of a source. */
  async find(tenant: Tenant, name: string): Promise<SourceRef | null> {
    if (!NAME.test(name)) return null;
    const key = `${tenant.id}/${name}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const source = await this.#sources.findOneBy({ tenantId: tenant.id, name });
    if (source === null) return null;
    const ref = { id: source.id, name: source.name, tenantId: source.tenantId };
    if (this.#known.size >= CACHE_LIMIT) this.#known.clear();
    this.#known.set(key, ref);
    return ref;
  }

  /** Idempotent, also when several processes meet a new source at once. `name` must be valid already. */
  async ensure(tenant: Tenant, name: string): Promise<SourceRef> {
    const existing = await this.find(tenant, name);
    if (existing !== null) return existing;
    await this.#sources
      .createQueryBuilder()
      .insert()
      .values({ id: randomUUID(), tenantId: tenant.id, name, kind: 'other', address: null })
      .orIgnore()
      .execute();
    return this.get(tenant, name);
  }

  /** By name; `after` pages. */
  async list(tenant: Tenant, after: string, limit: number): Promise<readonly Source[]> {
    return this.#sources
      .createQueryBuilder('source')
      .where('source.tenantId = :tenant AND source.name > :after', { tenant: tenant.id, after })
      .orderBy('source.name')
      .limit(limit)
      .getMany();
  }

  /** @throws {DomainError} `source-exists`, by its name or by its address: then nothing is written */
  async create({ name, kind, address }: NewSource, access: RequestAccess): Promise<Source> {
    const id = randomUUID();
    return this.#database.transaction(async (transaction) => {
      const made = await transaction
        .createQueryBuilder()
        .insert()
        .into(Source)
        .values({ id, tenantId: access.caller.tenant.id, name, kind, address })
        .orIgnore()
        .returning('id')
        .execute();
      if ((made.raw as unknown[]).length === 0)
        throw new DomainError('source-exists', 'a source of this tenant has this name, or this kind and address');
      const source = await transaction.findOneByOrFail(Source, { id });
      const within = { query: (sql: string, values: readonly unknown[]) => transaction.query(sql, [...values]) };
      await this.#log.recordWithin(within, { ...access, outcome: 'success', entity: { type: 'source', id } });
      return source;
    });
  }
}
