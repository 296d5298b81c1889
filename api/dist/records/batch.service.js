import { setTimeout as delay } from 'node:timers/promises';
import { stateOf } from '../ledger/index.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { toProblem } from '../platform/http/problem.filter.js';
import { internalProblem } from '../platform/http/problem.js';
import { readLines } from './lines.js';
import { receiptView, verdictView } from './views.js';
export class BatchService {
    #records;
    #ledger;
    #origin;
    #limits;
    #logger;
    constructor(records, ledger, origin, limits, logger) {
        this.#records = records;
        this.#ledger = ledger;
        this.#origin = origin;
        this.#limits = limits;
        this.#logger = logger;
    }
    submit(request) {
        return this.#run(request, async (line) => {
            if (line.versionId === null)
                throw new DomainError('line-malformed', 'versionId is missing (for FHIR: meta.versionId, or the query parameter versionId)');
            await this.#room();
            const receipt = await this.#records.submit({ ...line, versionId: line.versionId });
            return {
                status: receipt.created ? 201 : 200,
                receipt: receiptView(line, receipt.version, receipt.state, this.#origin),
            };
        });
    }
    verify(request) {
        return this.#run(request, async (line) => {
            if (line.content === null)
                throw new DomainError('content-missing', 'content or contentBase64 is needed to verify');
            const result = await this.#records.verify({ ...line, content: line.content });
            const sizes = await this.#ledger.sizes();
            const { status: state, ...verdict } = verdictView(line, result, (version) => stateOf(version.index, sizes));
            return { status: 200, state, ...verdict };
        });
    }
    /** A stream waits where a single request is refused: its sender is already slowed down by not being read. */
    async #room() {
        while (this.#ledger.capacity <= 0)
            await delay(2);
    }
    /**
     * A sliding window: up to `window` lines are in work, results leave in the order of the lines. When the reader of the
     * results is slow, nothing more is read.
     */
    async *#run({ stream, read, requestId }, work) {
        const window = [];
        try {
            for await (const line of readLines(stream, this.#limits.lineBytes, this.#limits.lines)) {
                window.push(this.#one(line, read, work, requestId));
                if (window.length >= this.#limits.window)
                    yield (await window.shift());
            }
        }
        catch (error) {
            // Too many lines, or the connection broke: what was read before is finished and answered.
            const problem = toProblem(error);
            if (problem === null)
                this.#logger.warn({ err: error, requestId }, 'a stream of lines ended early');
            window.push(Promise.resolve(`${JSON.stringify({ line: null, status: problem?.status ?? 400, problem: problem ?? internalProblem(requestId) })}\n`));
        }
        for (const result of window)
            yield await result;
    }
    async #one(line, read, work, requestId) {
        try {
            if (line.bytes === null)
                throw line.error;
            const result = await work(read(line.bytes));
            return `${JSON.stringify({ line: line.number, ...result })}\n`;
        }
        catch (error) {
            const problem = toProblem(error);
            if (problem === null)
                this.#logger.error({ err: error, requestId, line: line.number }, 'a line failed');
            const shown = problem ?? internalProblem(requestId);
            return `${JSON.stringify({ line: line.number, status: shown.status, problem: shown })}\n`;
        }
    }
}
//# sourceMappingURL=batch.service.js.map