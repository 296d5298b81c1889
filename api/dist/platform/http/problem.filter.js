var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
// The one filter: every error becomes application/problem+json with a stable code.
import { Catch, HttpException } from '@nestjs/common';
import { VerifyError } from '@medanchor/verifier';
import { DomainError } from '../errors/domain-error.js';
import { httpProblem, internalProblem, problemOf } from './problem.js';
let ProblemFilter = class ProblemFilter {
    #logger;
    constructor(logger) {
        this.#logger = logger;
    }
    catch(error, host) {
        const http = host.switchToHttp();
        sendProblem(http.getResponse(), this.problem(error, http.getRequest()));
    }
    problem(error, request) {
        const problem = toProblem(error);
        if (problem !== null)
            return problem;
        this.#logger.error({ err: error, requestId: request.id, route: request.routeOptions.url }, 'request failed');
        return internalProblem(request.id);
    }
};
ProblemFilter = __decorate([
    Catch(),
    __metadata("design:paramtypes", [Object])
], ProblemFilter);
export { ProblemFilter };
/** The problem document of an error that its sender may see; null for our own faults. */
export function toProblem(error) {
    if (error instanceof DomainError)
        return problemOf(error.code, error.message, error.extensions);
    // Untrusted bytes that the verifier refused: its message says got and wanted, with a position.
    if (error instanceof VerifyError)
        return problemOf('content-malformed', error.message, { reason: error.code });
    if (error instanceof HttpException && error.getStatus() < 500)
        return httpProblem(error.getStatus(), error.message);
    // Fastify's own refusals (body too large, bad content length, …) carry a status code below 500.
    const status = error?.statusCode;
    if (typeof status === 'number' && status >= 400 && status < 500)
        return httpProblem(status, error.message);
    return null;
}
export function sendProblem(reply, problem) {
    if (reply.sent)
        return;
    void reply.status(problem.status).header('content-type', 'application/problem+json; charset=utf-8');
    if (typeof problem['retryAfterSeconds'] === 'number')
        void reply.header('retry-after', String(problem['retryAfterSeconds']));
    void reply.send(JSON.stringify(problem));
}
//# sourceMappingURL=problem.filter.js.map