// A route that does not say who may call it keeps the service from starting; one that slips in later lets nobody in.

import { Controller, Get, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { describe, expect, test } from '@jest/globals';
import { AppModule } from '../../api/src/app.module.ts';
import { assertDeclared } from '../../api/src/identity/access/declarations.ts';
import { Public, Requires } from '../../api/src/platform/auth/access.decorators.ts';
import { loadConfig } from '../../api/src/platform/config/config.schema.ts';
import { migrateFor } from '../../api/src/platform/database/migrate.ts';
import { createLogger } from '../../api/src/platform/logger/logger.ts';
import { Metrics } from '../../api/src/platform/metrics/metrics.ts';
import { Site } from '../flow/support/site.ts';

@Controller('declared')
class Declared {
  @Get()
  @Public('for the test')
  open(): string {
    return this.helper();
  }

  @Post()
  @Requires('version.submit')
  closed(): string {
    return this.helper();
  }

  helper(): string {
    return 'no route';
  }
}

@Controller('forgotten')
class Forgotten {
  @Get()
  @Public('for the test')
  open(): string {
    return 'open';
  }

  @Get('records')
  records(): string {
    return 'everything';
  }
}

@Controller('heir')
class Heir extends Forgotten {}

@Public('the whole of it')
@Controller('whole')
class Whole {
  @Get()
  one(): string {
    return 'one';
  }
}

describe('every route of every controller is looked at', () => {
  test('declared ones pass, by method or by class', () => {
    expect(() => assertDeclared([Declared, Whole])).not.toThrow();
  });

  test('one without a word is named', () => {
    expect(() => assertDeclared([Declared, Forgotten])).toThrow(
      'routes without @Requires or @Public: Forgotten.records. Every route says who may call it',
    );
  });

  test('inherited ones, too', () => {
    expect(() => assertDeclared([Heir])).toThrow('Heir.records');
  });
});

test('the start is refused, before anything runs', async () => {
  const site = await Site.open();
  try {
    const config = loadConfig(site.environment());
    await migrateFor(config);
    const service = AppModule.with(config, createLogger('silent'), new Metrics());
    const careless = { module: Careless, imports: [service], controllers: [Declared, Forgotten] };
    const app = await NestFactory.create(careless, new FastifyAdapter(), { logger: false, abortOnError: false });
    await expect(app.init()).rejects.toThrow('routes without @Requires or @Public: Forgotten.records');
    await app.close();
  } finally {
    await site.close();
  }
}, 60_000);

class Careless {}
