// HTTP for administrators: people, their roles, their way back in.
import { Controller, Get, Headers, Inject, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Requires, ThisAccess } from '../../platform/auth/access.decorators.ts';
import { type RequestAccess } from '../../platform/auth/access-log.port.ts';
import { ROLES } from '../../platform/auth/principal.ts';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { ApiProblems } from '../../platform/http/api-problems.ts';
import { jsonBody } from '../../platform/http/json-body.ts';
import { jsonSchema } from '../../platform/http/openapi.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import {
  accessPeriodBody,
  IN_ORDER,
  isInOrder,
  newPeriodShape,
  periodOf,
  periodView,
  viewOfPeriod,
} from '../access-period.schema.ts';
import { AccountsService, type AccountView, type Invitation } from './accounts.service.ts';
import { PasswordResetService } from './password-reset.service.ts';

const accountParams = z.strictObject({ accountId: z.uuid() });

/** `record-system` is for machines. */
const roles = z
  .array(z.enum(ROLES))
  .min(1)
  .max(ROLES.length)
  .refine((list) => !list.includes('record-system'), 'record-system is a role of machines: register a client');

const invitationBody = z
  .strictObject({ login: z.string().min(3).max(254), roles, ...newPeriodShape })
  .refine(isInOrder, IN_ORDER);
const rolesBody = z.strictObject({ roles });

const accountSchema = z
  .strictObject({
    accountId: z.string(),
    login: z.string(),
    roles: z.array(z.enum(ROLES)),
    state: z.enum(['invited', 'active', 'locked', 'disabled']),
    ...periodView,
    createdAt: z.string(),
  })
  .meta({ id: 'Account' });

const invitationSchema = z
  .strictObject({
    account: accountSchema,
    link: z
      .string()
      .describe('For its owner alone: opens once the page on which they choose a password. Shown only here'),
    expiresAt: z.string(),
  })
  .meta({ id: 'Invitation' });

const resetSchema = z
  .strictObject({
    link: z.string().describe('For its owner alone: opens a page that asks for the second factor too. Shown only here'),
    expiresAt: z.string(),
  })
  .meta({ id: 'PasswordReset' });

@ApiTags('accounts')
@Controller('v1/accounts')
@Requires('account.manage')
export class AccountsController {
  readonly #accounts: AccountsService;
  readonly #resets: PasswordResetService;
  readonly #publicUrl: string;

  constructor(
    @Inject(AccountsService) accounts: AccountsService,
    @Inject(PasswordResetService) resets: PasswordResetService,
    @Inject(CONFIG) config: Config,
  ) {
    this.#accounts = accounts;
    this.#resets = resets;
    this.#publicUrl = config.PUBLIC_URL;
  }

  @Post()
  @ApiOperation({ summary: 'Invite somebody' })
  @ApiBody({ schema: jsonSchema(invitationBody) })
  @ApiResponse({ status: 201, standardSchema: invitationSchema })
  @ApiProblems(400, 409, 413, 415)
  async invite(
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof invitationSchema>> {
    const wanted = jsonBody(request.body, contentType, invitationBody);
    return this.#invitation(await this.#accounts.invite(access, { ...wanted, accessPeriod: periodOf(wanted) }));
  }

  @Get()
  @ApiOperation({ summary: 'The people of the tenant' })
  @ApiResponse({ status: 200, standardSchema: z.strictObject({ accounts: z.array(accountSchema) }) })
  @ApiProblems(400)
  async list(
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
  ): Promise<{ accounts: z.output<typeof accountSchema>[] }> {
    return { accounts: (await this.#accounts.list(access.caller.tenant)).map(viewOf) };
  }

  @Put(':accountId/roles')
  @ApiOperation({ summary: 'Give other roles', description: 'Not one’s own. Signs the account out everywhere.' })
  @ApiBody({ schema: jsonSchema(rolesBody) })
  @ApiResponse({ status: 200, standardSchema: accountSchema })
  @ApiProblems(400, 403, 404, 409, 413, 415)
  async setRoles(
    @Param({ schema: accountParams }) { accountId }: z.output<typeof accountParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof accountSchema>> {
    const wanted = jsonBody(request.body, contentType, rolesBody);
    return viewOf(await this.#accounts.setRoles(access, accountId, wanted.roles));
  }

  @Put(':accountId/access-period')
  @ApiOperation({
    summary: 'Say from when until when somebody has access',
    description:
      'Not one’s own, and one administrator must stay whose access has no end. Signs the account out everywhere.',
  })
  @ApiBody({ schema: jsonSchema(accessPeriodBody) })
  @ApiResponse({ status: 200, standardSchema: accountSchema })
  @ApiProblems(400, 403, 404, 409, 413, 415)
  async setAccessPeriod(
    @Param({ schema: accountParams }) { accountId }: z.output<typeof accountParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: FastifyRequest,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof accountSchema>> {
    const wanted = jsonBody(request.body, contentType, accessPeriodBody);
    return viewOf(await this.#accounts.setAccessPeriod(access, accountId, periodOf(wanted)));
  }

  @Post(':accountId/disable')
  @ApiOperation({ summary: 'Close an account', description: 'Not one’s own. Signs it out everywhere.' })
  @ApiResponse({ status: 201, standardSchema: accountSchema })
  @ApiProblems(400, 403, 404, 409)
  async disable(
    @Param({ schema: accountParams }) { accountId }: z.output<typeof accountParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof accountSchema>> {
    return viewOf(await this.#accounts.disable(access, accountId));
  }

  @Post(':accountId/reset')
  @ApiOperation({
    summary: 'Take password and second factor away, and invite anew',
    description:
      'For who has lost both; …/reset-password is for a password alone. Not one’s own. Signs the account out everywhere.',
  })
  @ApiResponse({ status: 201, standardSchema: invitationSchema })
  @ApiProblems(400, 403, 404)
  async reset(
    @Param({ schema: accountParams }) { accountId }: z.output<typeof accountParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof invitationSchema>> {
    return this.#invitation(await this.#accounts.reset(access, accountId));
  }

  @Post(':accountId/reset-password')
  @ApiOperation({
    summary: 'A link with which its owner chooses another password, after showing the second factor',
    description: 'For who has forgotten the password alone. Not one’s own. The old password counts until then.',
  })
  @ApiResponse({ status: 201, standardSchema: resetSchema })
  @ApiProblems(400, 403, 404, 409)
  async resetPassword(
    @Param({ schema: accountParams }) { accountId }: z.output<typeof accountParams>,
    @Query({ schema: noQuery }) _query: unknown,
    @ThisAccess() access: RequestAccess,
  ): Promise<z.output<typeof resetSchema>> {
    const { secret, expiresAt } = await this.#resets.offer(access, accountId);
    return { link: `${this.#publicUrl}/password-reset?secret=${secret}`, expiresAt: expiresAt.toISOString() };
  }

  #invitation({ account, secret, expiresAt }: Invitation): z.output<typeof invitationSchema> {
    return {
      account: viewOf(account),
      link: `${this.#publicUrl}/invitation?secret=${secret}`,
      expiresAt: expiresAt.toISOString(),
    };
  }
}

function viewOf({ id, login, roles, state, accessPeriod, createdAt }: AccountView): z.output<typeof accountSchema> {
  const period = viewOfPeriod(accessPeriod);
  return { accountId: id, login, roles: [...roles], state, ...period, createdAt: createdAt.toISOString() };
}
