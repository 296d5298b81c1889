// Tenants by name. The operator's own is there from the first start on; others are made by its administrators.
import { randomUUID } from 'node:crypto';
import { type DataSource, type Repository } from 'typeorm';
import { type AccessLog, type RequestAccess } from '../platform/auth/access-log.port.ts';
import { OPERATOR_TENANT, type TenantRef } from '../platform/auth/principal.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { NAME } from './names.ts';
import { Tenant } from './tenant.entity.ts';

const CACHE_LIMIT = 10_000;

export class TenantsService {
  readonly #database: DataSource;
  readonly #tenants: Repository<Tenant>;
  readonly #log: AccessLog;
  readonly #known = new Map<string, TenantRef>();

  constructor(database: DataSource, log: AccessLog) {
    this.#database = database;
    this.#tenants = database.getRepository(Tenant);
    this.#log = log;
  }

  /** Idempotent, also when several processes start at once. */
  async ensureOperator(): Promise<void> {
    if ((await this.find(OPERATOR_TENANT)) !== null) return;
    await this.#tenants
      .createQueryBuilder()
      .insert()
      .values({ id: randomUUID(), name: OPERATOR_TENANT })
      .orIgnore()
      .execute();
  }

  /** null, without asking the database, for what cannot be the name of a tenant. */
  async find(name: string): Promise<TenantRef | null> {
    if (!NAME.test(name)) return null;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const tenant = await this.#tenants.findOneBy({ name });
    if (tenant === null) return null;
    const ref = { id: tenant.id, name: tenant.name };
    if (this.#known.size >= CACHE_LIMIT) this.#known.clear();
    this.#known.set(name, ref);
    return ref;
  }

  /** By name; `after` pages. */
  async list(after: string, limit: number): Promise<readonly Tenant[]> {
    return this.#tenants
      .createQueryBuilder('tenant')
      .where('tenant.name > :after', { after })
      .orderBy('tenant.name')
      .limit(limit)
      .getMany();
  }

  /** @throws {DomainError} `tenant-exists`: then nothing is written */
  async create(name: string, access: RequestAccess): Promise<Tenant> {
    const id = randomUUID();
    return this.#database.transaction(async (transaction) => {
      const made = await transaction
        .createQueryBuilder()
        .insert()
        .into(Tenant)
        .values({ id, name })
        .orIgnore()
        .returning('id')
        .execute();
      if ((made.raw as unknown[]).length === 0)
        throw new DomainError('tenant-exists', 'there is a tenant of this name: names are unique and kept for ever');
      const tenant = await transaction.findOneByOrFail(Tenant, { id });
      const within = { query: (sql: string, values: readonly unknown[]) => transaction.query(sql, [...values]) };
      await this.#log.recordWithin(within, { ...access, outcome: 'success', entity: { type: 'tenant', id } });
      return tenant;
    });
  }
}
