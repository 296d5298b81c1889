import { type DataSource } from 'typeorm';
import { type SourceRef } from '../ledger/index.ts';
export declare class SourcesService {
    #private;
    constructor(database: DataSource);
    /** @throws {DomainError} `unknown-source` */
    get(name: string): Promise<SourceRef>;
    find(name: string): Promise<SourceRef | null>;
    /** Idempotent, also when several processes meet a new source at once. `name` must be valid already. */
    ensure(name: string): Promise<SourceRef>;
}
