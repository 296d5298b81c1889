// Tokens and sessions that were ended before their time (session-ends.ts writes them). Every process has them all in memory
// and looks for new ones every second.
import { TokenRevocations } from '../../platform/auth/token-revocations.port.ts';
import { type Pool } from '../../platform/database/pool.ts';

export class PgTokenRevocations extends TokenRevocations {
  readonly #pool: Pool;
  #tokens: ReadonlySet<string> = new Set();
  #sessions: ReadonlySet<string> = new Set();

  constructor(pool: Pool) {
    super();
    this.#pool = pool;
  }

  override isRevoked(tokenId: string, sessionId: string | null): boolean {
    return this.#tokens.has(tokenId) || (sessionId !== null && this.#sessions.has(sessionId));
  }

  /** Reads what is revoked now. */
  async refresh(): Promise<void> {
    const { rows } = await this.#pool.query<{ kind: 'token' | 'session'; id: string }>(
      `SELECT kind, id FROM token_revocation WHERE expires_at > now()`,
    );
    this.#tokens = new Set(rows.filter(({ kind }) => kind === 'token').map(({ id }) => id));
    this.#sessions = new Set(rows.filter(({ kind }) => kind === 'session').map(({ id }) => id));
  }
}
