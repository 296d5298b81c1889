// Sources by name. A source exists from its first submission on; reading never creates one.
import { randomUUID } from 'node:crypto';
import { DomainError } from '../platform/errors/domain-error.js';
import { Source } from './source.entity.js';
import { Tenant } from './tenant.entity.js';
/** Until clients have identities, everything belongs to one tenant. */
const DEFAULT_TENANT = 'default';
/** Names come from requests: the memory of them is bounded. */
const CACHE_LIMIT = 10_000;
export class SourcesService {
    #tenants;
    #sources;
    #known = new Map();
    constructor(database) {
        this.#tenants = database.getRepository(Tenant);
        this.#sources = database.getRepository(Source);
    }
    /** @throws {DomainError} `unknown-source` */
    async get(name) {
        const known = this.#known.get(name) ?? (await this.#find(name));
        if (known === null)
            throw new DomainError('unknown-source', 'nothing is recorded for a source of this name');
        return known;
    }
    async find(name) {
        return this.#known.get(name) ?? this.#find(name);
    }
    /** Idempotent, also when several processes meet a new source at once. `name` must be valid already. */
    async ensure(name) {
        const existing = await this.find(name);
        if (existing !== null)
            return existing;
        await this.#tenants
            .createQueryBuilder()
            .insert()
            .values({ id: randomUUID(), name: DEFAULT_TENANT })
            .orIgnore()
            .execute();
        const tenant = await this.#tenants.findOneByOrFail({ name: DEFAULT_TENANT });
        await this.#sources
            .createQueryBuilder()
            .insert()
            .values({ id: randomUUID(), tenantId: tenant.id, name })
            .orIgnore()
            .execute();
        return this.get(name);
    }
    async #find(name) {
        const source = await this.#sources.findOneBy({ name });
        if (source === null)
            return null;
        const ref = { id: source.id, name: source.name, tenantId: source.tenantId };
        if (this.#known.size >= CACHE_LIMIT)
            this.#known.clear();
        this.#known.set(name, ref);
        return ref;
    }
}
//# sourceMappingURL=sources.service.js.map