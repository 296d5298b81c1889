// Tokens, sessions and clients that were ended before their time (session-ends.ts writes them). Every process has them all
// in memory and looks for new ones every second.
import { TokenRevocations, type RevocableToken } from '../../platform/auth/token-revocations.port.ts';
import { type Pool } from '../../platform/database/pool.ts';

type Kind = 'token' | 'session' | 'client';

export class PgTokenRevocations extends TokenRevocations {
  readonly #pool: Pool;
  #ended: ReadonlySet<string> = new Set();

  constructor(pool: Pool) {
    super();
    this.#pool = pool;
  }

  override isRevoked({ tokenId, sessionId, clientId }: RevocableToken): boolean {
    const ended = this.#ended;
    if (ended.size === 0) return false;
    return (
      ended.has(keyOf('token', tokenId)) ||
      ended.has(keyOf('client', clientId)) ||
      (sessionId !== null && ended.has(keyOf('session', sessionId)))
    );
  }

  /** Reads what is revoked now. */
  async refresh(): Promise<void> {
    const { rows } = await this.#pool.query<{ kind: Kind; id: string }>(
      `SELECT kind, id FROM token_revocation WHERE expires_at > now()`,
    );
    this.#ended = new Set(rows.map(({ kind, id }) => keyOf(kind, id)));
  }
}

function keyOf(kind: Kind, id: string): string {
  return `${kind} ${id}`;
}
