// GET /v1/access-log: who did what, for an auditor of the tenant. GET /v1/access-log/export: the same as a file that proves itself.
// That somebody reads here is an event, too: the guard records it, as every read.
import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { fromHex, toHex } from '@medanchor/verifier';
import { z } from 'zod';
import { Caller, Requires } from '../platform/auth/access.decorators.ts';
import { type Principal } from '../platform/auth/principal.ts';
import { ApiProblems } from '../platform/http/api-problems.ts';
import { nextOf } from '../platform/http/page.ts';
import { decimal } from '../platform/http/schemas.ts';
import { AccessEventStore } from './access-event-store.port.ts';
import { type PlacedEvent } from './event.rules.ts';
import { ExportService } from './export.service.ts';

const FHIR_NDJSON = 'application/fhir+ndjson';

const time = z
  .string()
  .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/, 'a time YYYY-MM-DDThh:mm:ss.sssZ');

const eventsQuery = z.strictObject({
  from: time.optional().describe('Not before this time, as it stands in the events'),
  to: time.optional().describe('Not after this time'),
  subject: z.string().min(1).max(1024).optional().describe('`subject` of the caller'),
  record: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'the recordRef of a record: 64 lower-case hexadecimal digits')
    .optional(),
  after: decimal('the number of an event').optional(),
  limit: decimal('a number').pipe(z.bigint().min(1n).max(500n)).optional(),
});

const exportQuery = z.strictObject({
  after: decimal('the number of an event').optional().describe('Events after this one; all when not given'),
  to: decimal('the number of an event').optional().describe('The last event; the newest when not given'),
});

const eventSchema = z
  .strictObject({
    seq: z.string(),
    event: z.string().describe('Canonical JSON, exactly as it was hashed: docs/spec/formats.md section 11'),
    previousHash: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AccessEvent' });

@ApiTags('operations')
@Controller('v1/access-log')
export class AccessLogController {
  readonly #events: AccessEventStore;
  readonly #exports: ExportService;

  constructor(@Inject(AccessEventStore) events: AccessEventStore, @Inject(ExportService) exports: ExportService) {
    this.#events = events;
    this.#exports = exports;
  }

  @Get()
  @Requires('access-log.read')
  @ApiOperation({
    summary: 'Who did what, or was refused, in the tenant of the caller',
    description: 'In the order of recording; page with `after` = the last `seq` seen.',
  })
  @ApiResponse({
    status: 200,
    standardSchema: z.strictObject({ events: z.array(eventSchema), next: z.string().nullable() }),
  })
  @ApiProblems(400)
  async list(
    @Query({ schema: eventsQuery }) query: z.output<typeof eventsQuery>,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const limit = Number(query.limit ?? 100n);
    const found = await this.#events.find({
      chain: caller.tenant.id,
      after: query.after ?? 0n,
      from: query.from ?? null,
      to: query.to ?? null,
      recordRef: query.record === undefined ? null : fromHex(query.record),
      subject: query.subject ?? null,
      limit,
    });
    void reply.header('cache-control', 'private, no-store');
    return {
      events: found.map(view),
      next: nextOf(found, limit, ({ seq }) => seq.toString()),
    };
  }

  @Get('export')
  @Requires('access-log.read')
  @ApiOperation({
    summary: 'The access log as FHIR AuditEvents (NDJSON)',
    description:
      'One FHIR R4 resource a line: AuditEvents in the order of the chain, and after an anchored batch the opening of what the log commits to. `medanchor-verify access-log FILE` checks it without this service.',
  })
  @ApiProduces(FHIR_NDJSON)
  @ApiResponse({ status: 200, description: 'docs/spec/formats.md section 11.4' })
  @ApiProblems(400)
  export(
    @Query({ schema: exportQuery }) query: z.output<typeof exportQuery>,
    @Caller() caller: Principal,
    @Res() reply: FastifyReply,
  ): void {
    void reply
      .status(200)
      .header('content-type', FHIR_NDJSON)
      .header('cache-control', 'private, no-store')
      .send(Readable.from(this.#exports.lines(caller.tenant.id, query.after ?? 0n, query.to ?? null)));
  }
}

function view({ seq, event, previousHash, hash }: PlacedEvent): z.output<typeof eventSchema> {
  return { seq: seq.toString(), event, previousHash: toHex(previousHash), hash: toHex(hash) };
}
