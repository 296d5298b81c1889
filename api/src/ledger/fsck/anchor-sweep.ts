// The log against the chain: the contract's head, every head it ever announced, and every anchor's row.
//
// Only the chain can tell a history that was rewritten consistently, signatures and all, from the true one: its roots are
// compared with the tree that was rebuilt from the entries, and with nothing that the database says.
import { setTimeout as delay } from 'node:timers/promises';
import { equalBytes, toHex } from '@medanchor/verifier';
import { ChainUnreachableError, type AnchorRegistry, type AnnouncedHead } from '../chain/anchor-registry.port.ts';
import { type Anchor, type Epoch, type TreeHead } from '../model.ts';
import { finding, fingerprintOf, type FsckFinding } from '../store/fsck-finding.ts';
import { lookAtChain, type ChainSight } from './chain-view.ts';
import { type Findings } from './findings.ts';
import { type FsckReport } from './report.ts';

type ChainReport = FsckReport['chain'];
type SeenChain = Extract<ChainSight, { seen: true }>;

const SECOND_LOOK_MS = 2000;

export interface AnchorSweepParts {
  readonly findings: Findings;
  readonly registry: AnchorRegistry;
  /** The rows as they are now. */
  readonly anchors: () => Promise<readonly Anchor[]>;
  /** Root of the rebuilt tree at a size; null when this sweep has not rebuilt it there. */
  readonly rootAt: (size: bigint) => Promise<Uint8Array | null>;
  /** No entry was missing: what is rebuilt comes from the entries alone. */
  readonly complete: boolean;
  /** Root by the stored tiles, for sizes that an incremental sweep does not rebuild. */
  readonly storedRootAt: (size: bigint) => Promise<Uint8Array | null>;
}

/** What keeps a part of the comparison from being made; empty when all of it was. */
export interface AnchorResult {
  readonly chain: ChainReport;
  readonly anchorsSkipped: string;
}

export class AnchorSweep {
  readonly #parts: AnchorSweepParts;

  constructor(parts: AnchorSweepParts) {
    this.#parts = parts;
  }

  /**
   * @param size entries in the log
   * @param epoch the current one; null before the first anchor was thought of
   * @param configured where the service anchors
   */
  async run(
    sight: ChainSight,
    anchors: readonly Anchor[],
    epoch: Epoch | null,
    size: bigint,
    configured: { readonly chainId: bigint; readonly contract: string },
  ): Promise<AnchorResult> {
    await this.#checkRows(anchors);
    if (!sight.seen) return skipped(sight.reason);
    // Before the first epoch, too, the contract of the configuration may hold what this database has lost.
    if (epoch === null)
      return sight.head === null || !sight.registered
        ? skipped('no anchoring epoch has begun, and the configured contract does not know this log')
        : this.#compareWith(sight, sight.head, anchors, 0, size);
    if (configured.chainId !== epoch.chainId || configured.contract !== epoch.contract)
      return this.#mismatch(
        `the service is configured for contract ${configured.contract} on chain ${configured.chainId}, but this log is anchored in ${epoch.contract} on chain ${epoch.chainId}`,
      );
    if (sight.chainId !== epoch.chainId)
      return this.#mismatch(
        `the endpoint serves chain ${sight.chainId}, this log is anchored on chain ${epoch.chainId}`,
      );
    if (sight.head === null || !sight.registered)
      return this.#mismatch(`this log is not registered in a contract at ${epoch.contract} on chain ${sight.chainId}`);
    return this.#compareWith(sight, sight.head, anchors, epoch.epoch, size);
  }

  async #compareWith(
    sight: SeenChain,
    head: TreeHead,
    anchors: readonly Anchor[],
    epoch: number,
    size: bigint,
  ): Promise<AnchorResult> {
    const held = anchors.filter((anchor) => anchor.epoch === epoch);
    const chain = await this.#checkHead(head, size, held);
    if (sight.announced === null)
      return { chain, anchorsSkipped: `the endpoint does not search for the contract's events: ${sight.eventsReason}` };
    await this.#checkAnnounced(sight.announced, size);
    return { chain, anchorsSkipped: await this.#checkHeld(held, sight, epoch) };
  }

  #mismatch(detail: string): AnchorResult {
    this.#parts.findings.add(finding('chain-mismatch', { table: 'anchor_epoch' }, detail));
    return { chain: { status: 'failed', reason: detail, size: null, root: null }, anchorsSkipped: detail };
  }

  /** Rows of all epochs against the rebuilt tree; a row that agrees with the stored tiles is not the one that was changed. */
  async #checkRows(anchors: readonly Anchor[]): Promise<void> {
    for (const { id, size, root } of anchors) {
      const rebuilt = await this.#parts.rootAt(size);
      if (rebuilt === null || equalBytes(rebuilt, root)) continue;
      const stored = await this.#parts.storedRootAt(size);
      if (stored !== null && equalBytes(stored, root)) continue;
      this.#parts.findings.add(
        finding(
          'anchor-root-wrong',
          { table: 'anchor', anchor: id.toString(), size: size.toString(), field: 'root' },
          `anchor ${id} has another root at size ${size} than the entries give`,
        ),
      );
    }
  }

  async #checkHead(head: TreeHead, size: bigint, held: readonly Anchor[]): Promise<ChainReport> {
    const seen = { size: head.size, root: head.root };
    const where = { table: 'chain', size: head.size.toString() };
    const failed = (code: 'chain-ahead' | 'chain-root-differs' | 'chain-mismatch', detail: string): ChainReport => {
      this.#parts.findings.add(finding(code, where, detail));
      return { ...seen, status: 'failed', reason: detail };
    };
    if (head.size === 0n) {
      const confirmed = held.find(({ state }) => state === 'confirmed');
      if (confirmed === undefined) return { ...seen, status: 'passed', reason: '' };
      return failed(
        'chain-mismatch',
        `the contract holds no anchor of this log, but size ${confirmed.size} was confirmed there`,
      );
    }
    if (head.size > size)
      return failed(
        'chain-ahead',
        `the contract holds size ${head.size}, this log has only ${size} entries: it was cut, or an older backup was restored`,
      );
    const rebuilt = await this.#parts.rootAt(head.size);
    const ours = rebuilt ?? (await this.#parts.storedRootAt(head.size));
    if (ours === null)
      return {
        ...seen,
        status: 'skipped',
        reason: `the tree cannot be rebuilt up to the contract's size ${head.size}`,
      };
    if (equalBytes(ours, head.root)) {
      return this.#parts.complete
        ? { ...seen, status: 'passed', reason: '' }
        : {
            ...seen,
            status: 'skipped',
            reason: 'entries are missing: only the stored tiles have the root of the contract',
          };
    }
    const stored = await this.#parts.storedRootAt(head.size);
    const tiles =
      stored !== null && equalBytes(stored, head.root)
        ? 'The stored tiles agree with the contract: the entries were changed.'
        : 'The stored tiles do not agree with the contract either.';
    return failed(
      'chain-root-differs',
      `the contract holds root ${toHex(head.root)} at size ${head.size}, the stored entries give ${toHex(ours)}. ${tiles}`,
    );
  }

  /** The first announced head that differs bounds where the histories part. */
  async #checkAnnounced(announced: readonly AnnouncedHead[], size: bigint): Promise<void> {
    let same = 0n;
    for (const head of [...announced].sort((a, b) => (a.size < b.size ? -1 : 1))) {
      const rebuilt = head.size > size ? null : await this.#parts.rootAt(head.size);
      if (rebuilt === null) continue;
      if (equalBytes(rebuilt, head.root)) {
        same = head.size;
        continue;
      }
      this.#parts.findings.add(
        finding(
          'chain-root-differs',
          { table: 'chain', size: head.size.toString(), from: same.toString(), to: head.size.toString() },
          `the head of size ${head.size} that the contract announced in block ${head.blockNumber} has another root than the stored entries: ` +
            `an entry from ${same} to ${head.size - 1n} is not the one that was anchored`,
        ),
      );
      return;
    }
  }

  /**
   * Rows and chain are two places that change one after the other: what differs is looked at a second time, after the stages
   * have had time to follow a re-org.
   *
   * @returns why some row could not be judged; empty when all were
   */
  async #checkHeld(anchors: readonly Anchor[], sight: SeenChain, epoch: number): Promise<string> {
    const first = await this.#faultsOfHeld(anchors, sight.announced ?? [], sight.blockNumber);
    if (first.faults.length === 0) return first.unknown;
    await delay(SECOND_LOOK_MS);
    const again = await lookAtChain(this.#parts.registry);
    if (!again.seen || again.announced === null) return again.seen ? again.eventsReason : again.reason;
    const rows = (await this.#parts.anchors()).filter((anchor) => anchor.epoch === epoch);
    const second = await this.#faultsOfHeld(rows, again.announced, again.blockNumber);
    const before = new Set(first.faults.map(fingerprintOf));
    for (const fault of second.faults) if (before.has(fingerprintOf(fault))) this.#parts.findings.add(fault);
    return second.unknown;
  }

  async #faultsOfHeld(
    anchors: readonly Anchor[],
    announced: readonly AnnouncedHead[],
    block: bigint,
  ): Promise<{ faults: readonly FsckFinding[]; unknown: string }> {
    const byTransaction = new Map(announced.map((head) => [head.transaction, head]));
    const faults: FsckFinding[] = [];
    let unknown = '';
    for (const anchor of anchors) {
      const head = byTransaction.get(anchor.transaction);
      byTransaction.delete(anchor.transaction);
      if (anchor.state !== 'anchored' && anchor.state !== 'confirmed') continue;
      // Mined after the look at the chain.
      if (anchor.blockNumber !== null && anchor.blockNumber > block) continue;
      const found = head ?? (await this.#receiptOf(anchor).catch((error: unknown) => unreachable(error)));
      if (typeof found === 'string') unknown = found;
      else faults.push(...faultsOfAnchor(anchor, found));
    }
    for (const { transaction, size } of byTransaction.values())
      faults.push(
        finding(
          'anchor-unrecorded',
          { table: 'anchor', transaction, size: size.toString() },
          `the contract announced size ${size} in transaction ${transaction}, of which there is no row`,
        ),
      );
    return { faults, unknown };
  }

  /** No event of this transaction: the same head sent again announces nothing, and it may just have been mined. */
  async #receiptOf(anchor: Anchor): Promise<AnnouncedHead | null> {
    const receipt = await this.#parts.registry.receipt(anchor.transaction);
    if (receipt === null || !receipt.success) return null;
    const head = receipt.announced ?? { size: anchor.size, root: anchor.root };
    return {
      ...head,
      transaction: anchor.transaction,
      blockNumber: receipt.blockNumber,
      blockHash: receipt.blockHash,
    };
  }
}

function faultsOfAnchor(anchor: Anchor, found: AnnouncedHead | null): readonly FsckFinding[] {
  const { id, size, root, transaction } = anchor;
  const where = { table: 'anchor', anchor: id.toString(), size: size.toString() };
  if (found === null)
    return [
      finding(
        'anchor-not-on-chain',
        { ...where, field: 'transaction' },
        `anchor ${id} of size ${size} is held to be ${anchor.state}, but transaction ${transaction} is not on the chain`,
      ),
    ];
  const columns: [string, unknown, unknown][] = [
    ['size', size, found.size],
    ['root', toHex(root), toHex(found.root)],
    ['block_number', anchor.blockNumber, found.blockNumber],
    ['block_hash', anchor.blockHash, found.blockHash],
  ];
  return columns
    .filter(([, got, wanted]) => got !== wanted)
    .map(([field, got, wanted]) =>
      finding(
        'anchor-changed',
        { ...where, field },
        `${field} of anchor ${id} is ${String(got)}, on chain it is ${String(wanted)}`,
      ),
    );
}

function skipped(reason: string): AnchorResult {
  return { chain: { status: 'skipped', reason, size: null, root: null }, anchorsSkipped: reason };
}

function unreachable(error: unknown): string {
  if (error instanceof ChainUnreachableError) return error.message;
  throw error;
}
