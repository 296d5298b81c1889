import { type TileCoordinates } from '@medanchor/verifier';
import { type Pool } from '../../platform/database/pool.ts';
import { type SignedCheckpoint, type StageSizes, type TreeHead } from '../model.ts';
import { TreeStore, type IntegrationInput, type IntegrationOutput } from './tree-store.port.ts';
export declare class PgTreeStore extends TreeStore {
    #private;
    constructor(pool: Pool, log: number);
    integrate(limit: number, work: (input: IntegrationInput) => IntegrationOutput): Promise<TreeHead | null>;
    sign(work: (head: TreeHead) => string): Promise<SignedCheckpoint | null>;
    head(): Promise<TreeHead>;
    tiles(wanted: readonly TileCoordinates[]): Promise<readonly Uint8Array[]>;
    tile(level: number, index: bigint): Promise<Uint8Array | null>;
    latestCheckpoint(): Promise<SignedCheckpoint | null>;
    checkpoint(size: bigint): Promise<SignedCheckpoint | null>;
    sizes(epoch: number): Promise<StageSizes>;
}
