// Checks what sources signed, before anything is written: docs/spec/formats.md section 6.1. Whether the key is in force is
// decided later, in the order of the log (source-key.rules.ts); here only whether this key made this signature.
import {
  keyIdOfJws,
  statementBytes,
  verifyDetachedJws,
  VerifyError,
  type Activity,
  type Jwk,
  type Scheme,
} from '@medanchor/verifier';
import { LRUCache } from 'lru-cache';
import { sourceKeyName, type Refusal } from '../store/entry-store.port.ts';
import { type SourceKeyStore } from '../store/source-key-store.port.ts';

/** What is signed, and by which detached JWS. */
export interface SignedStatement {
  readonly source: string;
  readonly activity: Activity | null;
  readonly scheme: Scheme;
  readonly commitment: Uint8Array;
  readonly jws: string;
}

export interface Submitter {
  readonly keyId: string;
  readonly jws: string;
}

/** A key id is the key's thumbprint, so what is remembered of it never changes. */
const KEYS_KEPT = 10_000;

export class SignatureChecker {
  readonly #store: SourceKeyStore;
  readonly #known = new LRUCache<string, Jwk>({ max: KEYS_KEPT });

  constructor(store: SourceKeyStore) {
    this.#store = store;
  }

  /** In the order given: who signed, or why the version cannot be recorded. Null stands for an unsigned one. */
  async check(statements: readonly (SignedStatement | null)[]): Promise<readonly (Submitter | Refusal | null)[]> {
    if (statements.every((statement) => statement === null)) return statements.map(() => null);
    const named = statements.map((statement) => (statement === null ? null : keyOf(statement.jws)));
    await this.#learn(statements.flatMap((statement, at) => wanted(statement, named[at] ?? null)));
    return statements.map((statement, at) => {
      const keyId = named[at] ?? null;
      if (statement === null || keyId === null) return null;
      return typeof keyId === 'string' ? this.#judge(statement, keyId) : keyId;
    });
  }

  async #learn(names: readonly { readonly source: string; readonly keyId: string }[]): Promise<void> {
    const unknown = names.filter(({ source, keyId }) => !this.#known.has(sourceKeyName(source, keyId)));
    if (unknown.length === 0) return;
    for (const { source, keyId, jwk } of await this.#store.find(unknown))
      this.#known.set(sourceKeyName(source, keyId), jwk);
  }

  #judge({ source, activity, scheme, commitment, jws }: SignedStatement, keyId: string): Submitter | Refusal {
    if (activity === null)
      return refused(
        'signature-invalid',
        'a signed submission names its activity (create, update, delete or import): it is part of what is signed',
      );
    const jwk = this.#known.get(sourceKeyName(source, keyId));
    if (jwk === undefined)
      return refused('signature-key-unknown', `key ${keyId} is not registered for this source: register it first`);
    try {
      verifyDetachedJws(jws, statementBytes({ activity, commitment, scheme, source }), jwk);
      return { keyId, jws };
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      return refused(
        'signature-invalid',
        `key ${keyId} has not signed this source, activity, scheme and commitment (${error.code})`,
      );
    }
  }
}

function keyOf(jws: string): string | Refusal {
  try {
    return keyIdOfJws(jws);
  } catch (error) {
    if (error instanceof VerifyError) return refused('signature-malformed', error.message);
    throw error;
  }
}

function wanted(
  statement: SignedStatement | null,
  keyId: string | Refusal | null,
): readonly { source: string; keyId: string }[] {
  return statement === null || typeof keyId !== 'string' ? [] : [{ source: statement.source, keyId }];
}

function refused(code: Refusal['code'], detail: string): Refusal {
  return { result: 'refused', code, detail };
}
