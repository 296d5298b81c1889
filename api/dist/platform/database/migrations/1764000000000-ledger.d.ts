import { type MigrationInterface, type QueryRunner } from 'typeorm';
/**
 * The ledger's tables. Constraints do the work:
 *
 * - what has been written to the log cannot be changed or removed by any statement (append-only triggers);
 * - batches have no gap and no overlap (a batch must start where the sequence stands, in the same transaction);
 * - a tile only ever grows at its end;
 * - one checkpoint per size;
 * - the natural key (source, record, version id) is unique.
 *
 * A database owner can still switch a trigger off: that is what the anchors on chain and the tamper sweep are for.
 */
export declare class Ledger1764000000000 implements MigrationInterface {
    readonly name = "Ledger1764000000000";
    up(runner: QueryRunner): Promise<void>;
    down(runner: QueryRunner): Promise<void>;
}
