// The page of one's own account: where am I signed in, out of all of it, and another password and second factor. It goes by the sign-in session's cookie.
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
import { readForm, typed } from './form.ts';
import { alert, Html, html, page, pageHeaders } from './html.ts';
import { passkeyField, passkeyScript, usePasskey } from './passkey-parts.ts';
import { notSignedIn, ownerOf, type Owner } from './session-owner.ts';

/** Nothing but which button it was. */
const formSchema = z.strictObject({ everywhere: z.literal('yes') });
const renewSchema = z.strictObject({ password: typed, code: typed, passkey: passkeyField });

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
    const { login, accountId } = owner;
    const passkey = form.passkey === '' ? undefined : { json: form.passkey, place: placeOf(owner) };
    const proved = await this.#signIn.attempt({ ...form, passkey, login, address: request.ip, requestId: request.id });
    if (proved?.accountId !== accountId) {
      await this.#page(reply, 400, owner, ['That was not right, or the account is closed for a while.']);
      return;
    }
    const secret = await this.#enrolment.renew(accountId);
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
    const passkey = usePasskey(options, 'Go on with password and passkey');
    await send(reply, status, 'Your account', describe(sessions, owner.sessionId, faults, passkey), script);
  }

  @Post('sign-out')
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await readForm(request, this.#origin, formSchema);
    const owner = await this.#owner(request, reply);
    if (owner !== null) await this.#sessions.endAll(owner.tenantId, owner.accountId, null);
    await send(reply, 200, 'Signed out', html`<p>You are signed out everywhere.</p>`);
  }

  async #owner(request: FastifyRequest, reply: FastifyReply): Promise<Owner | null> {
    const owner = await ownerOf(this.#provider, this.#accounts, request, reply);
    if (owner !== null) await this.#sessions.used(owner.sessionId);
    return owner;
  }
}

/** @param passkey what the form has for passkeys */
function describe(
  sessions: readonly SessionView[],
  present: string,
  faults: readonly string[],
  passkey: Html | null,
): Html {
  return html`${alert(faults)}
    <p>You are signed in here:</p>
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
    </form>
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
      ${passkey}
    </form>`;
}

function minute(time: Date): string {
  return time.toISOString().slice(0, 16).replace('T', ' ');
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
