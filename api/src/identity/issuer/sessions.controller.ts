// HTTP for administrators: who is signed in, and signing them out. One's own sessions are on the page /account.
import { Controller, Delete, Get, HttpCode, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Requires, ThisAccess } from '../../platform/auth/access.decorators.ts';
import { type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { ApiProblems } from '../../platform/http/api-problems.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { SessionsService } from './sessions.service.ts';

const sessionParams = z.strictObject({ sessionId: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, 'the id of a session') });
const listQuery = z.strictObject({ accountId: z.uuid().optional().describe('Default: all accounts of the tenant') });

const sessionSchema = z
  .strictObject({
    sessionId: z.string(),
    accountId: z.string(),
    signedInAt: z.string(),
    factors: z.array(z.string()).describe('amr (RFC 8176)'),
    expiresAt: z.string(),
  })
  .meta({ id: 'Session' });

@ApiTags('sessions')
@Controller('v1/sessions')
@Requires('session.manage')
export class SessionsController {
  readonly #sessions: SessionsService;

  constructor(@Inject(SessionsService) sessions: SessionsService) {
    this.#sessions = sessions;
  }

  @Get()
  @ApiOperation({ summary: 'Who is signed in, the newest first' })
  @ApiResponse({ status: 200, standardSchema: z.strictObject({ sessions: z.array(sessionSchema) }) })
  @ApiProblems(400)
  async list(
    @Query({ schema: listQuery }) { accountId }: z.output<typeof listQuery>,
    @ThisAccess() access: RequestAccess,
  ): Promise<{ sessions: z.output<typeof sessionSchema>[] }> {
    const sessions = await this.#sessions.list(access.caller.tenant.id, accountId ?? null);
    return {
      sessions: sessions.map(({ id, accountId: owner, signedInAt, factors, expiresAt }) => ({
        sessionId: id,
        accountId: owner,
        signedInAt: signedInAt.toISOString(),
        factors: [...factors],
        expiresAt: expiresAt.toISOString(),
      })),
    };
  }

  @Delete(':sessionId')
  @HttpCode(204)
  @ApiOperation({
    summary: 'End a session',
    description: 'Its refresh tokens are gone at once, its access tokens are refused within a second.',
  })
  @ApiResponse({ status: 204, description: 'Ended' })
  @ApiProblems(400, 404)
  async end(
    @Param({ schema: sessionParams }) { sessionId }: z.output<typeof sessionParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
  ): Promise<void> {
    await this.#sessions.end(access.caller.tenant, sessionId, access);
  }
}
