// Tokens, sessions and clients that were ended before their time (session-ends.ts writes them). Every process has them all
// in memory and looks for new ones every second.
import { TokenRevocations, type RevocableToken } from '../../platform/auth/token-revocations.port.ts';
import { type Pool } from '../../platform/database/pool.ts';

type Kind = 'token' | 'session' | 'client';

export class PgTokenRevocations extends TokenRevocations {
  readonly #pool: Pool;
  /** With the time up to which tokens were issued that are meant; null: all. */
  #ended: ReadonlyMap<string, Date | null> = new Map();

  constructor(pool: Pool) {
    super();
    this.#pool = pool;
  }

  override isRevoked({ tokenId, sessionId, clientId, issuedAt }: RevocableToken): boolean {
    const ended = this.#ended;
    if (ended.size === 0) return false;
    const names = (key: string): boolean => {
      const until = ended.get(key);
      return until !== undefined && (until === null || issuedAt <= until);
    };
    return (
      names(keyOf('token', tokenId)) ||
      names(keyOf('client', clientId)) ||
      (sessionId !== null && names(keyOf('session', sessionId)))
    );
  }

  /** Reads what is revoked now. */
  async refresh(): Promise<void> {
    const { rows } = await this.#pool.query<{ kind: Kind; id: string; issued_until: Date | null }>(
      `SELECT kind, id, issued_until FROM token_revocation WHERE expires_at > now()`,
    );
    this.#ended = new Map(rows.map(({ kind, id, issued_until: until }) => [keyOf(kind, id), until]));
  }
}

function keyOf(kind: Kind, id: string): string {
  return `${kind} ${id}`;
}
