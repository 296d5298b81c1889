import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type z } from 'zod';
import { BatchService } from './batch.service.ts';
import { batchQuery, verifyBatchQuery } from './records.schema.ts';
export declare class BatchController {
    #private;
    constructor(batches: BatchService);
    submit(query: z.output<typeof batchQuery>, contentType: string | undefined, request: FastifyRequest, reply: FastifyReply): void;
    verify(query: z.output<typeof verifyBatchQuery>, contentType: string | undefined, request: FastifyRequest, reply: FastifyReply): void;
}
