// The pages on which an account gets its password and its second factor, an authenticator or a passkey: /setup for the first
// administrator, /invitation for everybody else. One form, so that nothing half-made is left when somebody goes away.
import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { renderSVG } from 'uqr';
import { z } from 'zod';
import { Public } from '../../platform/auth/access.decorators.ts';
import { Clock } from '../../platform/clock/clock.ts';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { EnrolmentService, type Enrolment } from '../accounts/enrolment.service.ts';
import { describeSecret } from '../accounts/second-factor.ts';
import { withdrawSetup } from '../accounts/withdraw-setup.ts';
import { Sealer } from '../issuer/sealed.ts';
import { PasskeyCeremonies } from '../passkeys/passkey-ceremonies.ts';
import { type ChallengePlace } from '../passkeys/passkey-challenges.ts';
import { deviceCookie, devicesIn } from './device-cookie.rules.ts';
import { newPageSecrets, packPageSecrets, unpackPageSecrets, type PageSecrets } from './enrolment-secrets.ts';
import { readForm, typed } from './form.ts';
import { alert, Html, html, page, pageHeaders } from './html.ts';
import { makePasskey, passkeyField, passkeyScript } from './passkey-parts.ts';

const SEAL = 'enrolment';
/** How long somebody may look for the telephone. */
const SEAL_LIFE_MS = 30 * 60_000;

const query = z.strictObject({ secret: typed.optional() });
const formSchema = z.strictObject({
  secret: typed,
  sealed: typed,
  login: typed.default(''),
  password: typed,
  repeated: typed,
  code: typed,
  name: typed.default(''),
  passkey: passkeyField,
});

type Path = '/setup' | '/invitation';

@ApiExcludeController()
@Controller()
@Public('the one-time secret in the form is what lets somebody in')
export class EnrolmentController {
  readonly #enrolment: EnrolmentService;
  readonly #sealer: Sealer;
  readonly #clock: Clock;
  readonly #passkeys: PasskeyCeremonies;
  readonly #config: Config;
  readonly #origin: string;

  constructor(
    @Inject(EnrolmentService) enrolment: EnrolmentService,
    @Inject(Sealer) sealer: Sealer,
    @Inject(Clock) clock: Clock,
    @Inject(PasskeyCeremonies) passkeys: PasskeyCeremonies,
    @Inject(CONFIG) config: Config,
  ) {
    this.#enrolment = enrolment;
    this.#sealer = sealer;
    this.#clock = clock;
    this.#passkeys = passkeys;
    this.#config = config;
    this.#origin = new URL(config.PUBLIC_URL).origin;
  }

  @Get('setup')
  async setup(@Query({ schema: query }) { secret }: z.output<typeof query>, @Res() reply: FastifyReply): Promise<void> {
    await this.#show(reply, '/setup', secret ?? '');
  }

  @Get('invitation')
  async invitation(
    @Query({ schema: query }) { secret }: z.output<typeof query>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.#show(reply, '/invitation', secret ?? '');
  }

  @Post('setup')
  async submitSetup(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#submit(request, reply, '/setup');
  }

  @Post('invitation')
  async submitInvitation(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#submit(request, reply, '/invitation');
  }

  async #show(reply: FastifyReply, path: Path, secret: string): Promise<void> {
    const known = secret === '' ? null : await this.#enrolment.find(secret);
    if (path === '/invitation' && (known?.account ?? null) === null) {
      await send(
        reply,
        404,
        'This invitation is not valid',
        html`<p>It was taken up, it is over its time, or a newer one was made. Ask your administrator for another.</p>`,
      );
      return;
    }
    await this.#form(reply, path, {
      secret,
      login: known?.account?.login ?? '',
      known,
      secrets: newPageSecrets(known),
      faults: [],
    });
  }

  async #submit(request: FastifyRequest, reply: FastifyReply, path: Path): Promise<void> {
    const form = await readForm(request, this.#origin, formSchema);
    const opened = this.#sealer.open(SEAL, form.sealed, this.#clock.now());
    const known = await this.#enrolment.find(form.secret);
    const login = known?.account?.login ?? form.login;
    // The set-up secret opens the set-up page only, an invitation only the other: they must not be mixed up by a link.
    const belongs = known === null || (known.account === null) === (path === '/setup');
    const secrets = opened === null ? null : unpackPageSecrets(opened, known);
    if (secrets === null || !belongs) {
      const fault = 'This page was open for too long. The QR code below is a new one: scan it again.';
      await this.#form(reply, path, { ...form, login, known, secrets: newPageSecrets(known), faults: [fault] });
      return;
    }
    const passkey = form.passkey === '' ? undefined : { json: form.passkey, name: form.name, place: placeOf(secrets) };
    const result = await this.#enrolment.complete(
      { ...form, ...secrets, passkey, devices: devicesIn(request.headers.cookie, this.#origin) },
      { address: request.ip, requestId: request.id },
    );
    if (!result.done) {
      await this.#form(reply, path, { ...form, login, known, secrets, faults: result.faults });
      return;
    }
    if (path === '/setup') withdrawSetup(this.#config.SETUP_TOKEN_FILE);
    await send(
      reply.header('set-cookie', deviceCookie(result.devices, this.#origin)),
      200,
      'The account is ready',
      html`<p>You can sign in as <strong>${result.login}</strong> from now on.</p>
        <h2>Recovery codes</h2>
        <p>
          Each lets you in once in place of the second factor. They are shown only now: print them, or keep them where
          you keep passwords.
        </p>
        <ul>
          ${result.recoveryCodes.map((code) => html`<li><code>${code}</code></li>`)}
        </ul>`,
    );
  }

  async #form(
    reply: FastifyReply,
    path: Path,
    state: {
      readonly secret: string;
      readonly login: string;
      readonly known: Enrolment | null;
      readonly secrets: PageSecrets;
      readonly faults: readonly string[];
    },
  ): Promise<void> {
    const until = new Date(this.#clock.now().getTime() + SEAL_LIFE_MS);
    const sealed = this.#sealer.seal(SEAL, packPageSecrets(state.secrets), until);
    const login = state.login === '' ? 'administrator' : state.login;
    const { uri, text } = describeSecret(state.secrets.totpSecret, login);
    const options = await this.#passkeys.creationOptions(placeOf(state.secrets), {
      id: state.secrets.accountId,
      login,
    });
    const first = path === '/setup';
    const submit = first ? 'Make the account' : 'Take up the account';
    const body = html`${alert(state.faults)}
      <form method="post" action="${path}" autocomplete="off">
        <input type="hidden" name="sealed" value="${sealed}" />
        ${
          first
            ? html`<label for="secret">Set-up secret (from the file that the start named)</label>
                <input id="secret" name="secret" value="${state.secret}" spellcheck="false" required />
                <label for="login">Login of the first administrator</label>
                <input id="login" name="login" value="${state.login}" autocomplete="username" required />`
            : html`<input type="hidden" name="secret" value="${state.secret}" />
                <p>For the login <strong>${state.login}</strong>.</p>`
        }
        <label for="password">Password: at least 12 characters, such as four words that do not belong together</label>
        <input id="password" name="password" type="password" autocomplete="new-password" minlength="12" required />
        <label for="repeated">The same password again</label>
        <input id="repeated" name="repeated" type="password" autocomplete="new-password" required />
        <h2>Second factor</h2>
        <p>Scan this with an authenticator on your telephone, or type the key into it.</p>
        ${new Html(renderSVG(uri, { border: 2 }))}
        <p>Key: <code>${text}</code></p>
        <label for="code">The six digits that it shows now</label>
        <input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required />
        <button type="submit">${submit}</button>
        ${makePasskey(options, {
          title: 'Or a passkey',
          text: 'With a passkey you sign in by fingerprint, face or PIN of a device, or with a security key. It works at this address only, so that no false page can ask for it. The six digits are not needed then; type them too to have both.',
          button: `${submit} with a passkey`,
        })}
      </form>`;
    const script = options === null ? null : passkeyScript(this.#origin);
    const title = first ? 'First administrator' : 'Your account';
    await send(reply, state.faults.length === 0 ? 200 : 400, title, body, script);
  }
}

/** This very page: its seal has come back with the answer. */
function placeOf({ totpSecret }: PageSecrets): ChallengePlace {
  return { purpose: 'enrolment', bound: Buffer.from(totpSecret).toString('base64url') };
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
