import { type Readable } from 'node:stream';
import { type LedgerService } from '../ledger/index.ts';
import { type Logger } from '../platform/logger/logger.ts';
import { type BatchLine } from './batch-line.rules.ts';
import { type RecordsService } from './records.service.ts';
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
export declare class BatchService {
    #private;
    constructor(records: RecordsService, ledger: LedgerService, origin: string, limits: BatchLimits, logger: Logger);
    submit(request: BatchRequest): AsyncGenerator<string>;
    verify(request: BatchRequest): AsyncGenerator<string>;
}
