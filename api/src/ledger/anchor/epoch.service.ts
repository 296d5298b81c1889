// Starts a new anchoring epoch: an explicit act of the operator, recorded in the log itself.
import { type AccessLog } from '../../platform/auth/access-log.port.ts';
import { recordUnattended, type Unattended } from '../../platform/auth/unattended.ts';
import { type Clock } from '../../platform/clock/clock.ts';
import { type AnchorRegistry } from '../chain/anchor-registry.port.ts';
import { type LogIdentity } from '../log-identity.ts';
import { type Epoch } from '../model.ts';
import { type AnchorStore } from '../store/anchor-store.port.ts';
import { type SequenceResult, type Submission, type Within } from '../store/entry-store.port.ts';

export class EpochRefusedError extends Error {
  override readonly name = 'EpochRefusedError';
}

interface Appender {
  sequence(submissions: readonly Submission[], within: Within): Promise<readonly SequenceResult[]>;
}

export class EpochService {
  readonly #log: LogIdentity;
  readonly #anchors: AnchorStore;
  readonly #append: Appender;
  readonly #registry: AnchorRegistry;
  readonly #clock: Clock;
  readonly #accessLog: AccessLog;

  constructor(
    log: LogIdentity,
    anchors: AnchorStore,
    append: Appender,
    registry: AnchorRegistry,
    clock: Clock,
    accessLog: AccessLog,
  ) {
    this.#accessLog = accessLog;
    this.#log = log;
    this.#anchors = anchors;
    this.#append = append;
    this.#registry = registry;
    this.#clock = clock;
  }

  /**
   * From now on the log is anchored where the configuration points to. What was anchored before stays provable on the
   * chain that was left, and only there. The entry, the epoch and the event in the access log are one transaction.
   *
   * @param reason shown to auditors, in the log for ever: 1 to 256 characters, no personal data
   * @param by who begins it
   * @throws {EpochRefusedError} when the new chain is not usable, or is the one already in use and holds our history
   */
  async start(reason: string, by: Unattended): Promise<{ epoch: Epoch; index: bigint }> {
    if (reason.length < 1 || reason.length > 256)
      throw new EpochRefusedError('the reason must have 1 to 256 characters');
    const current = await this.#anchors.currentEpoch();
    if (current === null) throw new EpochRefusedError('the first epoch has not begun yet: start the service once');
    const view = await this.#registry.view();
    if (view.chainId !== this.#log.chainId)
      throw new EpochRefusedError(`the endpoint serves chain ${view.chainId}, CHAIN_ID says ${this.#log.chainId}`);
    if (view.head === null || !view.registered)
      throw new EpochRefusedError(`this log is not registered in a contract at ${this.#log.contract}`);
    if (!view.submitter) throw new EpochRefusedError('our account is not a submitter of this log there');
    const held = await this.#anchors.latestHeld(current.epoch);
    if (current.chainId === this.#log.chainId && current.contract === this.#log.contract && view.head.size > 0n) {
      throw new EpochRefusedError('this contract already holds anchors of this log: there is nothing to leave');
    }
    const epoch: Epoch = {
      epoch: current.epoch + 1,
      chainId: this.#log.chainId,
      contract: this.#log.contract,
      reason,
      createdAt: this.#clock.now(),
    };
    const submission: Submission = {
      kind: 'plain',
      entry: {
        kind: 'anchor-epoch',
        time: epoch.createdAt.toISOString(),
        epoch: BigInt(epoch.epoch),
        chainId: epoch.chainId,
        contract: epoch.contract,
        logId: this.#log.logId,
        reason,
        previous:
          held === null
            ? null
            : { chainId: current.chainId, contract: current.contract, size: held.size, root: held.root },
      },
    };
    const [result] = await this.#append.sequence([submission], async (transaction, results) => {
      await this.#anchors.addEpoch(epoch, indexOf(results), transaction);
      const entity = { type: 'anchor-epoch', id: String(epoch.epoch) };
      await recordUnattended(this.#accessLog, transaction, by, entity);
    });
    return { epoch, index: indexOf([result]) };
  }
}

function indexOf([result]: readonly (SequenceResult | undefined)[]): bigint {
  if (result?.result !== 'sequenced-plain') throw new TypeError('the epoch entry was not sequenced');
  return result.index;
}
