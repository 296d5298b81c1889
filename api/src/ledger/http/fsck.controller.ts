// GET /v1/fsck: the latest tamper sweep and those before it. GET /v1/fsck/findings: what they found. POST /v1/fsck: sweep now.
import { Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Requires } from '../../platform/auth/access.decorators.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { ApiProblems } from '../../platform/http/api-problems.ts';
import { decimal } from '../../platform/http/schemas.ts';
import { FsckSchedule } from '../fsck/fsck-schedule.ts';
import { FSCK_CHECKS } from '../store/fsck-finding.ts';
import { FsckRunStore, type FsckRun, type StoredFinding } from '../store/fsck-run-store.port.ts';

const result = z.enum(['passed', 'failed', 'skipped']);

const runSchema = z
  .strictObject({
    id: z.string(),
    mode: z.enum(['full', 'incremental']),
    state: z.enum(['running', 'stopped', 'finished']).describe('stopped: the next sweep of this mode goes on with it'),
    startedAt: z.string(),
    finishedAt: z.string().nullable(),
    from: z.string().describe('Entries from here on were read: 0 in a full sweep'),
    entries: z.string().describe('Entries that were hashed again'),
    seconds: z.number(),
    clean: z.boolean().nullable(),
    findings: z.string(),
    size: z.string().nullable(),
    root: z.string().nullable().describe('Computed from the entries; null when some are missing'),
    chain: z
      .strictObject({ status: result, reason: z.string(), size: z.string().nullable(), root: z.string().nullable() })
      .nullable(),
    checks: z.array(z.strictObject({ name: z.enum(FSCK_CHECKS), result, reason: z.string() })),
  })
  .meta({ id: 'FsckRun' });

const findingSchema = z
  .strictObject({
    id: z.string(),
    code: z.string(),
    severity: z.enum(['fault', 'warning']),
    where: z
      .looseObject({ table: z.string() })
      .describe('What names the row, field or hash; indexes, sizes and row ids are decimal strings'),
    detail: z.string(),
    foundBy: z.string().describe('The run that found it first'),
    foundAt: z.string(),
    clearedAt: z.string().nullable(),
  })
  .meta({ id: 'FsckFinding' });

const limit = decimal('a number').pipe(z.bigint().min(1n).max(500n)).optional();
const runsQuery = z.strictObject({ before: decimal('the id of a run').optional(), limit });
const findingsQuery = z.strictObject({
  run: decimal('the id of a run').optional(),
  after: decimal('the id of a finding').optional(),
  limit,
});
const requestQuery = z.strictObject({ mode: z.enum(['full', 'incremental']).optional() });

@ApiTags('operations')
@Controller('v1/fsck')
export class FsckController {
  readonly #runs: FsckRunStore;
  readonly #schedule: FsckSchedule;

  constructor(@Inject(FsckRunStore) runs: FsckRunStore, @Inject(FsckSchedule) schedule: FsckSchedule) {
    this.#runs = runs;
    this.#schedule = schedule;
  }

  @Get()
  @Requires('fsck.read')
  @ApiOperation({
    summary: 'The tamper sweep: its latest report, what is open, and earlier runs',
    description: 'Runs newest first; page with `before` = the last `id` seen.',
  })
  @ApiResponse({
    status: 200,
    standardSchema: z.strictObject({
      latest: runSchema.nullable().describe('The latest run that has finished'),
      open: z.strictObject({ fault: z.int(), warning: z.int() }),
      runs: z.array(runSchema),
      next: z.string().nullable(),
    }),
  })
  @ApiProblems(400)
  async report(@Query({ schema: runsQuery }) query: z.output<typeof runsQuery>): Promise<unknown> {
    const size = Number(query.limit ?? 20n);
    const runs = await this.#runs.runs(query.before ?? null, size);
    const latest = await this.#runs.newestFinished(null);
    return {
      latest: latest === null ? null : runView(latest),
      open: await this.#runs.openCounts(),
      runs: runs.map(runView),
      next: runs.length < size ? null : (runs.at(-1)?.id.toString() ?? null),
    };
  }

  @Get('findings')
  @Requires('fsck.read')
  @ApiOperation({
    summary: 'Findings of the tamper sweep',
    description:
      'Those that `run` saw; without `run`, those that are open. Oldest first; page with `after` = the last `id` seen.',
  })
  @ApiResponse({
    status: 200,
    standardSchema: z.strictObject({ findings: z.array(findingSchema), next: z.string().nullable() }),
  })
  @ApiProblems(400, 404)
  async findings(@Query({ schema: findingsQuery }) query: z.output<typeof findingsQuery>): Promise<unknown> {
    const size = Number(query.limit ?? 100n);
    if (query.run !== undefined && (await this.#runs.run(query.run)) === null)
      throw new DomainError('not-found', `there is no sweep with the id ${query.run}: see GET /v1/fsck`);
    const found = await this.#runs.findings(query.run ?? null, query.after ?? 0n, size);
    return {
      findings: found.map(findingView),
      next: found.length < size ? null : (found.at(-1)?.id.toString() ?? null),
    };
  }

  @Post()
  @Requires('fsck.run')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Sweep now, in the background',
    description: '`mode` is `incremental` unless it is said to be `full`. One sweep at a time; GET shows how it is.',
  })
  @ApiResponse({ status: 202, standardSchema: z.strictObject({ requested: z.enum(['full', 'incremental']) }) })
  @ApiProblems(400, 503)
  request(@Query({ schema: requestQuery }) query: z.output<typeof requestQuery>): {
    requested: 'full' | 'incremental';
  } {
    const mode = query.mode ?? 'incremental';
    if (!this.#schedule.request(mode))
      throw new DomainError('unavailable', 'this process does not run the stages (STAGES=off): ask one that does');
    return { requested: mode };
  }
}

function runView(run: FsckRun): z.output<typeof runSchema> {
  return {
    id: run.id.toString(),
    mode: run.mode,
    state: run.state,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
    from: run.fromSize.toString(),
    entries: run.entries.toString(),
    seconds: run.seconds,
    clean: run.clean,
    findings: run.findingCount.toString(),
    size: run.report?.size ?? null,
    root: run.report?.root ?? null,
    chain: run.report?.chain ?? null,
    checks: [...(run.report?.checks ?? [])],
  };
}

function findingView(found: StoredFinding): z.output<typeof findingSchema> {
  return {
    id: found.id.toString(),
    code: found.code,
    severity: found.severity,
    where: { ...found.where },
    detail: found.detail,
    foundBy: found.foundBy.toString(),
    foundAt: found.foundAt.toISOString(),
    clearedAt: found.clearedAt?.toISOString() ?? null,
  };
}
