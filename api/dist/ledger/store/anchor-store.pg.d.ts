import { type Pool } from '../../platform/database/pool.ts';
import { type Anchor, type AnchorState, type Epoch, type SignedCheckpoint } from '../model.ts';
import { AnchorStore, type AnchorUpdate, type NewAnchor } from './anchor-store.port.ts';
export declare class PgAnchorStore extends AnchorStore {
    #private;
    constructor(pool: Pool, log: number);
    exclusively(work: () => Promise<void>): Promise<boolean>;
    currentEpoch(): Promise<Epoch | null>;
    epochs(): Promise<readonly Epoch[]>;
    addEpoch(epoch: Epoch, entryIndex: bigint | null): Promise<void>;
    add(anchor: NewAnchor): Promise<Anchor>;
    update(id: bigint, update: AnchorUpdate): Promise<void>;
    inState(epoch: number, states: readonly AnchorState[]): Promise<readonly Anchor[]>;
    confirmedSince(epoch: number, block: bigint): Promise<readonly Anchor[]>;
    latestHeld(epoch: number): Promise<Anchor | null>;
    covering(epoch: number, index: bigint): Promise<{
        anchor: Anchor;
        checkpoint: SignedCheckpoint;
    } | null>;
    list(before: bigint | null, limit: number): Promise<readonly Anchor[]>;
    bySize(size: bigint): Promise<readonly Anchor[]>;
}
