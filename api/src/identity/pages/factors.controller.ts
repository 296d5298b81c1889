// The page on which people look after their second factors. First they prove anew who they are; the proof, sealed for this session and
// five minutes, lies in every form that the page then shows.
import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Public } from '../../platform/auth/access.decorators.ts';
import { Clock } from '../../platform/clock/clock.ts';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { AccountsService } from '../accounts/accounts.service.ts';
import { newSecret } from '../accounts/second-factor.ts';
import { SignInService } from '../accounts/sign-in.service.ts';
import { OIDC_PROVIDER } from '../issuer/issuer.tokens.ts';
import { type Provider } from '../issuer/provider.ts';
import { Sealer } from '../issuer/sealed.ts';
import { FactorsService, type Fault, type FactorOwner } from '../passkeys/factors.service.ts';
import { PasskeyCeremonies } from '../passkeys/passkey-ceremonies.ts';
import { type ChallengePlace } from '../passkeys/passkey-challenges.ts';
import { devicesIn } from './device-cookie.rules.ts';
import { describeFactors, proofForm } from './factors-page.ts';
import { readForm, typed } from './form.ts';
import { type Html, page, pageHeaders } from './html.ts';
import { passkeyField, passkeyScript } from './passkey-parts.ts';
import { notSignedIn, ownerOf, type Owner } from './session-owner.ts';

/** As long as a step-up counts. */
const PROOF_LIFE_MS = 5 * 60_000;
const AUTHENTICATOR_LIFE_MS = 30 * 60_000;

const proofSchema = z.strictObject({ password: typed, code: typed, passkey: passkeyField });
const proved = { proof: typed };
const chosen = { ...proved, id: z.uuid() };
const addSchema = z.strictObject({ ...proved, name: typed, passkey: passkeyField });
const renameSchema = z.strictObject({ ...chosen, name: typed });
const removeSchema = z.strictObject(chosen);
const authenticatorSchema = z.strictObject({ ...proved, sealed: typed, code: typed });
const withdrawSchema = z.strictObject(proved);

type Act<S extends z.ZodObject> = (owner: FactorOwner, form: z.output<S>, session: Owner) => Promise<Fault>;

@ApiExcludeController()
@Controller('account/factors')
@Public('shows and changes what belongs to the owner of the session cookie, and to nobody else')
export class FactorsController {
  readonly #provider: Provider;
  readonly #accounts: AccountsService;
  readonly #signIn: SignInService;
  readonly #factors: FactorsService;
  readonly #passkeys: PasskeyCeremonies;
  readonly #sealer: Sealer;
  readonly #clock: Clock;
  readonly #origin: string;

  constructor(
    @Inject(OIDC_PROVIDER) provider: Provider,
    @Inject(AccountsService) accounts: AccountsService,
    @Inject(SignInService) signIn: SignInService,
    @Inject(FactorsService) factors: FactorsService,
    @Inject(PasskeyCeremonies) passkeys: PasskeyCeremonies,
    @Inject(Sealer) sealer: Sealer,
    @Inject(Clock) clock: Clock,
    @Inject(CONFIG) config: Config,
  ) {
    this.#provider = provider;
    this.#accounts = accounts;
    this.#signIn = signIn;
    this.#factors = factors;
    this.#passkeys = passkeys;
    this.#sealer = sealer;
    this.#clock = clock;
    this.#origin = new URL(config.PUBLIC_URL).origin;
  }

  @Get()
  async show(
    @Query({ schema: noQuery }) _query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const session = await this.#session(request, reply);
    if (session === null) await notSignedIn(reply);
    else await this.#askForProof(reply, 200, session, []);
  }

  /** Whoever is at the keyboard must prove once more to be the owner: a session alone changes no factor. */
  @Post()
  async prove(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = await readForm(request, this.#origin, proofSchema);
    const session = await this.#session(request, reply);
    if (session === null) {
      await notSignedIn(reply);
      return;
    }
    const { login, accountId } = session;
    const passkey = form.passkey === '' ? undefined : { json: form.passkey, place: placeOf('proof', session) };
    const devices = devicesIn(request.headers.cookie, this.#origin);
    const origin = { address: request.ip, requestId: request.id };
    const proved = await this.#signIn.attempt({ ...form, passkey, login, devices, remember: false, ...origin });
    if (proved === null || 'outside' in proved || proved.accountId !== accountId)
      await this.#askForProof(reply, 400, session, ['That was not right, or the account is closed for a while.']);
    else await this.#manage(reply, session, this.#proofOf(session), null);
  }

  @Post('passkeys')
  async addPasskey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#act(request, reply, addSchema, (owner, { name, passkey }, session) =>
      this.#factors.addPasskey(owner, { json: passkey, place: placeOf('addition', session) }, name),
    );
  }

  @Post('passkeys/rename')
  async renamePasskey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#act(request, reply, renameSchema, (owner, { id, name }) =>
      this.#factors.renamePasskey(owner, id, name),
    );
  }

  @Post('passkeys/remove')
  async removePasskey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#act(request, reply, removeSchema, (owner, { id }) => this.#factors.removePasskey(owner, id));
  }

  @Post('authenticator')
  async setAuthenticator(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#act(request, reply, authenticatorSchema, async (owner, { sealed, code }, session) => {
      const secret = this.#sealer.open(`authenticator of ${session.accountId}`, sealed, this.#clock.now());
      if (secret === null) return 'This page was open for too long. The QR code below is a new one: scan it again.';
      return this.#factors.setAuthenticator(owner, secret, code);
    });
  }

  @Post('authenticator/remove')
  async removeAuthenticator(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#act(request, reply, withdrawSchema, (owner) => this.#factors.removeAuthenticator(owner));
  }

  async #act<S extends z.ZodObject>(
    request: FastifyRequest,
    reply: FastifyReply,
    schema: S,
    act: Act<S>,
  ): Promise<void> {
    const form = await readForm(request, this.#origin, schema);
    const session = await this.#session(request, reply);
    if (session === null) {
      await notSignedIn(reply);
      return;
    }
    const proof = String((form as { readonly proof?: unknown }).proof);
    if (this.#sealer.open(sealOf(session), proof, this.#clock.now()) === null) {
      await this.#askForProof(reply, 400, session, ['That was more than five minutes ago. Prove it once more.']);
      return;
    }
    const { accountId, tenantId } = session;
    const owner = { accountId, tenantId, address: request.ip, requestId: request.id };
    await this.#manage(reply, session, proof, await act(owner, form, session));
  }

  async #askForProof(reply: FastifyReply, status: number, session: Owner, faults: readonly string[]): Promise<void> {
    const options = await this.#passkeys.requestOptions(placeOf('proof', session));
    await this.#send(reply, status, proofForm(options, faults));
  }

  async #manage(reply: FastifyReply, session: Owner, proof: string, fault: Fault): Promise<void> {
    const { accountId: id, login } = session;
    const factors = await this.#factors.list(id);
    const credentials = factors.passkeys.map(({ credentialId }) => credentialId);
    const options = await this.#passkeys.creationOptions(placeOf('addition', session), { id, login }, credentials);
    const totpSecret = newSecret();
    const until = new Date(this.#clock.now().getTime() + AUTHENTICATOR_LIFE_MS);
    const sealed = this.#sealer.seal(`authenticator of ${id}`, totpSecret, until);
    const body = describeFactors({ factors, proof, options, login, totpSecret, sealed, fault });
    await this.#send(reply, fault === null ? 200 : 400, body);
  }

  async #send(reply: FastifyReply, status: number, body: Html): Promise<void> {
    const script = this.#passkeys.offered ? passkeyScript(this.#origin) : null;
    await reply
      .status(status)
      .headers(pageHeaders([], script))
      .send(page('Second factors', body, script));
  }

  #proofOf(session: Owner): string {
    return this.#sealer.seal(
      sealOf(session),
      Buffer.from(session.accountId),
      new Date(this.#clock.now().getTime() + PROOF_LIFE_MS),
    );
  }

  #session(request: FastifyRequest, reply: FastifyReply): Promise<Owner | null> {
    return ownerOf(this.#provider, this.#accounts, request, reply);
  }
}

/** So that the proof of one session opens in no other. */
function sealOf({ accountId, sessionId }: Owner): string {
  return `factors ${accountId} ${sessionId}`;
}

function placeOf(purpose: 'proof' | 'addition', { sessionId }: Owner): ChallengePlace {
  return { purpose, bound: sessionId };
}
