// Encrypts single text values of sensitive columns: a TOTP secret, the text of an incident. With the same keys as the records'
// keys, so that one rotation covers all; see encrypted-column.pg.ts for how it finds them.
//
// Text form: "mf1" "." header (10 hexadecimal digits: version and id of the key) "." base64url of nonce ‖ ciphertext ‖ tag.
// Table, column and row are authenticated: a value that is copied to another place cannot be read there. Neither the length
// of the text nor that two rows changed at the same time is hidden.
import { HEADER_LENGTH, type KeyProvider } from './key-provider.port.ts';

/** Where a value lies. `row` must be stable: the row's own primary key, known before the row is written. */
export interface FieldPlace {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

/** A stored value was changed, moved, or its key is gone. Nothing of it is shown. */
export class FieldDamagedError extends Error {
  override readonly name = 'FieldDamagedError';
}

export const FIELD_FORMAT = 'mf1';
const FORM = /^mf1\.([0-9a-f]{10})\.([A-Za-z0-9_-]{38,})$/;
/** So that the context is unambiguous: neither holds a colon. */
const NAME = /^[a-z_][a-z0-9_]*$/;

export class FieldCipher {
  readonly #keys: KeyProvider;

  constructor(keys: KeyProvider) {
    this.#keys = keys;
  }

  /** @throws {DomainError} `unavailable` when the key service cannot be reached */
  async encrypt(place: FieldPlace, text: string): Promise<string> {
    const octets = Buffer.from(text, 'utf8');
    const [wrapped] = await this.#keys.wrap([{ key: octets, context: fieldContext(place) }]);
    octets.fill(0);
    return formatField(wrapped as Uint8Array);
  }

  /** @throws {FieldDamagedError}; {DomainError} `unavailable` when the key service cannot be reached */
  async decrypt(place: FieldPlace, stored: string): Promise<string> {
    const wrapped = parseField(stored);
    if (wrapped === null) throw new FieldDamagedError(`${place.table}.${place.column} holds no encrypted value`);
    const [opened] = await this.#keys.unwrap([{ wrapped, context: fieldContext(place) }]);
    if (!(opened instanceof Uint8Array))
      throw new FieldDamagedError(
        `an encrypted value of ${place.table}.${place.column} cannot be opened in its place`,
        {
          cause: opened,
        },
      );
    const text = Buffer.from(opened.buffer, opened.byteOffset, opened.byteLength).toString('utf8');
    opened.fill(0);
    return text;
  }
}

export function fieldContext({ table, column, row }: FieldPlace): string {
  if (!NAME.test(table) || !NAME.test(column)) throw new TypeError('a table and a column have plain SQL names');
  return `medanchor/field/1:${table}:${column}:${row}`;
}

export function formatField(wrapped: Uint8Array): string {
  const bytes = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength);
  return `${FIELD_FORMAT}.${bytes.toString('hex', 0, HEADER_LENGTH)}.${bytes.toString('base64url', HEADER_LENGTH)}`;
}

/** The exact inverse of {@link formatField}; null for anything that it does not make. */
export function parseField(stored: string): Uint8Array | null {
  const [, header = '', rest = ''] = FORM.exec(stored) ?? [];
  if (header === '') return null;
  const wrapped = Buffer.concat([Buffer.from(header, 'hex'), Buffer.from(rest, 'base64url')]);
  return formatField(wrapped) === stored ? wrapped : null;
}
