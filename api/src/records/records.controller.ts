// HTTP for record systems: submit a version, read a history, fetch a proof, verify content.
import { Controller, Get, Headers, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BUNDLE_MEDIA_TYPE, formatBundle } from '@medanchor/verifier';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LedgerService, stateOf } from '../ledger/index.ts';
import { LOG_ORIGIN } from './records.tokens.ts';
import { Caller, Requires } from '../platform/auth/access.decorators.ts';
import { type Principal } from '../platform/auth/principal.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import { type Config } from '../platform/config/config.schema.ts';
import { noQuery } from '../platform/http/schemas.ts';
import { nextOf } from '../platform/http/page.ts';
import { ApiProblems } from '../platform/http/api-problems.ts';
import { readBody, requireBody } from './body.ts';
import {
  discloseQuery,
  historyQuery,
  proofQuery,
  receiptSchema,
  recordParams,
  SIGNATURE_HEADER,
  submitQuery,
  verdictSchema,
  verifyQuery,
  versionParams,
  versionSchema,
} from './records.schema.ts';
import { RecordsService } from './records.service.ts';
import { COMMITMENT_MEDIA_TYPE, committedIn, isCommitment } from './source-commitment.rules.ts';
import { receiptView, verdictView, versionPath, versionView } from './views.ts';

const DEFAULT_WAIT_MS = 10_000;

@ApiTags('records')
@Controller('v1/records/:source/:recordId')
export class RecordsController {
  readonly #records: RecordsService;
  readonly #ledger: LedgerService;
  readonly #config: Config;
  readonly #origin: string;

  constructor(
    @Inject(RecordsService) records: RecordsService,
    @Inject(LedgerService) ledger: LedgerService,
    @Inject(CONFIG) config: Config,
    @Inject(LOG_ORIGIN) origin: string,
  ) {
    this.#records = records;
    this.#ledger = ledger;
    this.#config = config;
    this.#origin = origin;
  }

  @Post('versions')
  @Requires('version.submit')
  @ApiOperation({
    summary: 'Submit a version of a record',
    description: `The body is the content, in any media type. It is digested and not kept. Repeating a submission is safe. As ${COMMITMENT_MEDIA_TYPE} the body is what the source has computed itself (digest mode), and no content is sent.`,
  })
  @ApiHeader(SIGNATURE_HEADER)
  @ApiConsumes('*/*')
  @ApiBody({ required: false, schema: { type: 'string', format: 'binary' } })
  @ApiResponse({ status: 201, standardSchema: receiptSchema, description: 'Recorded: durable, at this index' })
  @ApiResponse({
    status: 200,
    standardSchema: receiptSchema,
    description: 'This very version was recorded before: its first receipt',
  })
  @ApiProblems(400, 409, 413, 415, 422, 503)
  async submit(
    @Caller() caller: Principal,
    @Param({ schema: recordParams }) name: z.output<typeof recordParams>,
    @Query({ schema: submitQuery }) query: z.output<typeof submitQuery>,
    @Headers('content-type') contentType: string | undefined,
    @Headers(SIGNATURE_HEADER.name) jws: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof receiptSchema>> {
    const activity = query.activity ?? null;
    const content = await readBody(request.body, this.#config.BODY_LIMIT_BYTES);
    const receipt = await this.#records.submit(caller.tenant, {
      ...name,
      versionId: query.versionId,
      activity,
      fields: query.fields === undefined ? null : query.fields === 'on',
      subject: query.subject ?? null,
      mediaType: contentType ?? '',
      content,
      committed: isCommitment(contentType) ? committedIn(content, activity) : null,
      jws: jws ?? null,
      submittedBy: caller.clientId,
    });
    const state =
      query.wait === undefined
        ? receipt.state
        : await this.#ledger.waitFor(receipt.version.index, query.wait, Number(query.timeoutMs ?? DEFAULT_WAIT_MS));
    void reply.status(receipt.created ? 201 : 200).header('location', versionPath(name, receipt.version.versionId));
    return receiptView(name, receipt.version, state, this.#origin);
  }

  @Get('versions')
  @Requires('version.read')
  @ApiOperation({
    summary: 'The versions of a record, in the order of arrival',
    description: 'No content, since none is kept. Page with `after` = the last `seq` seen.',
  })
  @ApiResponse({
    status: 200,
    standardSchema: z.strictObject({ versions: z.array(versionSchema), next: z.string().nullable() }),
  })
  @ApiProblems(400, 404)
  async history(
    @Caller() { tenant }: Principal,
    @Param({ schema: recordParams }) name: z.output<typeof recordParams>,
    @Query({ schema: historyQuery }) query: z.output<typeof historyQuery>,
  ): Promise<unknown> {
    const limit = Number(query.limit ?? 100n);
    const versions = await this.#records.history(tenant, name, query.after ?? 0n, limit);
    const sizes = await this.#ledger.sizes();
    return {
      versions: versions.map((version) => versionView(name, version, stateOf(version.index, sizes))),
      next: nextOf(versions, limit, ({ seq }) => seq.toString()),
    };
  }

  @Get('versions/:versionId')
  @Requires('version.read')
  @ApiOperation({ summary: 'One version: its receipt as it stands now' })
  @ApiResponse({ status: 200, standardSchema: receiptSchema })
  @ApiProblems(400, 404)
  async version(
    @Caller() { tenant }: Principal,
    @Param({ schema: versionParams }) params: z.output<typeof versionParams>,
    @Query({ schema: noQuery }) _query: unknown,
  ): Promise<z.output<typeof receiptSchema>> {
    const { version } = await this.#records.locate(tenant, params);
    return receiptView(params, version, stateOf(version.index, await this.#ledger.sizes()), this.#origin);
  }

  @Get('versions/:versionId/proof')
  @Requires('proof.read')
  @ApiOperation({
    summary: 'The proof bundle of a version',
    description: '`format=tlog-proof` gives the bare C2SP proof.',
  })
  @ApiProduces(BUNDLE_MEDIA_TYPE, 'text/plain')
  @ApiResponse({ status: 200, description: 'docs/spec/formats.md section 9' })
  @ApiProblems(400, 404, 409)
  async proof(
    @Caller() { tenant }: Principal,
    @Param({ schema: versionParams }) params: z.output<typeof versionParams>,
    @Query({ schema: proofQuery }) query: z.output<typeof proofQuery>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const located = await this.#records.locate(tenant, params);
    const { bundle } = await this.#ledger.bundle(located);
    // It changes once: when the anchor comes. And it opens commitments, so no shared cache may keep it.
    void reply.header('cache-control', 'private, no-store');
    if (query.format === 'tlog-proof') {
      void reply
        .header('content-type', 'text/plain; charset=utf-8')
        .header('content-disposition', 'attachment; filename="version.tlog-proof"');
      return bundle.proof;
    }
    void reply.header('content-type', `${BUNDLE_MEDIA_TYPE}; charset=utf-8`);
    return formatBundle(bundle);
  }

  @Post('versions/:versionId/proof')
  @Requires('proof.disclose')
  @ApiOperation({
    summary: 'A proof bundle that discloses chosen fields',
    description:
      'The body is the content of the version (the ledger keeps none). The bundle shows the fields asked for and hides the rest.',
  })
  @ApiConsumes('*/*')
  @ApiBody({ required: true, schema: { type: 'string', format: 'binary' } })
  @ApiProduces(BUNDLE_MEDIA_TYPE)
  @ApiResponse({ status: 200, description: 'docs/spec/formats.md section 9, with `disclosed`' })
  @ApiProblems(400, 404, 409, 413, 422)
  async disclose(
    @Caller() { tenant }: Principal,
    @Param({ schema: versionParams }) params: z.output<typeof versionParams>,
    @Query({ schema: discloseQuery }) query: z.output<typeof discloseQuery>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const content = await requireBody(request.body, this.#config.BODY_LIMIT_BYTES);
    const located = await this.#records.locate(tenant, params);
    const pointers = typeof query.disclose === 'string' ? [query.disclose] : query.disclose;
    const bundle = await this.#ledger.disclose(located, { content, pointers });
    void reply
      .status(200)
      .header('cache-control', 'private, no-store')
      .header('content-type', `${BUNDLE_MEDIA_TYPE}; charset=utf-8`);
    return formatBundle(bundle);
  }

  @Post('verify')
  @Requires('version.verify')
  @ApiOperation({
    summary: 'Compare content with what was recorded',
    description:
      'The body is the content. Without `versionId` the latest version is compared, and older ones are named when the content equals one.',
  })
  @ApiConsumes('*/*')
  @ApiBody({ required: true, schema: { type: 'string', format: 'binary' } })
  @ApiResponse({ status: 200, standardSchema: verdictSchema })
  @ApiProblems(400, 413, 415, 422)
  async verify(
    @Caller() { tenant }: Principal,
    @Param({ schema: recordParams }) name: z.output<typeof recordParams>,
    @Query({ schema: verifyQuery }) query: z.output<typeof verifyQuery>,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof verdictSchema>> {
    const content = await requireBody(request.body, this.#config.BODY_LIMIT_BYTES);
    const result = await this.#records.verify(tenant, {
      ...name,
      versionId: query.versionId ?? null,
      content,
      mediaType: contentType ?? '',
    });
    void reply.status(200);
    return verdictView(name, result);
  }
}
