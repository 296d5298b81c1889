// The page of one's own account: where am I signed in, and out of all of it. It goes by the sign-in session's cookie.
import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Public } from '../../platform/auth/access.decorators.ts';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { AccountsService } from '../accounts/accounts.service.ts';
import { OIDC_PROVIDER } from '../issuer/issuer.tokens.ts';
import { type Provider } from '../issuer/provider.ts';
import { SessionsService, type SessionView } from '../issuer/sessions.service.ts';
import { readForm } from './form.ts';
import { Html, html, page, pageHeaders } from './html.ts';

/** Nothing but which button it was. */
const formSchema = z.strictObject({ everywhere: z.literal('yes') });

@ApiExcludeController()
@Controller('account')
@Public('shows and ends the sessions of whoever the session cookie belongs to, and nobody else’s')
export class AccountController {
  readonly #provider: Provider;
  readonly #accounts: AccountsService;
  readonly #sessions: SessionsService;
  readonly #origin: string;

  constructor(
    @Inject(OIDC_PROVIDER) provider: Provider,
    @Inject(AccountsService) accounts: AccountsService,
    @Inject(SessionsService) sessions: SessionsService,
    @Inject(CONFIG) config: Config,
  ) {
    this.#provider = provider;
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#origin = new URL(config.PUBLIC_URL).origin;
  }

  @Get()
  async show(
    @Query({ schema: noQuery }) _query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const owner = await this.#owner(request, reply);
    if (owner === null) {
      await send(reply, 401, 'Not signed in', html`<p>Sign in at the console first, then open this page again.</p>`);
      return;
    }
    const sessions = await this.#sessions.list(owner.tenantId, owner.accountId);
    await send(reply, 200, 'Your account', describe(sessions, owner.sessionId));
  }

  @Post('sign-out')
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await readForm(request, this.#origin, formSchema);
    const owner = await this.#owner(request, reply);
    if (owner !== null) await this.#sessions.endAll(owner.tenantId, owner.accountId, null);
    await send(reply, 200, 'Signed out', html`<p>You are signed out everywhere.</p>`);
  }

  async #owner(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ accountId: string; tenantId: string; sessionId: string } | null> {
    const context = this.#provider.createContext(request.raw, reply.raw);
    const session = await this.#provider.Session.get(context);
    if (session.accountId === undefined) return null;
    const account = await this.#accounts.active(session.accountId);
    if (account === null) return null;
    return { accountId: session.accountId, tenantId: account.tenant.id, sessionId: session.uid };
  }
}

function describe(sessions: readonly SessionView[], present: string): Html {
  return html`<p>You are signed in here:</p>
    <table>
      <thead>
        <tr>
          <th scope="col">Since (UTC)</th>
          <th scope="col">Until (UTC)</th>
          <th scope="col"></th>
        </tr>
      </thead>
      <tbody>
        ${sessions.map(
          ({ id, signedInAt, expiresAt }) =>
            html`<tr>
              <td>${minute(signedInAt)}</td>
              <td>${minute(expiresAt)}</td>
              <td>${id === present ? 'this browser' : ''}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <form method="post" action="/account/sign-out">
      <button type="submit" name="everywhere" value="yes">Sign out everywhere</button>
    </form>`;
}

function minute(time: Date): string {
  return time.toISOString().slice(0, 16).replace('T', ' ');
}

async function send(reply: FastifyReply, status: number, title: string, body: Html): Promise<void> {
  await reply.status(status).headers(pageHeaders()).send(page(title, body));
}
