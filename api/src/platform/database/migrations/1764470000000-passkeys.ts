import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Passkeys (WebAuthn credentials) as a second factor beside the authenticator, and the challenges that are out for them.
 *
 * - a person who is enrolled has a password and at least one second factor, whichever; checked at COMMIT, since the two may
 *   be exchanged in one transaction;
 * - a credential belongs to one account of the installation;
 * - a place that asks for a passkey (one sign-in, one form) has one challenge at a time, stored as its SHA-256.
 *
 * Going back fails while somebody has passkeys only: they could not sign in any more.
 */
export class Passkeys1764470000000 implements MigrationInterface {
  readonly name = 'Passkeys1764470000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP: readonly string[] = [
  `CREATE TABLE passkey (
     id uuid PRIMARY KEY,
     account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
     credential_id bytea NOT NULL UNIQUE CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
     public_key bytea NOT NULL CHECK (octet_length(public_key) BETWEEN 1 AND 4096),
     sign_count bigint NOT NULL CHECK (sign_count BETWEEN 0 AND 4294967295),
     backup_eligible boolean NOT NULL,
     name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
     created_at timestamptz NOT NULL DEFAULT now(),
     last_used_at timestamptz)`,
  `CREATE INDEX passkey_account ON passkey (account_id, created_at)`,
  `CREATE TABLE passkey_challenge (
     place bytea PRIMARY KEY CHECK (octet_length(place) = 32),
     digest bytea NOT NULL CHECK (octet_length(digest) = 32),
     expires_at timestamptz NOT NULL)`,
  `ALTER TABLE account DROP CONSTRAINT account_check`,
  `ALTER TABLE account ADD CONSTRAINT account_enrolled
     CHECK (num_nonnulls(password_hash, enrolled_at) IN (0, 2) AND (totp_secret IS NULL OR enrolled_at IS NOT NULL))`,
  `CREATE FUNCTION check_second_factor() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE person uuid;
   BEGIN
     IF TG_TABLE_NAME = 'account' THEN person := NEW.id; ELSE person := OLD.account_id; END IF;
     IF EXISTS (SELECT FROM account WHERE id = person AND enrolled_at IS NOT NULL AND totp_secret IS NULL)
        AND NOT EXISTS (SELECT FROM passkey WHERE account_id = person) THEN
       RAISE EXCEPTION 'account % would be left without a second factor', person USING ERRCODE = 'integrity_constraint_violation';
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE CONSTRAINT TRIGGER account_second_factor AFTER INSERT OR UPDATE OF totp_secret, enrolled_at ON account
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_second_factor()`,
  `CREATE CONSTRAINT TRIGGER passkey_second_factor AFTER DELETE OR UPDATE OF account_id ON passkey
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_second_factor()`,
];

const DOWN: readonly string[] = [
  `DROP TABLE passkey_challenge`,
  `DROP TABLE passkey`,
  `DROP TRIGGER account_second_factor ON account`,
  `DROP FUNCTION check_second_factor()`,
  `ALTER TABLE account DROP CONSTRAINT account_enrolled`,
  `ALTER TABLE account ADD CONSTRAINT account_check CHECK (num_nonnulls(password_hash, totp_secret, enrolled_at) IN (0, 3))`,
];
