var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Health } from '../health/health.js';
import { Metrics } from '../metrics/metrics.js';
const partSchema = z.looseObject({
    status: z.enum(['up', 'degraded', 'down']),
    code: z.string().optional(),
    detail: z.string().optional(),
});
const healthSchema = z
    .strictObject({ status: z.enum(['up', 'degraded', 'down']), parts: z.record(z.string(), partSchema) })
    .meta({ id: 'Health' });
let HealthController = class HealthController {
    #health;
    #metrics;
    constructor(health, metrics) {
        this.#health = health;
        this.#metrics = metrics;
    }
    live() {
        return { status: 'up' };
    }
    async ready(reply) {
        const report = await this.#health.report();
        if (report.status === 'down')
            void reply.status(503);
        return report;
    }
    async metrics(reply) {
        void reply.header('content-type', this.#metrics.registry.contentType);
        // Gauges of the stages are as fresh as the last look at health.
        await this.#health.report();
        return this.#metrics.registry.metrics();
    }
};
__decorate([
    Get('health/live'),
    Header('cache-control', 'no-store'),
    ApiOperation({ summary: 'The process answers' }),
    ApiResponse({ status: 200, standardSchema: z.strictObject({ status: z.literal('up') }) }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Object)
], HealthController.prototype, "live", null);
__decorate([
    Get('health/ready'),
    Header('cache-control', 'no-store'),
    ApiOperation({
        summary: 'Each part of the service',
        description: '503 when a part is down. `degraded` parts (the chain, say) do not stop intake.',
    }),
    ApiResponse({ status: 200, standardSchema: healthSchema }),
    ApiResponse({ status: 503, standardSchema: healthSchema }),
    __param(0, Res({ passthrough: true })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object]),
    __metadata("design:returntype", Promise)
], HealthController.prototype, "ready", null);
__decorate([
    Get('metrics'),
    Header('cache-control', 'no-store'),
    ApiOperation({ summary: 'Prometheus metrics' }),
    ApiProduces('text/plain'),
    ApiResponse({ status: 200, description: 'Text exposition format', schema: { type: 'string' } }),
    __param(0, Res({ passthrough: true })),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Object]),
    __metadata("design:returntype", Promise)
], HealthController.prototype, "metrics", null);
HealthController = __decorate([
    ApiTags('operations'),
    Controller(),
    __param(0, Inject(Health)),
    __param(1, Inject(Metrics)),
    __metadata("design:paramtypes", [Health, Metrics])
], HealthController);
export { HealthController };
//# sourceMappingURL=health.controller.js.map