// The page of one's own account: where am I signed in, out of one of them or all, and another password and second factor. It goes by the sign-in session's cookie.
import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Public } from '../../platform/auth/access.decorators.ts';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { AccountsService } from '../accounts/accounts.service.ts';
import { EnrolmentService } from '../accounts/enrolment.service.ts';
import { SignInService } from '../accounts/sign-in.service.ts';
import { OIDC_PROVIDER } from '../issuer/issuer.tokens.ts';
import { type Provider } from '../issuer/provider.ts';
import { SessionsService, type SessionView } from '../issuer/sessions.service.ts';
import { PasskeyCeremonies } from '../passkeys/passkey-ceremonies.ts';
import { type ChallengePlace } from '../passkeys/passkey-challenges.ts';
import { devicesIn } from './device-cookie.rules.ts';
import { readForm, typed } from './form.ts';
import { alert, Html, html, page, pageHeaders } from './html.ts';
import { passkeyField, passkeyScript, usePasskey } from './passkey-parts.ts';
import { ALL_SESSIONS, endSessionsForm, sessionList } from './session-list.ts';
import { notSignedIn, ownerOf, type Owner } from './session-owner.ts';

const renewSchema = z.strictObject({ password: typed, code: typed, passkey: passkeyField });

const NOT_PROVED = 'That was not right, or the account is closed for a while.';

@ApiExcludeController()
@Controller('account')
@Public('shows and changes what belongs to the owner of the session cookie, and to nobody else')
export class AccountController {
  readonly #provider: Provider;
  readonly #accounts: AccountsService;
  readonly #sessions: SessionsService;
  readonly #signIn: SignInService;
  readonly #enrolment: EnrolmentService;
  readonly #passkeys: PasskeyCeremonies;
  readonly #origin: string;

  constructor(
    @Inject(OIDC_PROVIDER) provider: Provider,
    @Inject(AccountsService) accounts: AccountsService,
    @Inject(SessionsService) sessions: SessionsService,
    @Inject(SignInService) signIn: SignInService,
    @Inject(EnrolmentService) enrolment: EnrolmentService,
    @Inject(PasskeyCeremonies) passkeys: PasskeyCeremonies,
    @Inject(CONFIG) config: Config,
  ) {
    this.#provider = provider;
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#signIn = signIn;
    this.#enrolment = enrolment;
    this.#passkeys = passkeys;
    this.#origin = new URL(config.PUBLIC_URL).origin;
  }

  @Get()
  async show(
    @Query({ schema: noQuery }) _query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const owner = await this.#owner(request, reply);
    if (owner === null) await notSignedIn(reply);
    else await this.#page(reply, 200, owner, []);
  }

  /** Whoever is at the keyboard must prove once more to be the owner: a session alone changes no password. */
  @Post('renew')
  async renew(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = await readForm(request, this.#origin, renewSchema);
    const owner = await this.#owner(request, reply);
    if (owner === null) {
      await notSignedIn(reply);
      return;
    }
    if (!(await this.#proves(owner, form, request))) {
      await this.#page(reply, 400, owner, [NOT_PROVED]);
      return;
    }
    const secret = await this.#enrolment.renew(owner.accountId);
    await reply
      .status(303)
      .header('location', `/invitation?secret=${encodeURIComponent(secret)}`)
      .header('cache-control', 'no-store')
      .send();
  }

  async #page(reply: FastifyReply, status: number, owner: Owner, faults: readonly string[]): Promise<void> {
    const sessions = await this.#sessions.list(owner.tenantId, owner.accountId);
    const options = await this.#passkeys.requestOptions(placeOf(owner));
    const script = options === null ? null : passkeyScript(this.#origin);
    // Two forms with one challenge: whichever is sent uses it up.
    const passkey = (button: string): Html | null => usePasskey(options, button);
    await send(reply, status, 'Your account', describe(sessions, owner.sessionId, faults, passkey), script);
  }

  @Post('sign-out')
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = await readForm(request, this.#origin, endSessionsForm);
    const owner = await this.#owner(request, reply);
    if (owner === null) {
      await notSignedIn(reply);
      return;
    }
    if (!(await this.#proves(owner, form, request))) {
      await this.#page(reply, 400, owner, [NOT_PROVED]);
      return;
    }
    const { tenantId, accountId, sessionId } = owner;
    const origin = { address: request.ip, requestId: request.id };
    if (form.session === ALL_SESSIONS) await this.#sessions.endAll(tenantId, accountId, origin);
    else await this.#sessions.endOwn(tenantId, accountId, form.session, origin);
    if (form.session === ALL_SESSIONS || form.session === sessionId)
      await send(
        reply,
        200,
        'Signed out',
        html`<p>You are signed out ${form.session === sessionId ? 'here' : 'everywhere'}.</p>`,
      );
    else await this.#page(reply, 200, owner, []);
  }

  async #proves(
    owner: Owner,
    form: { readonly password: string; readonly code: string; readonly passkey: string },
    request: FastifyRequest,
  ): Promise<boolean> {
    const { login, accountId } = owner;
    const { password, code } = form;
    const passkey = form.passkey === '' ? undefined : { json: form.passkey, place: placeOf(owner) };
    const origin = { address: request.ip, requestId: request.id };
    const devices = devicesIn(request.headers.cookie, this.#origin);
    const typedIn = { login, password, code, passkey };
    const proved = await this.#signIn.attempt({ ...typedIn, devices, remember: false, ...origin });
    return proved !== null && 'accountId' in proved && proved.accountId === accountId;
  }

  async #owner(request: FastifyRequest, reply: FastifyReply): Promise<Owner | null> {
    const owner = await ownerOf(this.#provider, this.#accounts, request, reply);
    if (owner !== null) await this.#sessions.used(owner.sessionId);
    return owner;
  }
}

/** @param passkey what a form with that button has for passkeys */
function describe(
  sessions: readonly SessionView[],
  present: string,
  faults: readonly string[],
  passkey: (button: string) => Html | null,
): Html {
  return html`${alert(faults)} ${sessionList(sessions, present, passkey('Sign out there with password and passkey'))}
    <h2>Second factors</h2>
    <p><a href="/account/factors">Authenticator and passkeys</a>: add, rename, remove.</p>
    <h2>Another password and second factor</h2>
    <p>
      Prove once more that it is you. The next page sets both anew; until then the old ones count, and after it no
      passkey of before.
    </p>
    <form method="post" action="/account/renew">
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required />
      <label for="code">Code of your authenticator, or a recovery code</label>
      <input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required />
      <button type="submit">Go on</button>
      ${passkey('Go on with password and passkey')}
    </form>`;
}

function placeOf({ sessionId }: Owner): ChallengePlace {
  return { purpose: 'renewal', bound: sessionId };
}

async function send(
  reply: FastifyReply,
  status: number,
  title: string,
  body: Html,
  script: string | null = null,
): Promise<void> {
  await reply
    .status(status)
    .headers(pageHeaders([], script))
    .send(page(title, body, script));
}
