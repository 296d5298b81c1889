// The storage interface that oidc-provider asks for, on the table of oidc-store.ts and the clients of this service.
import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import { type ClientDirectory } from './client-directory.ts';
import { type OidcStore, type StoredModel } from './oidc-store.ts';

/** Longer than anything that oidc-provider keeps here without saying for how long. */
const DEFAULT_LIFE_SECONDS = 86_400;

export class OidcAdapter implements Adapter {
  readonly #type: string;
  readonly #store: OidcStore;
  readonly #replayed: (grantId: string) => Promise<void>;

  /** @param replayed awaited when two use the same at once, before the second is refused */
  constructor(type: string, store: OidcStore, replayed: (grantId: string) => Promise<void>) {
    this.#type = type;
    this.#store = store;
    this.#replayed = replayed;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number | undefined): Promise<void> {
    // The id itself would stand in the payload as `jti`; whoever asks by id knows it.
    const { jti: _id, ...rest } = payload;
    const row = { type: this.#type, id, payload: rest, lifeSeconds: expiresIn ?? DEFAULT_LIFE_SECONDS };
    if (this.#type !== 'ReplayDetection') return this.#store.put(row);
    if (!(await this.#store.putOnce(row)))
      throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = await this.#store.get(this.#type, id);
    return found === null ? undefined : { ...payloadOf(found), jti: id };
  }

  /** Without the session's id, which nobody who asks by uid needs. */
  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const found = await this.#store.getByUid(this.#type, uid);
    return found === null ? undefined : payloadOf(found);
  }

  /** Only the device flow asks by user code, and that is off. */
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    // oidc-provider looks before it consumes; this decides between two that looked at once.
    if (await this.#store.consume(this.#type, id)) return;
    const grantId = (await this.#store.get(this.#type, id))?.payload['grantId'];
    if (typeof grantId === 'string') await this.#replayed(grantId);
    throw new errors.InvalidGrant('already used');
  }

  async destroy(id: string): Promise<void> {
    await this.#store.remove(this.#type, id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#store.removeGrant(this.#type, grantId);
  }
}

/** Clients are registered by routes and commands of this service; oidc-provider only reads them. */
export class ClientAdapter implements Adapter {
  readonly #clients: ClientDirectory;

  constructor(clients: ClientDirectory) {
    this.#clients = clients;
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const client = await this.#clients.find(id);
    return client === null ? undefined : this.#clients.metadataOf(client);
  }

  async upsert(): Promise<void> {
    throw new Error('clients are not registered through the issuer');
  }

  async destroy(): Promise<void> {
    throw new Error('clients are not removed through the issuer');
  }

  async consume(): Promise<void> {}

  async revokeByGrantId(): Promise<void> {}

  async findByUid(): Promise<undefined> {
    return undefined;
  }

  async findByUserCode(): Promise<undefined> {
    return undefined;
  }
}

function payloadOf({ payload, consumedAt }: StoredModel): AdapterPayload {
  return { ...payload, ...(consumedAt === null ? {} : { consumed: Math.floor(consumedAt.getTime() / 1000) }) };
}
