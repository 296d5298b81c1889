// The append stage's queue: submissions that arrive together become one batch of the log.
import { GroupCommit, type GroupCommitLimits } from '../../platform/batching/group-commit.ts';
import { type Logger } from '../../platform/logger/logger.ts';
import { type Metrics } from '../../platform/metrics/metrics.ts';

export type SequencerLimits = GroupCommitLimits;

export class Sequencer<I, O> extends GroupCommit<I, O> {
  constructor(
    limits: SequencerLimits,
    write: (batch: readonly I[]) => Promise<readonly O[]>,
    logger: Logger,
    metrics: Metrics,
  ) {
    super(limits, write, logger, {
      inFlight: (count) => metrics.inFlight.set(count),
      batch: () => metrics.appendSeconds.startTimer(),
      failed: () => metrics.stageErrors.inc({ stage: 'append' }),
    });
  }
}
