// The script of the pages, as it lies beside this file.
import { readFileSync } from 'node:fs';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { Public } from '../../platform/auth/access.decorators.ts';
import { noQuery } from '../../platform/http/schemas.ts';
import { SCRIPT_PATH } from './passkey-parts.ts';

@ApiExcludeController()
@Controller()
@Public('the same script for everybody, with nothing in it')
export class PasskeyScriptController {
  readonly #script = readFileSync(new URL('passkeys.browser.js', import.meta.url), 'utf8');

  @Get(SCRIPT_PATH)
  async script(@Query({ schema: noQuery }) _query: unknown, @Res() reply: FastifyReply): Promise<void> {
    await reply.header('content-type', 'text/javascript; charset=utf-8').send(this.#script);
  }
}
