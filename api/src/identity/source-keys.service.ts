// The public keys of sources. Every act is an entry of the log; what stands in the table follows from it.
import { fromUtf8, type Jwk } from '@medanchor/verifier';
import { type LedgerService, type SourceKey, type SourceRef } from '../ledger/index.ts';
import { type AccessLog, type RequestAccess } from '../platform/auth/access-log.port.ts';
import { type TenantRef } from '../platform/auth/principal.ts';
import { assertReplaceable, entryOf, readJwk, statementOf, type KeyAct } from './source-keys.rules.ts';
import { type SourcesService } from './sources.service.ts';

export interface KeyOfSource {
  readonly source: SourceRef;
  readonly key: SourceKey;
}

export class SourceKeysService {
  readonly #sources: SourcesService;
  readonly #ledger: LedgerService;
  readonly #log: AccessLog;

  constructor(sources: SourcesService, ledger: LedgerService, log: AccessLog) {
    this.#sources = sources;
    this.#ledger = ledger;
    this.#log = log;
  }

  /** In the order in which they were registered. @throws {DomainError} `unknown-source` */
  async list(tenant: TenantRef, name: string): Promise<{ source: SourceRef; keys: readonly SourceKey[] }> {
    const source = await this.#sources.get(tenant, name);
    return { source, keys: await this.#ledger.sourceKeys(source) };
  }

  /** @throws {DomainError} `unknown-source`, `unknown-key` */
  async get(tenant: TenantRef, name: string, keyId: string): Promise<KeyOfSource> {
    const source = await this.#sources.get(tenant, name);
    return { source, key: await this.#ledger.sourceKey(source, keyId) };
  }

  /** What has to be signed. A source may sign before its first version: from then on it has its opaque id. */
  async prepare(
    tenant: TenantRef,
    name: string,
    act: Pick<KeyAct, 'action' | 'jwk'> & { readonly subject?: string },
  ): Promise<{ source: SourceRef; keyId: string; statement: string }> {
    const jwk = act.jwk === undefined ? {} : { jwk: readJwk(act.jwk) };
    const source = await this.#sources.ensure(tenant, name);
    const { keyId, bytes } = statementOf(source.id, { action: act.action, ...jwk, subject: act.subject ?? '' });
    return { source, keyId, statement: fromUtf8(bytes) };
  }

  /** @throws {DomainError} `key-malformed`, `key-exists`, `key-revoked` */
  async register(access: RequestAccess, name: string, jwk: Jwk, possession: string): Promise<KeyOfSource> {
    const source = await this.#sources.ensure(access.caller.tenant, name);
    const act = { action: 'register', jwk: readJwk(jwk), possession, subject: '' } as const;
    return this.#append(access, source, entryOf(source.id, act, null, false));
  }

  /** @throws {DomainError} `key-malformed`, `key-authority-missing`, `unknown-key`, `key-exists`, `key-revoked` */
  async rotate(
    access: RequestAccess,
    name: string,
    keyId: string,
    act: Omit<KeyAct, 'action' | 'subject'> & { readonly jwk: Jwk },
  ): Promise<KeyOfSource> {
    const { source, key } = await this.get(access.caller.tenant, name, keyId);
    assertReplaceable(await this.#ledger.sourceKeys(source), keyId);
    const checked = { ...act, action: 'rotate', jwk: readJwk(act.jwk), subject: keyId } as const;
    return this.#append(access, source, entryOf(source.id, checked, key.jwk, isAdministrator(access)));
  }

  /** @throws {DomainError} `key-malformed`, `key-authority-missing`, `unknown-key`, `key-revoked` */
  async revoke(
    access: RequestAccess,
    name: string,
    keyId: string,
    act: Pick<KeyAct, 'authority' | 'reason'>,
  ): Promise<KeyOfSource> {
    const { source, key } = await this.get(access.caller.tenant, name, keyId);
    const revocation = { ...act, action: 'revoke', subject: keyId } as const;
    return this.#append(access, source, entryOf(source.id, revocation, key.jwk, isAdministrator(access)));
  }

  async #append(access: RequestAccess, source: SourceRef, entry: ReturnType<typeof entryOf>): Promise<KeyOfSource> {
    await this.#ledger.appendEntry(entry, (transaction) =>
      this.#log.recordWithin(transaction, {
        ...access,
        outcome: 'success',
        entity: { type: 'source-key', id: `${source.id} ${entry.keyId}` },
      }),
    );
    return { source, key: await this.#ledger.sourceKey(source, entry.keyId) };
  }
}

/** A token that was given for submitting alone does not make its administrator one. */
function isAdministrator({ caller }: RequestAccess): boolean {
  return caller.roles.has('administrator') && caller.scopes.has('admin');
}
