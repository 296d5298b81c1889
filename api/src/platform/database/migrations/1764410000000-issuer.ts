import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * The embedded issuer's tables: clients, people, what oidc-provider keeps, and what was revoked before its time.
 *
 * - a bearer value (session, code, refresh token, one-time link, recovery code) is never stored: only its SHA-256 is;
 * - a person either has password and second factor or neither;
 * - a client has its keys in exactly one place: here, or at a URL of its own.
 */
export class Issuer1764410000000 implements MigrationInterface {
  readonly name = 'Issuer1764410000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['token_revocation', 'enrolment', 'recovery_code', 'account', 'client', 'oidc_model'])
      await runner.query(`DROP TABLE ${table}`);
  }
}

const ROLES = `ARRAY['record-system', 'auditor', 'clinician', 'isms-manager', 'privacy-officer', 'administrator']`;

const UP: readonly string[] = [
  `CREATE TABLE oidc_model (
     type text NOT NULL,
     id bytea NOT NULL CHECK (octet_length(id) = 32),
     payload jsonb NOT NULL,
     grant_id text,
     uid text,
     account_id text,
     session_uid text,
     expires_at timestamptz NOT NULL,
     consumed_at timestamptz,
     PRIMARY KEY (type, id))`,
  `CREATE INDEX oidc_model_grant ON oidc_model (grant_id) WHERE grant_id IS NOT NULL`,
  `CREATE INDEX oidc_model_uid ON oidc_model (uid) WHERE uid IS NOT NULL`,
  `CREATE INDEX oidc_model_account ON oidc_model (account_id) WHERE account_id IS NOT NULL`,
  `CREATE INDEX oidc_model_session ON oidc_model (session_uid) WHERE session_uid IS NOT NULL`,
  `CREATE INDEX oidc_model_expiry ON oidc_model (expires_at)`,
  `CREATE TABLE client (
     id uuid PRIMARY KEY,
     tenant_id uuid NOT NULL REFERENCES tenant,
     name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
     roles text[] NOT NULL CHECK (cardinality(roles) > 0 AND roles <@ ${ROLES}),
     scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
     sources text[] CHECK (cardinality(sources) > 0),
     jwks jsonb,
     jwks_uri text,
     certificate_bound boolean NOT NULL DEFAULT false,
     created_at timestamptz NOT NULL DEFAULT now(),
     created_by text,
     keys_changed_at timestamptz NOT NULL DEFAULT now(),
     disabled_at timestamptz,
     CHECK (num_nonnulls(jwks, jwks_uri) = 1))`,
  `CREATE INDEX client_tenant ON client (tenant_id, created_at)`,
  `CREATE TABLE account (
     id uuid PRIMARY KEY,
     tenant_id uuid NOT NULL REFERENCES tenant,
     login text NOT NULL UNIQUE CHECK (login = lower(login) AND length(login) BETWEEN 3 AND 254),
     roles text[] NOT NULL CHECK (roles <@ ${ROLES}),
     password_hash text,
     totp_secret text CHECK (totp_secret ~ '^mf1[.]'),
     totp_step bigint NOT NULL DEFAULT 0,
     failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
     locked_until timestamptz,
     created_at timestamptz NOT NULL DEFAULT now(),
     enrolled_at timestamptz,
     disabled_at timestamptz,
     CHECK (num_nonnulls(password_hash, totp_secret, enrolled_at) IN (0, 3)))`,
  `CREATE TABLE recovery_code (
     account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
     digest bytea NOT NULL CHECK (octet_length(digest) = 32),
     used_at timestamptz,
     PRIMARY KEY (account_id, digest))`,
  // Without an account: the one-time secret with which the first administrator is set up.
  `CREATE TABLE enrolment (
     digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
     account_id uuid REFERENCES account ON DELETE CASCADE,
     created_at timestamptz NOT NULL DEFAULT now(),
     created_by text,
     expires_at timestamptz NOT NULL,
     used_at timestamptz)`,
  `CREATE TABLE token_revocation (
     kind text NOT NULL CHECK (kind IN ('token', 'session', 'client')),
     id text NOT NULL,
     expires_at timestamptz NOT NULL,
     PRIMARY KEY (kind, id))`,
];
