import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LedgerService } from '../ledger/index.ts';
import { type Config } from '../platform/config/config.schema.ts';
import { discloseQuery, historyQuery, proofQuery, receiptSchema, recordParams, submitQuery, verdictSchema, verifyQuery, versionParams } from './records.schema.ts';
import { RecordsService } from './records.service.ts';
export declare class RecordsController {
    #private;
    constructor(records: RecordsService, ledger: LedgerService, config: Config, origin: string);
    submit(name: z.output<typeof recordParams>, query: z.output<typeof submitQuery>, contentType: string | undefined, request: FastifyRequest, reply: FastifyReply): Promise<z.output<typeof receiptSchema>>;
    history(name: z.output<typeof recordParams>, query: z.output<typeof historyQuery>): Promise<unknown>;
    version(params: z.output<typeof versionParams>): Promise<z.output<typeof receiptSchema>>;
    proof(params: z.output<typeof versionParams>, query: z.output<typeof proofQuery>, reply: FastifyReply): Promise<string>;
    disclose(params: z.output<typeof versionParams>, query: z.output<typeof discloseQuery>, request: FastifyRequest, reply: FastifyReply): Promise<string>;
    verify(name: z.output<typeof recordParams>, query: z.output<typeof verifyQuery>, contentType: string | undefined, request: FastifyRequest, reply: FastifyReply): Promise<z.output<typeof verdictSchema>>;
}
