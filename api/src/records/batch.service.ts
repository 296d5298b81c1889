// Many versions in one request: lines in, one line of result for each, in order, in bounded memory.
import { type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { stateOf, type LedgerService } from '../ledger/index.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { toProblem } from '../platform/http/problem.filter.ts';
import { internalProblem } from '../platform/http/problem.ts';
import { type Logger } from '../platform/logger/logger.ts';
import { type BatchLine } from './batch-line.rules.ts';
import { readLines, type Line } from './lines.ts';
import { RecordTurns } from './record-turns.ts';
import { type RecordsService } from './records.service.ts';
import { receiptView, verdictView } from './views.ts';

export interface BatchLimits {
  readonly lineBytes: number;
  readonly lines: number;
  /** Lines in work at a time: bounds memory, and fills the sequencer's batches. */
  readonly window: number;
}

export interface BatchRequest {
  readonly stream: Readable;
  readonly read: (line: Uint8Array) => BatchLine;
  readonly requestId: string;
}

type Work = (line: BatchLine) => Promise<object>;

export class BatchService {
  readonly #records: RecordsService;
  readonly #ledger: LedgerService;
  readonly #origin: string;
  readonly #limits: BatchLimits;
  readonly #logger: Logger;

  constructor(records: RecordsService, ledger: LedgerService, origin: string, limits: BatchLimits, logger: Logger) {
    this.#records = records;
    this.#ledger = ledger;
    this.#origin = origin;
    this.#limits = limits;
    this.#logger = logger;
  }

  submit(request: BatchRequest): AsyncGenerator<string> {
    const turns = new RecordTurns();
    return this.#run(request, async (line) => {
      const { source, recordId, versionId } = line;
      if (versionId === null)
        throw new DomainError(
          'line-malformed',
          'versionId is missing (for FHIR: meta.versionId, or the query parameter versionId)',
        );
      const receipt = await turns.take(source, recordId, () =>
        this.#whenThereIsRoom(() => this.#records.submit({ ...line, versionId })),
      );
      return {
        status: receipt.created ? 201 : 200,
        receipt: receiptView(line, receipt.version, receipt.state, this.#origin),
      };
    });
  }

  verify(request: BatchRequest): AsyncGenerator<string> {
    return this.#run(request, async (line) => {
      if (line.content === null)
        throw new DomainError('content-missing', 'content or contentBase64 is needed to verify');
      const result = await this.#records.verify({ ...line, content: line.content });
      const sizes = await this.#ledger.sizes();
      const { status: state, ...verdict } = verdictView(line, result, (version) => stateOf(version.index, sizes));
      return { status: 200, state, ...verdict };
    });
  }

  /**
   * A stream waits where a single request is refused: its sender is already slowed down by not being read. The room that
   * was seen can be gone when the submission arrives, since its source is looked up in between; then it waits again.
   */
  async #whenThereIsRoom<T>(submit: () => Promise<T>): Promise<T> {
    for (;;) {
      while (this.#ledger.capacity <= 0) await delay(2);
      try {
        return await submit();
      } catch (error) {
        if (!(error instanceof DomainError && error.code === 'overloaded')) throw error;
      }
    }
  }

  /**
   * A sliding window: up to `window` lines are in work, results leave in the order of the lines. When the reader of the
   * results is slow, nothing more is read.
   */
  async *#run({ stream, read, requestId }: BatchRequest, work: Work): AsyncGenerator<string> {
    const window: Promise<string>[] = [];
    try {
      for await (const line of readLines(stream, this.#limits.lineBytes, this.#limits.lines)) {
        window.push(this.#one(line, read, work, requestId));
        if (window.length >= this.#limits.window) yield (await window.shift()) as string;
      }
    } catch (error) {
      // Too many lines, or the connection broke: what was read before is finished and answered.
      const problem = toProblem(error);
      if (problem === null) this.#logger.warn({ err: error, requestId }, 'a stream of lines ended early');
      window.push(
        Promise.resolve(
          `${JSON.stringify({ line: null, status: problem?.status ?? 400, problem: problem ?? internalProblem(requestId) })}\n`,
        ),
      );
    }
    for (const result of window) yield await result;
  }

  async #one(line: Line, read: (bytes: Uint8Array) => BatchLine, work: Work, requestId: string): Promise<string> {
    try {
      if (line.bytes === null) throw line.error;
      const result = await work(read(line.bytes));
      return `${JSON.stringify({ line: line.number, ...result })}\n`;
    } catch (error) {
      const problem = toProblem(error);
      if (problem === null) this.#logger.error({ err: error, requestId, line: line.number }, 'a line failed');
      const shown = problem ?? internalProblem(requestId);
      return `${JSON.stringify({ line: line.number, status: shown.status, problem: shown })}\n`;
    }
  }
}
