// Hands everything below /oidc to oidc-provider, which reads the request and writes the answer itself.
import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Public } from '../../platform/auth/access.decorators.ts';
import { CONFIG } from '../../platform/config/config.module.ts';
import { type Config } from '../../platform/config/config.schema.ts';
import { OIDC_PROVIDER } from './issuer.tokens.ts';
import { type Provider } from './provider.ts';
import { rememberOrigin } from './request-origin.ts';

const MOUNT = '/oidc';

@ApiExcludeController()
@Controller()
export class IssuerController {
  readonly #handle: ReturnType<Provider['callback']>;
  readonly #protocol: string;
  readonly #host: string;

  constructor(@Inject(OIDC_PROVIDER) provider: Provider, @Inject(CONFIG) config: Config) {
    const { protocol, host } = new URL(config.PUBLIC_URL);
    this.#handle = provider.callback();
    this.#protocol = protocol.slice(0, -1);
    this.#host = host;
  }

  @All('oidc/*')
  @Public('OAuth 2.0 and OpenID Connect endpoints: they recognise their callers themselves (docs/adr/0019)')
  async handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { raw } = request;
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    reply.hijack();
    // Its addresses follow from PUBLIC_URL, whatever the request or a proxy says of itself.
    raw.headers['x-forwarded-proto'] = this.#protocol;
    raw.headers['x-forwarded-host'] = this.#host;
    rememberOrigin(raw, { address: request.ip, requestId: request.id });
    const url = raw.url ?? '/';
    Object.assign(raw, { originalUrl: url, url: url.slice(MOUNT.length) });
    await this.#handle(raw, reply.raw);
  }
}
