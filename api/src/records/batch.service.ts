// Many versions in one request: lines in, one line of result for each, in order, in bounded memory.
import { type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type LedgerService } from '../ledger/index.ts';
import { type LineGate } from '../identity/index.ts';
import { type TenantRef } from '../platform/auth/principal.ts';
import { DomainError } from '../platform/errors/domain-error.ts';
import { onlyGood, settle } from '../platform/errors/settled.ts';
import { toProblem } from '../platform/http/problem.filter.ts';
import { internalProblem } from '../platform/http/problem.ts';
import { type Logger } from '../platform/logger/logger.ts';
import { type BatchLine } from './batch-line.rules.ts';
import { readLines, type Line } from './lines.ts';
import { RecordTurns } from './record-turns.ts';
import { type RecordsService, type VersionToSubmit } from './records.service.ts';
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
  /** Whose sources the lines may name. */
  readonly gate: LineGate;
  readonly requestId: string;
  /** The client that sends the lines; null when nobody was signed in. */
  readonly submittedBy?: string | null;
}

/** What becomes of a group of lines: for each, in order, the members of its result, or why there is none. */
type Work = (lines: readonly BatchLine[]) => Promise<readonly (object | Error)[]>;

type Arrival =
  | { readonly kind: 'lines'; readonly lines: readonly Line[] }
  | { readonly kind: 'end'; readonly error: Error | null }
  | { readonly kind: 'results'; readonly text: string };

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

  submit(tenant: TenantRef, request: BatchRequest): AsyncGenerator<string> {
    const turns = new RecordTurns();
    // The turn first, then the gate: a group that is let in sooner must not overtake an earlier one of the same record.
    return this.#run(request, (lines) =>
      turns.take(lines, async (open) =>
        onlyGood(await request.gate.allow(open), (good) => this.#submit(tenant, request, good)),
      ),
    );
  }

  async #submit(
    tenant: TenantRef,
    { submittedBy }: BatchRequest,
    lines: readonly BatchLine[],
  ): Promise<readonly (object | Error)[]> {
    const versions = lines.map((line) => toSubmit(line, submittedBy ?? null));
    const receipts = await onlyGood(versions, (named) =>
      this.#whenThereIsRoom(named.length, () => this.#records.submitAll(tenant, named)),
    );
    return receipts.map((receipt, position) => {
      if (Error.isError(receipt)) return receipt;
      const view = receiptView(lines[position] as BatchLine, receipt.version, receipt.state, this.#origin);
      return { status: receipt.created ? 201 : 200, receipt: view };
    });
  }

  verify(tenant: TenantRef, request: BatchRequest): AsyncGenerator<string> {
    return this.#run(request, async (lines) =>
      onlyGood(await request.gate.allow(lines), (good) =>
        Promise.all(good.map((line) => this.#verify(tenant, line).catch((error: unknown) => error as Error))),
      ),
    );
  }

  async #verify(tenant: TenantRef, line: BatchLine): Promise<object> {
    if (line.content === null) throw new DomainError('content-missing', 'content or contentBase64 is needed to verify');
    const result = await this.#records.verify(tenant, { ...line, content: line.content });
    const { status: state, ...verdict } = verdictView(line, result);
    return { status: 200, state, ...verdict };
  }

  /**
   * A stream waits where a single request is refused: its sender is already slowed down by not being read. The room that
   * was seen can be gone when the submission arrives, since sources are looked up in between; then it waits again.
   */
  async #whenThereIsRoom<T>(versions: number, submit: () => Promise<T>): Promise<T> {
    for (;;) {
      while (this.#ledger.capacity < versions) await delay(2);
      try {
        return await submit();
      } catch (error) {
        if (!(error instanceof DomainError && error.code === 'overloaded')) throw error;
      }
    }
  }

  /**
   * A sliding window: groups with up to `window` lines in all are in work, results leave in the order of the lines and as
   * soon as they are there, whether or not more lines arrive. When the reader of the results is slow, nothing more is read.
   */
  async *#run({ stream, read, requestId }: BatchRequest, work: Work): AsyncGenerator<string> {
    const { lineBytes, lines: maxLines, window } = this.#limits;
    const input = readLines(stream, lineBytes, maxLines, this.#ledger.largestGroup);
    const working: { readonly size: number; readonly results: Promise<Arrival> }[] = [];
    let inWork = 0;
    let arriving: Promise<Arrival> | null = next(input);
    let ended: Error | null = null;
    while (arriving !== null || working.length > 0) {
      const oldest = working[0]?.results;
      const wanted = inWork >= window ? [oldest] : [oldest, arriving];
      const arrival = await Promise.race<Arrival>(wanted.filter((one) => one !== undefined && one !== null));
      if (arrival.kind === 'results') {
        inWork -= working.shift()?.size ?? 0;
        yield arrival.text;
      } else if (arrival.kind === 'lines') {
        inWork += arrival.lines.length;
        working.push({ size: arrival.lines.length, results: this.#group(arrival.lines, read, work, requestId) });
        arriving = next(input);
      } else {
        ended = arrival.error;
        arriving = null;
      }
    }
    if (ended !== null) yield this.#ending(ended, requestId);
  }

  /** Too many lines, or the connection broke: what was read before is finished and answered. */
  #ending(error: Error, requestId: string): string {
    const problem = toProblem(error);
    if (problem === null) this.#logger.warn({ err: error, requestId }, 'a stream of lines ended early');
    return `${JSON.stringify({ line: null, status: problem?.status ?? 400, problem: problem ?? internalProblem(requestId) })}\n`;
  }

  async #group(
    arrived: readonly Line[],
    read: (bytes: Uint8Array) => BatchLine,
    work: Work,
    requestId: string,
  ): Promise<Arrival> {
    const lines = arrived.map((line) => readLine(line, read));
    const results = await onlyGood(lines, (good) =>
      work(good).catch((error: unknown) => good.map(() => error as Error)),
    );
    const texts = results.map((result, position) => this.#result(arrived[position]?.number ?? 0, result, requestId));
    return { kind: 'results', text: texts.join('') };
  }

  #result(line: number, result: object | Error, requestId: string): string {
    if (!Error.isError(result)) return `${JSON.stringify({ line, ...result })}\n`;
    const problem = toProblem(result);
    if (problem === null) this.#logger.error({ err: result, requestId, line }, 'a line failed');
    const shown = problem ?? internalProblem(requestId);
    return `${JSON.stringify({ line, status: shown.status, problem: shown })}\n`;
  }
}

/** Never rejects: what was read before a failure is answered first. */
async function next(input: AsyncGenerator<readonly Line[]>): Promise<Arrival> {
  try {
    const read: IteratorResult<readonly Line[], unknown> = await input.next();
    return read.done === true ? { kind: 'end', error: null } : { kind: 'lines', lines: read.value };
  } catch (error) {
    return { kind: 'end', error: error as Error };
  }
}

function readLine(line: Line, read: (bytes: Uint8Array) => BatchLine): BatchLine | Error {
  const { bytes, error } = line;
  return bytes === null
    ? (error ?? new TypeError('a line without octets and without a reason'))
    : settle(() => read(bytes));
}

function toSubmit(line: BatchLine, submittedBy: string | null): VersionToSubmit | Error {
  const { versionId } = line;
  if (versionId !== null) return { ...line, versionId, submittedBy };
  return new DomainError(
    'line-malformed',
    'versionId is missing (for FHIR: meta.versionId, or the query parameter versionId)',
  );
}
