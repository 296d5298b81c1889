// A protocol double of HashiCorp Vault's Transit engine, with real AES-256-GCM and key versions: encrypt, decrypt, rewrap and
// rotate in batches, associated data, errors per item, tokens, AppRole, sealed (503), rate limits (429), no right (403). As in
// Vault, rewrap knows no associated data (hashicorp/vault#29532), so what was encrypted with some cannot be re-wrapped by it.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Item {
  readonly plaintext?: string;
  readonly ciphertext?: string;
  readonly associated_data?: string;
}

interface Result {
  readonly status: number;
  readonly body: object;
}

export class VaultDouble {
  /** Octets that must never be seen anywhere else. */
  readonly token = `hvs.${randomBytes(24).toString('base64url')}`;
  readonly roleId = 'medanchor-role';
  readonly secretId = randomBytes(16).toString('hex');
  /** Every plaintext that was encrypted here: the data keys. */
  readonly plaintexts = new Set<string>();
  /** Paths asked, in order. */
  readonly asked: string[] = [];
  /** What is answered instead, for so many requests. */
  trouble: { readonly status: number; times: number } | null = null;
  /** Tokens of logins that are good for one request only. */
  shortLived = false;
  /** Answers 500 with the whole request in its error text, as a careless proxy in front of it might. */
  echoes = false;
  minDecryptionVersion = 1;
  readonly #versions: Buffer[] = [randomBytes(32)];
  readonly #tokens = new Set<string>([this.token]);
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(port = 0): Promise<VaultDouble> {
    const vault = new VaultDouble();
    vault.#server.listen(port, '127.0.0.1');
    await once(vault.#server, 'listening');
    vault.#port = (vault.#server.address() as AddressInfo).port;
    return vault;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  revoke(token = this.token): void {
    this.#tokens.delete(token);
  }

  allow(token: string): void {
    this.#tokens.add(token);
  }

  rotate(): void {
    this.#versions.push(randomBytes(32));
  }

  get version(): number {
    return this.#versions.length;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += String(part);
    const path = (request.url ?? '').replace(/^\/v1\//, '');
    this.asked.push(path);
    const { status, body } = this.#result(path, JSON.parse(text) as Record<string, unknown>, request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #result(path: string, body: Record<string, unknown>, request: IncomingMessage): Result {
    if (this.trouble !== null && this.trouble.times > 0) {
      this.trouble.times -= 1;
      return failure(this.trouble.status, this.trouble.status === 503 ? 'Vault is sealed' : 'rate limit exceeded');
    }
    if (this.echoes) return failure(500, `${JSON.stringify(body)} ${String(request.headers['x-vault-token'])}`);
    if (path === 'auth/approle/login') return this.#logIn(body);
    const token = String(request.headers['x-vault-token']);
    if (!this.#tokens.has(token)) return failure(403, 'permission denied');
    if (this.shortLived && token !== this.token) this.#tokens.delete(token);
    const [, operation = ''] = /^transit\/(encrypt|decrypt|rewrap)\/medanchor$/.exec(path) ?? [];
    if (path === 'transit/keys/medanchor/rotate') {
      this.rotate();
      return { status: 204, body: {} };
    }
    if (operation === '') return failure(path.startsWith('transit/') ? 400 : 404, 'encryption key not found');
    const items = (body['batch_input'] ?? []) as Item[];
    const results = items.map((item) => this.#item(operation, item));
    const allFailed = results.length > 0 && results.every((result) => 'error' in result);
    return { status: allFailed ? 400 : 200, body: { data: { batch_results: results } } };
  }

  #logIn(body: Record<string, unknown>): Result {
    if (body['role_id'] !== this.roleId || body['secret_id'] !== this.secretId)
      return failure(400, 'invalid role or secret ID');
    const token = `hvs.${randomBytes(24).toString('base64url')}`;
    this.#tokens.add(token);
    return { status: 200, body: { auth: { client_token: token, lease_duration: 3600 } } };
  }

  #item(operation: string, item: Item): object {
    try {
      if (operation === 'encrypt') return { ciphertext: this.#encrypt(item.plaintext ?? '', item.associated_data) };
      const plaintext = this.#decrypt(
        item.ciphertext ?? '',
        operation === 'decrypt' ? item.associated_data : undefined,
      );
      return operation === 'decrypt' ? { plaintext } : { ciphertext: this.#encrypt(plaintext, undefined) };
    } catch {
      return { error: 'cipher: message authentication failed' };
    }
  }

  #encrypt(plaintext: string, data: string | undefined): string {
    this.plaintexts.add(plaintext);
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#versions.at(-1) as Buffer, nonce);
    if (data !== undefined) cipher.setAAD(Buffer.from(data, 'base64'));
    const sealed = Buffer.concat([nonce, cipher.update(plaintext, 'base64'), cipher.final(), cipher.getAuthTag()]);
    return `vault:v${this.version}:${sealed.toString('base64')}`;
  }

  #decrypt(ciphertext: string, data: string | undefined): string {
    const [, version = '0', text = ''] = /^vault:v([0-9]+):(.+)$/.exec(ciphertext) ?? [];
    const key = this.#versions[Number(version) - 1];
    if (key === undefined || Number(version) < this.minDecryptionVersion) throw new Error('version is not allowed');
    const sealed = Buffer.from(text, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
    if (data !== undefined) decipher.setAAD(Buffer.from(data, 'base64'));
    decipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('base64');
  }
}

function failure(status: number, error: string): Result {
  return { status, body: { errors: [error] } };
}
