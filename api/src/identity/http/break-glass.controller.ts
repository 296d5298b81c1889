// GET /v1/break-glass: who broke the glass, and why. POST /v1/break-glass/{id}/review: what somebody else thinks of it.
import { Controller, Get, Headers, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { toHex } from '@medanchor/verifier';
import { type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Caller, Requires, ThisAccess } from '../../platform/auth/access.decorators.ts';
import { type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { type Principal } from '../../platform/auth/principal.ts';
import { ApiProblems } from '../../platform/http/api-problems.ts';
import { nextOf } from '../../platform/http/page.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import { jsonSchema } from '../../platform/http/openapi.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { BreakGlassService, type BrokenGlass } from '../access/break-glass.service.ts';
import { brokenGlassParams, brokenGlassQuery, brokenGlassSchema, newReview } from './identity.schema.ts';

@ApiTags('access')
@Controller('v1/break-glass')
export class BreakGlassController {
  readonly #breakGlass: BreakGlassService;

  constructor(@Inject(BreakGlassService) breakGlass: BreakGlassService) {
    this.#breakGlass = breakGlass;
  }

  @Get()
  @Requires('break-glass.review')
  @ApiOperation({
    summary: 'Broken glasses of your tenant, newest first',
    description:
      'A clinician breaks the glass with the header `X-Break-Glass: reason`. Page with `before` = the last `id` seen.',
  })
  @ApiResponse({
    status: 200,
    standardSchema: z.strictObject({ uses: z.array(brokenGlassSchema), next: z.string().nullable() }),
  })
  @ApiProblems(400)
  async list(
    @Caller() { tenant }: Principal,
    @Query({ schema: brokenGlassQuery }) query: z.output<typeof brokenGlassQuery>,
  ): Promise<unknown> {
    const limit = Number(query.limit ?? 100n);
    const uses = await this.#breakGlass.list(tenant.id, query.before ?? null, limit);
    return { uses: uses.map(view), next: nextOf(uses, limit, ({ id }) => id) };
  }

  @Post(':id/review')
  @Requires('break-glass.review')
  @ApiOperation({
    summary: 'Judge one of them',
    description: 'Not by whoever broke it (`own-work`), and once (`already-reviewed`).',
  })
  @ApiConsumes('application/json')
  @ApiBody({ required: true, schema: jsonSchema(newReview) })
  @ApiResponse({ status: 201, standardSchema: brokenGlassSchema })
  @ApiProblems(400, 404, 409, 415)
  async review(
    @Param({ schema: brokenGlassParams }) { id }: z.output<typeof brokenGlassParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof brokenGlassSchema>> {
    const { judgement } = jsonBody(request.body, contentType, newReview);
    return view(await this.#breakGlass.review(id, judgement, access));
  }
}

function view({ usedAt, review, salt, commitment, ...used }: BrokenGlass): z.output<typeof brokenGlassSchema> {
  return {
    ...used,
    salt: salt === null ? null : toHex(salt),
    commitment: commitment === null ? null : toHex(commitment),
    usedAt: usedAt.toISOString(),
    review: review === null ? null : { ...review, reviewedAt: review.reviewedAt.toISOString() },
  };
}
