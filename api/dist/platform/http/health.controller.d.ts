import { type FastifyReply } from 'fastify';
import { Health, type HealthReport } from '../health/health.ts';
import { Metrics } from '../metrics/metrics.ts';
export declare class HealthController {
    #private;
    constructor(health: Health, metrics: Metrics);
    live(): {
        status: 'up';
    };
    ready(reply: FastifyReply): Promise<HealthReport>;
    metrics(reply: FastifyReply): Promise<string>;
}
