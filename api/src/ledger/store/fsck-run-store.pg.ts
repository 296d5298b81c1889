import { InvariantError } from '@medanchor/verifier';
import { exclusively } from '../../platform/database/advisory-lock.ts';
import { inTransaction, type Pool, type Queryable } from '../../platform/database/pool.ts';
import {
  fingerprintOf,
  FSCK_CODES,
  type FsckCheckName,
  type FsckFinding,
  type FsckPlace,
  type FsckSeverity,
} from './fsck-finding.ts';
import {
  FsckRunStore,
  type FsckMemory,
  type FsckMode,
  type FsckPhase,
  type FsckRun,
  type FsckSummary,
  type RecordedFindings,
  type StoredFinding,
} from './fsck-run-store.port.ts';

/** First key of the advisory lock (the second is the log): "fsck" in ASCII. */
const LOCK_CLASS = 0x6673636b;

const RUN = `id, mode, state, started_at AS "startedAt", updated_at AS "updatedAt", finished_at AS "finishedAt", from_size AS "fromSize",
  entries, seconds, clean, finding_count AS "findingCount", report`;

const MEMORY = `phase, cursor, tree_size AS "treeSize", edge, seal`;

type RunRow = FsckRun & {
  readonly phase: FsckPhase;
  readonly cursor: bigint;
  readonly treeSize: bigint;
  readonly edge: Buffer | null;
  readonly seal: Buffer | null;
};

export class PgFsckRunStore extends FsckRunStore {
  readonly #pool: Pool;
  readonly #log: number;

  constructor(pool: Pool, log: number) {
    super();
    this.#pool = pool;
    this.#log = log;
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T | null> {
    return (await exclusively(this.#pool, LOCK_CLASS, this.#log, work))?.done ?? null;
  }

  async begin(mode: FsckMode, fromSize: bigint, at: Date): Promise<FsckRun> {
    // Whoever begins holds the lock: what still says that it is running was killed.
    await this.#pool.query(`UPDATE fsck_run SET state = 'stopped' WHERE log = $1 AND state = 'running'`, [this.#log]);
    const { rows } = await this.#pool.query<FsckRun>(
      `INSERT INTO fsck_run (log, mode, state, from_size, started_at, updated_at) VALUES ($1, $2, 'running', $3, $4, $4) RETURNING ${RUN}`,
      [this.#log, mode, fromSize, at],
    );
    if (rows[0] === undefined) throw new InvariantError('an inserted run was not returned');
    return rows[0];
  }

  async newest(mode: FsckMode): Promise<{ run: FsckRun; memory: FsckMemory | null } | null> {
    return this.#withMemory(`log = $1 AND mode = $2`, [this.#log, mode]);
  }

  async newestClean(): Promise<{ run: FsckRun; memory: FsckMemory } | null> {
    const found = await this.#withMemory(`log = $1 AND clean AND edge IS NOT NULL`, [this.#log]);
    return found === null || found.memory === null ? null : { run: found.run, memory: found.memory };
  }

  async #withMemory(
    where: string,
    values: readonly unknown[],
  ): Promise<{ run: FsckRun; memory: FsckMemory | null } | null> {
    const { rows } = await this.#pool.query<RunRow>(
      `SELECT ${RUN}, ${MEMORY} FROM fsck_run WHERE ${where} ORDER BY id DESC LIMIT 1`,
      [...values],
    );
    if (rows[0] === undefined) return null;
    const { phase, cursor, treeSize, edge, seal, ...run } = rows[0];
    return { run, memory: edge === null || seal === null ? null : { phase, cursor, treeSize, edge, seal } };
  }

  async save(run: bigint, memory: FsckMemory, entries: bigint, seconds: number, at: Date): Promise<void> {
    await this.#pool.query(
      `UPDATE fsck_run SET state = 'running', phase = $2, cursor = $3, tree_size = $4, edge = $5, seal = $6, entries = $7, seconds = $8, updated_at = $9
       WHERE id = $1`,
      [run, memory.phase, memory.cursor, memory.treeSize, memory.edge, memory.seal, entries, seconds, at],
    );
  }

  async stop(run: bigint, at: Date): Promise<void> {
    await this.#pool.query(
      `UPDATE fsck_run SET state = 'stopped', updated_at = $2 WHERE id = $1 AND state = 'running'`,
      [run, at],
    );
  }

  async finish(
    run: bigint,
    result: { report: FsckSummary; clean: boolean; findingCount: bigint; entries: bigint; seconds: number },
    memory: FsckMemory | null,
    at: Date,
  ): Promise<void> {
    const { report, clean, findingCount, entries, seconds } = result;
    await inTransaction(this.#pool, 'BEGIN', async (client) => {
      await client.query(
        `UPDATE fsck_run SET state = 'finished', phase = 'done', finished_at = $2, updated_at = $2, report = $3, clean = $4, finding_count = $5,
           entries = $6, seconds = $7, cursor = $8, tree_size = $8, edge = $9, seal = $10 WHERE id = $1`,
        [
          run,
          at,
          JSON.stringify(report),
          clean,
          findingCount,
          entries,
          seconds,
          memory?.treeSize ?? 0n,
          memory?.edge ?? null,
          memory?.seal ?? null,
        ],
      );
      if (memory !== null)
        await client.query(
          'UPDATE fsck_run SET edge = NULL, seal = NULL WHERE log = $1 AND id < $2 AND edge IS NOT NULL',
          [this.#log, run],
        );
    });
  }

  async record(run: bigint, findings: readonly FsckFinding[], alarms: number, at: Date): Promise<RecordedFindings> {
    if (findings.length === 0) return { fresh: [] };
    const byFingerprint = new Map(findings.map((found) => [fingerprintOf(found), found]));
    return inTransaction(this.#pool, 'BEGIN', async (client) => {
      const { rows: known } = await client.query<{ id: bigint; fingerprint: string }>(
        `${OPEN} AND fingerprint = ANY($2)`,
        [this.#log, [...byFingerprint.keys()]],
      );
      const seen = new Set(known.map(({ fingerprint }) => fingerprint));
      const fresh = [...byFingerprint].filter(([fingerprint]) => !seen.has(fingerprint));
      const { rows: added } = await client.query<{ id: bigint }>(
        `INSERT INTO fsck_finding (log, run, fingerprint, code, severity, place, detail, found_at)
         SELECT $1, $2, *, $3 FROM unnest($4::text[], $5::text[], $6::text[], $7::jsonb[], $8::text[]) RETURNING id`,
        [
          this.#log,
          run,
          at,
          fresh.map(([fingerprint]) => fingerprint),
          fresh.map(([, { code }]) => code),
          fresh.map(([, { severity }]) => severity),
          fresh.map(([, { where }]) => JSON.stringify(where)),
          fresh.map(([, { detail }]) => detail),
        ],
      );
      await client.query(
        'INSERT INTO fsck_sighting (run, finding) SELECT $1, * FROM unnest($2::bigint[]) ON CONFLICT DO NOTHING',
        [run, [...known, ...added].map(({ id }) => id)],
      );
      for (const [, { code, detail }] of fresh.slice(0, alarms)) await this.#alarm(client, `${code}: ${detail}`, at);
      return { fresh: fresh.map(([, found]) => found) };
    });
  }

  async raiseAlarm(detail: string, at: Date): Promise<void> {
    await this.#alarm(this.#pool, detail, at);
  }

  async #alarm(on: Queryable, detail: string, at: Date): Promise<void> {
    await on.query(
      `INSERT INTO integrity_alarm (log, kind, detail, raised_at) VALUES ($1, 'integrity-fault', $2, $3)`,
      [this.#log, detail, at],
    );
  }

  async open(): Promise<ReadonlySet<string>> {
    const { rows } = await this.#pool.query<{ fingerprint: string }>(OPEN, [this.#log]);
    return new Set(rows.map(({ fingerprint }) => fingerprint));
  }

  async clear(run: bigint, checks: readonly FsckCheckName[], at: Date): Promise<number> {
    const codes = Object.entries(FSCK_CODES)
      .filter(([, [check]]) => checks.includes(check))
      .map(([code]) => code);
    const { rowCount } = await this.#pool.query(
      `INSERT INTO fsck_clearance (finding, run, cleared_at)
       SELECT id, $2, $3 FROM (${OPEN}) open JOIN fsck_finding USING (id)
       WHERE code = ANY($4) AND NOT EXISTS (SELECT FROM fsck_sighting WHERE fsck_sighting.finding = id AND fsck_sighting.run = $2)`,
      [this.#log, run, at, codes],
    );
    return rowCount ?? 0;
  }

  async run(id: bigint): Promise<FsckRun | null> {
    const { rows } = await this.#pool.query<FsckRun>(`SELECT ${RUN} FROM fsck_run WHERE log = $1 AND id = $2`, [
      this.#log,
      id,
    ]);
    return rows[0] ?? null;
  }

  async runs(before: bigint | null, limit: number): Promise<readonly FsckRun[]> {
    const { rows } = await this.#pool.query<FsckRun>(
      `SELECT ${RUN} FROM fsck_run WHERE log = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [this.#log, before, limit],
    );
    return rows;
  }

  async newestFinished(mode: FsckMode | null): Promise<FsckRun | null> {
    const { rows } = await this.#pool.query<FsckRun>(
      `SELECT ${RUN} FROM fsck_run WHERE log = $1 AND state = 'finished' AND ($2::text IS NULL OR mode = $2) ORDER BY id DESC LIMIT 1`,
      [this.#log, mode],
    );
    return rows[0] ?? null;
  }

  async openCounts(): Promise<Readonly<Record<FsckSeverity, number>>> {
    const { rows } = await this.#pool.query<{ severity: FsckSeverity; count: string | bigint }>(
      `SELECT severity, count(*) AS count FROM (${OPEN}) open JOIN fsck_finding USING (id) GROUP BY severity`,
      [this.#log],
    );
    const count = (severity: FsckSeverity): number => Number(rows.find((row) => row.severity === severity)?.count ?? 0);
    return { fault: count('fault'), warning: count('warning') };
  }

  async findings(run: bigint | null, after: bigint, limit: number): Promise<readonly StoredFinding[]> {
    const { rows } = await this.#pool.query<Omit<StoredFinding, 'where'> & { place: FsckPlace }>(
      `SELECT f.id, f.code, f.severity, f.place, f.detail, f.run AS "foundBy", f.found_at AS "foundAt", c.cleared_at AS "clearedAt"
       FROM fsck_finding f LEFT JOIN fsck_clearance c ON c.finding = f.id
       WHERE f.log = $1 AND f.id > $3 AND CASE WHEN $2::bigint IS NULL THEN c.finding IS NULL
         ELSE EXISTS (SELECT FROM fsck_sighting s WHERE s.run = $2 AND s.finding = f.id) END
       ORDER BY f.id LIMIT $4`,
      [this.#log, run, after, limit],
    );
    return rows.map(({ place, ...found }) => ({ ...found, where: place }));
  }
}

const OPEN = `SELECT f.id, f.fingerprint FROM fsck_finding f LEFT JOIN fsck_clearance c ON c.finding = f.id WHERE f.log = $1 AND c.finding IS NULL`;
