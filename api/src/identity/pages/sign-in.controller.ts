// The page on which people sign in: login, password and second factor in one form, so that the answer to a wrong one does
// not say which it was. Everything else of the flow is oidc-provider's.
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { errors } from 'oidc-provider';
import { z } from 'zod';
import { Public } from '../../platform/auth/access.decorators.ts';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { SignInService } from '../accounts/sign-in.service.ts';
import { OIDC_PROVIDER } from '../issuer/issuer.tokens.ts';
import { type Provider } from '../issuer/provider.ts';
import { PasskeyCeremonies } from '../passkeys/passkey-ceremonies.ts';
import { type ChallengePlace } from '../passkeys/passkey-challenges.ts';
import { deviceCookie, devicesIn } from './device-cookie.rules.ts';
import { readForm, typed } from './form.ts';
import { alert, html, page, pageHeaders } from './html.ts';
import { passkeyField, passkeyScript, usePasskey } from './passkey-parts.ts';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

const params = z.strictObject({ uid: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'the id of a sign-in') });
const formSchema = z.strictObject({ login: typed, password: typed, code: typed, passkey: passkeyField });

const OUTSIDE_PERIOD = {
  before: 'This is your account, but your access has not begun yet. An administrator can say when it does.',
  after: 'This is your account, but your access is over. An administrator can extend it.',
};

const REFUSED =
  'Login, password and code or passkey do not go together, or this account is closed for a while after too many attempts. Wait for the next code and try again.';

@ApiExcludeController()
@Controller('sign-in')
@Public('where people prove who they are')
export class SignInController {
  readonly #provider: Provider;
  readonly #signIn: SignInService;
  readonly #passkeys: PasskeyCeremonies;
  readonly #origin: string;

  constructor(
    @Inject(OIDC_PROVIDER) provider: Provider,
    @Inject(SignInService) signIn: SignInService,
    @Inject(PasskeyCeremonies) passkeys: PasskeyCeremonies,
    @Inject(CONFIG) config: Config,
  ) {
    this.#provider = provider;
    this.#signIn = signIn;
    this.#passkeys = passkeys;
    this.#origin = new URL(config.PUBLIC_URL).origin;
  }

  @Get(':uid')
  async show(
    @Param({ schema: params }) { uid }: z.output<typeof params>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const interaction = await this.#interaction(request, reply, uid);
    if (interaction !== null) await this.#answer(reply, 200, interaction, []);
  }

  @Post(':uid')
  async submit(
    @Param({ schema: params }) { uid }: z.output<typeof params>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const form = await readForm(request, this.#origin, formSchema);
    const interaction = await this.#interaction(request, reply, uid);
    if (interaction === null) return;
    const passkey = form.passkey === '' ? undefined : { json: form.passkey, place: placeOf(interaction) };
    const devices = devicesIn(request.headers.cookie, this.#origin);
    const origin = { address: request.ip, requestId: request.id };
    const signedIn = await this.#signIn.attempt({ ...form, passkey, devices, remember: true, ...origin });
    if (signedIn === null) {
      await this.#answer(reply, 400, interaction, [REFUSED]);
      return;
    }
    if ('outside' in signedIn) {
      await this.#answer(reply, 403, interaction, [OUTSIDE_PERIOD[signedIn.outside]]);
      return;
    }
    reply.header('set-cookie', deviceCookie(signedIn.devices, this.#origin));
    const present = interaction.session?.accountId;
    if (present !== undefined && present !== signedIn.accountId) {
      await this.#answer(reply, 400, interaction, [
        'Another account is signed in here. Sign out of it first: open /oidc/session/end.',
      ]);
      return;
    }
    const next = await this.#provider.interactionResult(
      request.raw,
      reply.raw,
      {
        login: {
          accountId: signedIn.accountId,
          amr: [...signedIn.factors],
          ts: Math.floor(Date.now() / 1000),
          // The cookie has no date: how long the session lasts is decided here, and changes with its use.
          remember: false,
        },
      },
      { mergeWithLastSubmission: false },
    );
    await reply.status(303).header('location', next).header('cache-control', 'no-store').send();
  }

  /** Answers itself, and returns null, when the browser has no such sign-in under way. */
  async #interaction(request: FastifyRequest, reply: FastifyReply, uid: string): Promise<Interaction | null> {
    try {
      const interaction = await this.#provider.interactionDetails(request.raw, reply.raw);
      if (interaction.uid === uid) return interaction;
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
    }
    await reply
      .status(400)
      .headers(pageHeaders())
      .send(
        page(
          'This sign-in is over',
          html`<p>
            It was begun too long ago, in another browser, or is done already. Go back to where you came from and sign
            in anew.
          </p>`,
        ),
      );
    return null;
  }

  async #answer(
    reply: FastifyReply,
    status: number,
    interaction: Interaction,
    faults: readonly string[],
  ): Promise<void> {
    const options = await this.#passkeys.requestOptions(placeOf(interaction));
    const script = options === null ? null : passkeyScript(this.#origin);
    const target = interaction.params['redirect_uri'];
    const origin = typeof target === 'string' ? URL.parse(target)?.origin : undefined;
    const again = interaction.prompt.reasons.some((reason) => reason === 'max_age' || reason === 'login_prompt');
    const body = html`${alert(faults)}
      ${again ? html`<p>What you want to do needs a fresh proof of who you are.</p>` : null}
      <form method="post" action="/sign-in/${interaction.uid}">
        <label for="login">Login</label>
        <input
          id="login"
          name="login"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          required
          autofocus
        />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        <label for="code">Code of your authenticator, or a recovery code</label>
        <input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required />
        <button type="submit">Sign in</button>
        ${usePasskey(options, 'Sign in with password and passkey')}
      </form>`;
    await reply
      .status(status)
      .headers(pageHeaders(origin === undefined ? [] : [origin], script))
      .send(page('Sign in', body, script));
  }
}

function placeOf({ uid }: Interaction): ChallengePlace {
  return { purpose: 'sign-in', bound: uid };
}
