import { Controller, Get, Header, Inject, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { z } from 'zod';
import { Health, type HealthReport } from '../health/health.ts';
import { noQuery } from './schemas.ts';
import { Public } from '../auth/access.decorators.ts';
import { Metrics } from '../metrics/metrics.ts';

const partSchema = z.looseObject({
  status: z.enum(['up', 'degraded', 'down']),
  code: z.string().optional(),
  detail: z.string().optional(),
});
const healthSchema = z
  .strictObject({ status: z.enum(['up', 'degraded', 'down']), parts: z.record(z.string(), partSchema) })
  .meta({ id: 'Health' });

@ApiTags('operations')
@Controller()
export class HealthController {
  readonly #health: Health;
  readonly #metrics: Metrics;

  constructor(@Inject(Health) health: Health, @Inject(Metrics) metrics: Metrics) {
    this.#health = health;
    this.#metrics = metrics;
  }

  @Get('health/live')
  @Public('whoever restarts a dead process has no token')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The process answers' })
  @ApiResponse({ status: 200, standardSchema: z.strictObject({ status: z.literal('up') }) })
  live(@Query({ schema: noQuery }) _query: unknown): { status: 'up' } {
    return { status: 'up' };
  }

  @Get('health/ready')
  @Public('load balancers ask it; it names parts, and nothing that is stored')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Each part of the service',
    description: '503 when a part is down. `degraded` parts (the chain, say) do not stop intake.',
  })
  @ApiResponse({ status: 200, standardSchema: healthSchema })
  @ApiResponse({ status: 503, standardSchema: healthSchema })
  async ready(
    @Query({ schema: noQuery }) _query: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HealthReport> {
    const report = await this.#health.report();
    if (report.status === 'down') void reply.status(503);
    return report;
  }

  @Get('metrics')
  @Public('counts without labels that name anybody; keep it within your network')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Prometheus metrics' })
  @ApiProduces('text/plain')
  @ApiResponse({ status: 200, description: 'Text exposition format', schema: { type: 'string' } })
  async metrics(
    @Query({ schema: noQuery }) _query: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    void reply.header('content-type', this.#metrics.registry.contentType);
    // Gauges of the stages are as fresh as the last look at health.
    await this.#health.report();
    return this.#metrics.registry.metrics();
  }
}
