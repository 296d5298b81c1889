import { type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Logger } from '../logger/logger.ts';
import { type Problem } from './problem.ts';
export declare class ProblemFilter implements ExceptionFilter {
    #private;
    constructor(logger: Logger);
    catch(error: unknown, host: ArgumentsHost): void;
    problem(error: unknown, request: FastifyRequest): Problem;
}
/** The problem document of an error that its sender may see; null for our own faults. */
export declare function toProblem(error: unknown): Problem | null;
export declare function sendProblem(reply: FastifyReply, problem: Problem): void;
