import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Browsers in which somebody has signed in: failures there are counted apart from everybody else's.
 *
 * - the secret that such a browser holds is never stored: only its SHA-256 is;
 * - it belongs to one account, and goes with it.
 */
export class Device1764500000000 implements MigrationInterface {
  readonly name = 'Device1764500000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE sign_in_device`);
  }
}

const UP: readonly string[] = [
  `CREATE TABLE sign_in_device (
     digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
     account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
     failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
     locked_until timestamptz,
     expires_at timestamptz NOT NULL)`,
  `CREATE INDEX sign_in_device_account ON sign_in_device (account_id, expires_at)`,
];
