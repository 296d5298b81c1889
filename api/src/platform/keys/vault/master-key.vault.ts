// HashiCorp Vault's Transit engine as the master key (https://developer.hashicorp.com/vault/api-docs/secret/transit): batches
// of encrypt and decrypt with `associated_data`, which its AEAD key types (aes256-gcm96, the default, and chacha20-poly1305)
// authenticate. OpenBao speaks the same protocol.
import { z } from 'zod';
import { DomainError } from '../../errors/domain-error.ts';
import { KeyUnwrapError } from '../key-provider.port.ts';
import { MasterKey, type MasterCiphertext, type MasterPlaintext } from '../master-key.port.ts';
import { errorsOf, type VaultAnswer, type VaultClient } from './vault-client.ts';

/** Items of one request; Vault itself bounds a request's size (32 MiB by default), not their number. */
const MAX_BATCH = 250;

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9_./-]{0,198}$/;

const encryptedSchema = z.looseObject({
  data: z.looseObject({
    batch_results: z.array(z.looseObject({ ciphertext: z.string().optional(), error: z.string().optional() })),
  }),
});
const decryptedSchema = z.looseObject({
  data: z.looseObject({
    batch_results: z.array(z.looseObject({ plaintext: z.string().optional(), error: z.string().optional() })),
  }),
});

export class VaultMasterKey extends MasterKey {
  /** mount/key */
  readonly name: string;
  readonly #vault: VaultClient;

  constructor(vault: VaultClient, mount: string, key: string) {
    super();
    this.#vault = vault;
    this.name = `${mount}/${key}`;
  }

  async encrypt(items: readonly MasterPlaintext[]): Promise<readonly string[]> {
    const results: string[] = [];
    for (const part of batches(items)) {
      const answer = await this.#ask('encrypt', this.name, {
        batch_input: part.map(({ plaintext, context }) => ({
          plaintext: base64(plaintext),
          associated_data: base64(Buffer.from(context, 'utf8')),
        })),
      });
      const batch = encryptedSchema.safeParse(answer.body).data?.data.batch_results ?? [];
      part.forEach((_, position) => {
        const ciphertext = batch[position]?.ciphertext;
        if (ciphertext === undefined || ciphertext === '') throw notUnderstood('encrypt', answer);
        results.push(ciphertext);
      });
    }
    return results;
  }

  async decrypt(items: readonly MasterCiphertext[]): Promise<readonly (Uint8Array | KeyUnwrapError)[]> {
    const results: (Uint8Array | KeyUnwrapError)[] = items.map(
      () => new KeyUnwrapError('a data key names a master key that cannot be one'),
    );
    const byMaster = Map.groupBy([...items.keys()], (position) => items[position]?.master ?? '');
    for (const [master, positions] of byMaster) {
      // It comes from the database and becomes part of an address.
      if (!NAME.test(master) || master.includes('..') || !master.includes('/')) continue;
      for (const part of batches(positions)) {
        const opened = await this.#decryptOf(
          master,
          part.map((position) => items[position] as MasterCiphertext),
        );
        part.forEach((position, at) => (results[position] = opened[at] as Uint8Array | KeyUnwrapError));
      }
    }
    return results;
  }

  async #decryptOf(
    master: string,
    items: readonly MasterCiphertext[],
  ): Promise<readonly (Uint8Array | KeyUnwrapError)[]> {
    const answer = await this.#ask('decrypt', master, {
      batch_input: items.map(({ ciphertext, context }) => ({
        ciphertext,
        associated_data: base64(Buffer.from(context, 'utf8')),
      })),
    });
    const parsed = decryptedSchema.safeParse(answer.body);
    // 400 with results: none of them could be decrypted. Anything else is no answer to what was asked.
    if (!parsed.success || parsed.data.data.batch_results.length !== items.length)
      throw notUnderstood('decrypt', answer);
    return parsed.data.data.batch_results.map(({ plaintext, error }) =>
      plaintext === undefined || (error !== undefined && error !== '')
        ? new KeyUnwrapError('the key service cannot open a data key: it was changed, moved or wrapped by another key')
        : new Uint8Array(Buffer.from(plaintext, 'base64')),
    );
  }

  #ask(operation: 'encrypt' | 'decrypt', name: string, body: object): Promise<VaultAnswer> {
    const at = name.lastIndexOf('/');
    return this.#vault.post(`${name.slice(0, at)}/${operation}/${name.slice(at + 1)}`, body);
  }
}

function batches<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / MAX_BATCH) }, (_, at) =>
    items.slice(at * MAX_BATCH, (at + 1) * MAX_BATCH),
  );
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64');
}

/** A key that does not exist, a mount that is none, a key type without associated data, or not Vault at all. */
function notUnderstood(operation: string, { status, body }: VaultAnswer): DomainError {
  const said = errorsOf(body);
  return new DomainError(
    'unavailable',
    `the key service did not ${operation} (status ${status}): mount, key and key type must be as VAULT_TRANSIT_MOUNT and VAULT_TRANSIT_KEY say`,
    { retryAfterSeconds: 30 },
    said === null ? {} : { cause: new Error(said) },
  );
}
