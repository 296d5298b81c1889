// POST /v1/keys/rotations: wrap everything again with the key that wraps now. GET /v1/keys/rotations/latest: how far it is.
import { Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Requires, ThisAccess } from '../../auth/access.decorators.ts';
import { AccessLog, type RequestAccess } from '../../auth/access-log.port.ts';
import { DomainError } from '../../errors/domain-error.ts';
import { ApiProblems } from '../../http/api-problems.ts';
import { noQuery } from '../../http/schemas.ts';
import { BackgroundRotation } from './background-rotation.ts';
import { rotationWithin } from './rotation-events.ts';
import { type Rotation } from './rotation-store.port.ts';

const rotationSchema = z
  .strictObject({
    id: z.string(),
    state: z
      .enum(['running', 'stopped', 'finished'])
      .describe('finished: nothing that could be opened is wrapped by another key. stopped: ask again, and it goes on'),
    from: z.array(z.string()).describe('Headers (version and key id) of the keys that were in use when it began'),
    to: z.string().describe('Header of the key that wraps now'),
    total: z.string().describe('Values to be wrapped again when it began'),
    rewrapped: z.string(),
    failed: z.string().describe('Values that could not be opened, in this pass. Above 0: keep the old key'),
    startedAt: z.string(),
    updatedAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: 'KeyRotation' });

@ApiTags('operations')
@Controller('v1/keys/rotations')
export class RotationsController {
  readonly #rotations: BackgroundRotation;
  readonly #log: AccessLog;

  constructor(@Inject(BackgroundRotation) rotations: BackgroundRotation, @Inject(AccessLog) log: AccessLog) {
    this.#rotations = rotations;
    this.#log = log;
  }

  @Post()
  @Requires('kek.rotate')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Rotate the keys that wrap the keys of records',
    description:
      'Goes on in the background, beside everything else. One that was interrupted is gone on with. One at a time.',
  })
  @ApiResponse({ status: 202, standardSchema: rotationSchema })
  @ApiProblems(400, 409, 503)
  async begin(
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof rotationSchema>> {
    return view(await this.#rotations.begin(rotationWithin(this.#log, access)));
  }

  @Get('latest')
  @Requires('kek.rotate')
  @ApiOperation({ summary: 'The latest key rotation, as it is now' })
  @ApiResponse({ status: 200, standardSchema: rotationSchema })
  @ApiProblems(400, 404)
  async latest(@Query({ schema: noQuery }) _query: unknown): Promise<z.output<typeof rotationSchema>> {
    const latest = await this.#rotations.latest();
    if (latest === null) throw new DomainError('no-rotation', 'no key rotation has been asked for yet');
    return view(latest);
  }
}

function view(rotation: Rotation): z.output<typeof rotationSchema> {
  const { id, state, from, to, total, rewrapped, failed, startedAt, updatedAt, finishedAt } = rotation;
  return {
    id: id.toString(),
    state,
    from: [...from],
    to,
    total: total.toString(),
    rewrapped: rewrapped.toString(),
    failed: failed.toString(),
    startedAt: startedAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
