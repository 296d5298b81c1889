// Challenges of passkeys: 256 random bits, good once, for ten minutes, at the place that they were made for. In the database, so
// that whichever instance gets the answer knows them.
import { createHash, randomBytes } from 'node:crypto';
import { type Clock } from '../../platform/clock/clock.ts';
import { type Pool } from '../../platform/database/pool.ts';

/** As long as a sign-in may take. */
const LIFE_MS = 10 * 60_000;

/** Where an answer is wanted: one sign-in, one form of one session. */
export interface ChallengePlace {
  readonly purpose: 'sign-in' | 'proof' | 'renewal' | 'password-reset' | 'enrolment' | 'addition';
  /** What only this sign-in, session or form has. */
  readonly bound: string;
}

export class PasskeyChallenges {
  readonly #pool: Pool;
  readonly #clock: Clock;

  constructor(pool: Pool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  /** An older one of this place counts no more. @returns 32 octets */
  async issue(place: ChallengePlace): Promise<Uint8Array<ArrayBuffer>> {
    const challenge = new Uint8Array(randomBytes(32));
    await this.#pool.query(
      `INSERT INTO passkey_challenge (place, digest, expires_at) VALUES ($1, $2, $3)
       ON CONFLICT (place) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at`,
      [placeOf(place), digestOf(challenge), new Date(this.#clock.now().getTime() + LIFE_MS)],
    );
    return challenge;
  }

  /** Of two that use one at once, one gets true. It is used up whatever becomes of the answer. */
  async consume(place: ChallengePlace, challenge: Uint8Array): Promise<boolean> {
    const { rows } = await this.#pool.query<{ fresh: boolean }>(
      `DELETE FROM passkey_challenge WHERE place = $1 AND digest = $2 RETURNING expires_at > $3 AS fresh`,
      [placeOf(place), digestOf(challenge), this.#clock.now()],
    );
    return rows[0]?.fresh ?? false;
  }
}

function placeOf({ purpose, bound }: ChallengePlace): Buffer {
  return createHash('sha256').update(`medanchor/passkey-place/1\n${purpose}\n${bound}`).digest();
}

function digestOf(challenge: Uint8Array): Buffer {
  return createHash('sha256').update('medanchor/passkey-challenge/1\n').update(challenge).digest();
}
