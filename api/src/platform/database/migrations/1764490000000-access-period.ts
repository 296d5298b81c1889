import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * People and machines may have access for a time only; whoever was there before has it without a limit. Tokens of a client can be
 * revoked up to a time: those that say its former period end, and those that it gets afterwards do not.
 *
 * Going back gives everybody access without a limit again, since nothing is left that says otherwise: close accounts and clients
 * whose time is over before.
 */
export class AccessPeriod1764490000000 implements MigrationInterface {
  readonly name = 'AccessPeriod1764490000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await runner.query(
        `ALTER TABLE ${table} ADD COLUMN access_from timestamptz, ADD COLUMN access_until timestamptz,
           ADD CONSTRAINT ${table}_access_period CHECK (access_from < access_until)`,
      );
    }
    // null: whenever they were issued.
    await runner.query(`ALTER TABLE token_revocation ADD COLUMN issued_until timestamptz`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE token_revocation DROP COLUMN issued_until`);
    for (const table of TABLES)
      await runner.query(
        `ALTER TABLE ${table} DROP CONSTRAINT ${table}_access_period, DROP COLUMN access_until, DROP COLUMN access_from`,
      );
  }
}

const TABLES = ['account', 'client'] as const;
