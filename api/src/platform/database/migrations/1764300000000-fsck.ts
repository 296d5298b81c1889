import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * The tamper sweep's own tables. A run's row is its memory (how far it has come, from where the next one goes on) and its
 * report; findings, sightings and clearances are only ever added: which run found what, which runs saw it again, and
 * which run found it gone.
 */
export class Fsck1764300000000 implements MigrationInterface {
  readonly name = 'Fsck1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['fsck_clearance', 'fsck_sighting', 'fsck_finding', 'fsck_run'])
      await runner.query(`DROP TABLE ${table}`);
  }
}

const UP: readonly string[] = [
  `CREATE TABLE fsck_run (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     log smallint NOT NULL REFERENCES log,
     mode text NOT NULL CHECK (mode IN ('full', 'incremental')),
     state text NOT NULL CHECK (state IN ('running', 'stopped', 'finished')),
     started_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     finished_at timestamptz,
     from_size bigint NOT NULL CHECK (from_size >= 0),
     entries bigint NOT NULL DEFAULT 0,
     phase text NOT NULL DEFAULT 'entries' CHECK (phase IN ('entries', 'records', 'done')),
     cursor bigint NOT NULL DEFAULT 0,
     tree_size bigint NOT NULL DEFAULT 0,
     edge bytea,
     seal bytea,
     clean boolean,
     finding_count bigint NOT NULL DEFAULT 0,
     seconds double precision NOT NULL DEFAULT 0,
     report jsonb,
     CHECK ((state = 'finished') = (finished_at IS NOT NULL)))`,
  `CREATE INDEX fsck_run_latest ON fsck_run (log, id)`,
  `CREATE TABLE fsck_finding (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     log smallint NOT NULL REFERENCES log,
     run bigint NOT NULL REFERENCES fsck_run,
     fingerprint text NOT NULL,
     code text NOT NULL,
     severity text NOT NULL CHECK (severity IN ('fault', 'warning')),
     place jsonb NOT NULL,
     detail text NOT NULL,
     found_at timestamptz NOT NULL)`,
  `CREATE INDEX fsck_finding_fingerprint ON fsck_finding (log, fingerprint)`,
  `CREATE TABLE fsck_sighting (
     run bigint NOT NULL REFERENCES fsck_run,
     finding bigint NOT NULL REFERENCES fsck_finding,
     PRIMARY KEY (run, finding))`,
  `CREATE TABLE fsck_clearance (
     finding bigint PRIMARY KEY REFERENCES fsck_finding,
     run bigint NOT NULL REFERENCES fsck_run,
     cleared_at timestamptz NOT NULL)`,
  ...['fsck_finding', 'fsck_sighting', 'fsck_clearance'].map(
    (table) =>
      `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  ),
  `CREATE TRIGGER fsck_run_kept BEFORE DELETE ON fsck_run FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  ...['fsck_run', 'fsck_finding', 'fsck_sighting', 'fsck_clearance'].map(
    (table) =>
      `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  ),
];
