import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ProofCheckService } from '../ledger/index.ts';
import { type Config } from '../platform/config/config.schema.ts';
import { proofReportSchema } from './records.schema.ts';
export declare class ProofsController {
    #private;
    constructor(proofs: ProofCheckService, config: Config);
    verify(contentType: string | undefined, request: FastifyRequest, reply: FastifyReply): Promise<z.output<typeof proofReportSchema>>;
}
