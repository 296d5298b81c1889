import { type Flag, type Verdict } from '@medanchor/verifier';
import { type StoredVersion } from '../model.ts';
import { type BatchPlan, type SequencerState, type Submission, type VersionSubmission } from '../store/entry-store.port.ts';
/**
 * Turns submissions into entries, in order.
 *
 * @param state what the store holds, read under the sequencer's lock
 * @param time the log's claim of when; the same for the whole batch
 */
export declare function planBatch({ nextIndex, heads, existing }: SequencerState, submissions: readonly Submission[], time: Date): BatchPlan;
/**
 * A version id that is already recorded. The salts of both are the same (same record, same version id), so equal
 * commitments mean equal octets.
 *
 * The same content written differently (`equal-exact`, narrative regenerated) is a repeated delivery: servers print one
 * version differently from read to read. Anything below that, or another confidentiality label, is other content.
 */
export declare function compareWithFirst(first: Pick<StoredVersion, 'components' | 'scheme'>, submission: Pick<VersionSubmission, 'components' | 'scheme'>): {
    result: 'duplicate';
    verdict: Verdict;
    flags: readonly Flag[];
} | {
    result: 'conflict';
    verdict: Verdict | null;
    flags: readonly Flag[];
};
