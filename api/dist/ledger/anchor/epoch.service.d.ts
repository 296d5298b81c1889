import { type Clock } from '../../platform/clock/clock.ts';
import { type AnchorRegistry } from '../chain/anchor-registry.port.ts';
import { type LogIdentity } from '../log-identity.ts';
import { type Epoch } from '../model.ts';
import { type AnchorStore } from '../store/anchor-store.port.ts';
import { type SequenceResult, type Submission } from '../store/entry-store.port.ts';
export declare class EpochRefusedError extends Error {
    readonly name = "EpochRefusedError";
}
interface Appender {
    sequence(submissions: readonly Submission[]): Promise<readonly SequenceResult[]>;
}
export declare class EpochService {
    #private;
    constructor(log: LogIdentity, anchors: AnchorStore, append: Appender, registry: AnchorRegistry, clock: Clock);
    /**
     * From now on the log is anchored where the configuration points to. What was anchored before stays provable on the
     * chain that was left, and only there. A crash between the entry and the row leaves an entry that says what was
     * intended; the command can be run again.
     *
     * @param reason shown to auditors, in the log for ever: 1 to 256 characters, no personal data
     * @throws {EpochRefusedError} when the new chain is not usable, or is the one already in use and holds our history
     */
    start(reason: string): Promise<{
        epoch: Epoch;
        index: bigint;
    }>;
}
export {};
