// The page on which somebody who forgot a password chooses another one, with the second factor that they still have.
import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Public } from '../../platform/auth/access.decorators.ts';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { PasswordResetService, RESET_SPENT } from '../accounts/password-reset.service.ts';
import { PasskeyCeremonies } from '../passkeys/passkey-ceremonies.ts';
import { type ChallengePlace } from '../passkeys/passkey-challenges.ts';
import { deviceCookie, devicesIn } from './device-cookie.rules.ts';
import { readForm, typed } from './form.ts';
import { alert, html, type Html, page, pageHeaders } from './html.ts';
import { passkeyField, passkeyScript, usePasskey } from './passkey-parts.ts';

const query = z.strictObject({ secret: typed.optional() });
const formSchema = z.strictObject({
  secret: typed,
  password: typed,
  repeated: typed,
  code: typed,
  passkey: passkeyField,
});

@ApiExcludeController()
@Controller('password-reset')
@Public('the one-time secret of the link and the second factor are what let somebody in')
export class PasswordResetController {
  readonly #resets: PasswordResetService;
  readonly #passkeys: PasskeyCeremonies;
  readonly #origin: string;

  constructor(
    @Inject(PasswordResetService) resets: PasswordResetService,
    @Inject(PasskeyCeremonies) passkeys: PasskeyCeremonies,
    @Inject(CONFIG) config: Config,
  ) {
    this.#resets = resets;
    this.#passkeys = passkeys;
    this.#origin = new URL(config.PUBLIC_URL).origin;
  }

  @Get()
  async show(
    @Query({ schema: query }) { secret = '' }: z.output<typeof query>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.#form(reply, secret, []);
  }

  @Post()
  async submit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = await readForm(request, this.#origin, formSchema);
    const passkey = form.passkey === '' ? undefined : { json: form.passkey, place: placeOf(form.secret) };
    const devices = devicesIn(request.headers.cookie, this.#origin);
    const origin = { address: request.ip, requestId: request.id };
    const result = await this.#resets.complete({ ...form, passkey, devices, ...origin });
    if (!result.done) await this.#form(reply, form.secret, result.faults);
    else
      await send(
        reply.header('set-cookie', deviceCookie(result.devices, this.#origin)),
        200,
        'The password is changed',
        html`<p>You can sign in with it and your second factor. You are signed out everywhere.</p>`,
      );
  }

  async #form(reply: FastifyReply, secret: string, faults: readonly string[]): Promise<void> {
    const owner = secret === '' ? null : await this.#resets.find(secret);
    if (owner === null) {
      await send(reply, 404, 'This link is not valid', html`<p>${RESET_SPENT} Ask your administrator for another.</p>`);
      return;
    }
    const options = await this.#passkeys.requestOptions(placeOf(secret));
    const body = html`${alert(faults)}
      <form method="post" action="/password-reset" autocomplete="off">
        <input type="hidden" name="secret" value="${secret}" />
        <p>For the login <strong>${owner.login}</strong>. Your second factor stays as it is.</p>
        <label for="password"
          >New password: at least 12 characters, such as four words that do not belong together</label
        >
        <input id="password" name="password" type="password" autocomplete="new-password" minlength="12" required />
        <label for="repeated">The same password again</label>
        <input id="repeated" name="repeated" type="password" autocomplete="new-password" required />
        <label for="code">Code of your authenticator, or a recovery code</label>
        <input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required />
        <button type="submit">Change the password</button>
        ${usePasskey(options, 'Change the password, with a passkey')}
      </form>`;
    const script = options === null ? null : passkeyScript(this.#origin);
    await send(reply, faults.length === 0 ? 200 : 400, 'Another password', body, script);
  }
}

/** A challenge for this link counts for no other. */
function placeOf(secret: string): ChallengePlace {
  return { purpose: 'password-reset', bound: secret };
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
