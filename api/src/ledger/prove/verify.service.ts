// Compares content with a recorded version and reports every check. The same functions as everybody else's verifier,
// plus what only the ledger knows: the anchor as it was last seen, the record's chain of versions, the latest version.
import {
  equalBytes,
  explainOutcome,
  InvariantError,
  leafHash,
  outcomeOf,
  verifyBundle,
  withChecks,
  type Check,
  type ContentVerdict,
  type Status,
  type VerificationReport,
  type Verdict,
} from '@medanchor/verifier';
import { coalesce } from '../../platform/database/coalesce.ts';
import { DomainError } from '../../platform/errors/domain-error.ts';
import { type ChainMonitor } from '../chain/chain-monitor.ts';
import { type State, type StoredVersion } from '../model.ts';
import { type Earlier, type RecordStore } from '../store/record-store.port.ts';
import { identityOf, type BundleService, type LocatedVersion } from './bundle.service.ts';
import { ContentComparer, type GivenContent } from './compare.rules.ts';
import { type EntryProof } from './prove.service.ts';
import { ownChecks, uncompared } from './provenance-checks.rules.ts';
import { chainOfVersions } from './version-chain.rules.ts';

/** Versions looked at, newest first, to say which older one the content equals. */
const SEARCH_LIMIT = 1000;
/** Checkpoints whose signature check is remembered. */
const SIGNATURES_KEPT = 1000;

export interface LedgerVerdict {
  readonly verdict: Verdict | null;
  readonly flags: VerificationReport['flags'];
  readonly status: Status;
  readonly outcome: VerificationReport['outcome'];
  readonly reason: string;
  readonly checks: readonly Check[];
  readonly version: StoredVersion | null;
  /** How far that version has come. */
  readonly state: State;
  readonly latest: StoredVersion | null;
  /** Another version of this record that the content equals. */
  readonly matches: { readonly version: StoredVersion; readonly verdict: ContentVerdict } | null;
}

export class VerifyService {
  readonly #bundles: BundleService;
  readonly #records: RecordStore;
  readonly #monitor: ChainMonitor;
  readonly #verifierKey: string;
  readonly #earlier: (asked: Earlier) => Promise<readonly StoredVersion[]>;
  readonly #signatures = new Map<string, Check>();

  constructor(bundles: BundleService, records: RecordStore, monitor: ChainMonitor, verifierKey: string) {
    this.#bundles = bundles;
    this.#records = records;
    this.#earlier = coalesce((asked) => records.earlier(asked));
    this.#monitor = monitor;
    this.#verifierKey = verifierKey;
  }

  /**
   * @param located the version to compare with; without a version id asked for, the latest one
   * @param state its state in the ledger, for a version that no checkpoint covers yet
   */
  async verify(
    located: LocatedVersion,
    latest: StoredVersion,
    given: GivenContent,
    state: State,
  ): Promise<LedgerVerdict> {
    const report = await this.#report(located, given, state);
    const chain = await this.#versionChain(located.version);
    const checked = withChecks(report, [chain, latestCheck(located, latest), ...ownChecks(located, report)]);
    const superseded = located.version.seq < latest.seq && isEqual(checked.verdict);
    const matches = isEqual(checked.verdict) ? null : await this.#search(located, given);
    const flags = superseded || matches !== null ? [...checked.flags, 'superseded' as const] : checked.flags;
    const deleted = located.version.scheme === 'identity/1';
    const verdict = deleted ? ('deleted' as const) : checked.verdict;
    const outcome = outcomeOf(checked.checks, verdict);
    return {
      verdict,
      flags,
      status: checked.status,
      outcome,
      reason: explainOutcome(outcome, checked.checks, verdict),
      checks: checked.checks,
      version: located.version,
      state,
      latest,
      matches,
    };
  }

  async #report(located: LocatedVersion, given: GivenContent, state: State): Promise<VerificationReport> {
    let proven: Awaited<ReturnType<BundleService['bundle']>>;
    try {
      proven = await this.#bundles.bundle(located);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'not-yet-integrated')
        return this.#unproven(located, given, state);
      throw error;
    }
    const { note } = proven.proof.checkpoint;
    const known = this.#signatures.get(note);
    const report = await verifyBundle(proven.bundle, {
      trust: known === undefined ? { logKeys: [this.#verifierKey] } : {},
      // A deletion has no content to compare with.
      ...(located.version.scheme === 'identity/1' ? {} : given),
      identity: identityOf(located),
    });
    const status =
      proven.proof.held === null ? 'checkpointed' : proven.proof.held.state === 'confirmed' ? 'confirmed' : 'anchored';
    const signature = known ?? this.#remember(note, report);
    // Without a chain the verifier can only contradict an anchor (it is not the checkpoint's, say): then that stands.
    const contradicted = report.checks.some(({ name, result }) => name === 'anchor' && result === 'failed');
    const better = contradicted ? [signature] : [signature, this.#anchorCheck(proven.proof)];
    return { ...withChecks(report, better), status };
  }

  /** The check of a checkpoint's signature is the same for every entry that it covers, and by far the dearest: made once. */
  #remember(note: string, report: VerificationReport): Check {
    const check = report.checks.find(({ name }) => name === 'checkpoint-signature');
    if (check === undefined) throw new InvariantError('a report without the check of the checkpoint');
    if (this.#signatures.size >= SIGNATURES_KEPT) this.#signatures.clear();
    this.#signatures.set(note, check);
    return check;
  }

  /** No checkpoint yet: the content can be compared all the same, the rest is said to be missing. */
  async #unproven(located: LocatedVersion, given: GivenContent, state: State): Promise<VerificationReport> {
    const { version } = located;
    const salt = await this.#bundles.versionSalt(located);
    const opened = salt === null ? uncompared() : new ContentComparer(given).compare(version, salt);
    const waiting = 'No checkpoint covers this version yet; ask again in a second.';
    const checks: Check[] = [
      opened.check,
      // The last two are the ledger's own, and filled in by it.
      ...(['inclusion', 'checkpoint-signature', 'anchor', 'version-chain', 'latest'] as const).map((name) => ({
        name,
        result: 'skipped' as const,
        required: name === 'inclusion' || name === 'anchor',
        reason: waiting,
      })),
    ];
    return {
      verdict: opened.verdict,
      flags: opened.flags,
      status: state,
      outcome: outcomeOf(checks, opened.verdict),
      reason: opened.check.reason,
      checks,
      subject: {
        kind: 'record-version',
        leafHash: version.leafHash,
        index: version.index,
        origin: '',
        size: 0n,
        root: new Uint8Array(32),
      },
    };
  }

  /** The anchor as the confirm stage last saw it: no call to the chain in the time of a request. */
  #anchorCheck({ anchor, held }: EntryProof): Check {
    const base = { name: 'anchor', required: true } as const;
    const { code, detail, seenAt, blockNumber } = this.#monitor.current;
    if (code === 'chain-mismatch')
      return {
        ...base,
        result: 'skipped',
        code: 'CHAIN_MISMATCH',
        reason: `The chain is not the one that this log is anchored to: ${detail}.`,
      };
    if (code === 'not-observed') return { ...base, result: 'skipped', code: 'CHAIN_NOT_OBSERVED', reason: detail };
    if (anchor === null || held === null)
      return { ...base, result: 'skipped', code: 'NOT_ANCHORED', reason: 'Not anchored yet.' };
    if (code === 'chain-unreachable') {
      return {
        ...base,
        result: 'skipped',
        code: 'CHAIN_UNREACHABLE',
        reason: `The chain cannot be reached now; the anchor in block ${anchor.block} was last seen at ${seenAt?.toISOString()}.`,
      };
    }
    const depth = (blockNumber ?? anchor.block) - anchor.block + 1n;
    return {
      ...base,
      result: 'passed',
      reason: `Size ${anchor.size} is anchored in block ${anchor.block} of chain ${anchor.chainId} (${held.state}, ${depth > 0n ? depth : 1n} confirmations), as seen at ${seenAt?.toISOString()}.`,
    };
  }

  async #versionChain(version: StoredVersion): Promise<Check> {
    const base = { name: 'version-chain', required: false } as const;
    if (version.seq > BigInt(SEARCH_LIMIT))
      return { ...base, result: 'skipped', reason: `This record has more than ${SEARCH_LIMIT} versions.` };
    const earlier = version.seq === 1n ? [] : await this.#earlier({ record: version.record, below: version.seq });
    const broken = chainOfVersions(
      [...earlier, version].map((one) => ({
        seq: one.seq,
        leafHash: one.leafHash,
        computed: leafHash(one.entry),
        entry: one.entry,
      })),
    );
    return broken === null
      ? {
          ...base,
          result: 'passed',
          reason:
            version.seq === 1n
              ? 'This is the first version of its record.'
              : `Versions 1 to ${version.seq} of this record are linked without a gap.`,
        }
      : { ...base, result: 'failed', code: 'VERSION_CHAIN_BROKEN', reason: broken };
  }

  /** The newest other version that the content equals, if any. */
  async #search(located: LocatedVersion, given: GivenContent): Promise<LedgerVerdict['matches']> {
    if (located.record.keyHolder === 'source') return null;
    const history = await this.#records.history(located.version.record, 0n, SEARCH_LIMIT);
    const comparer = new ContentComparer(given);
    for (const version of [...history].reverse()) {
      if (version.seq === located.version.seq) continue;
      const salt = await this.#bundles.versionSalt({ ...located, version });
      if (salt === null) return null;
      const { verdict } = comparer.compare(version, salt);
      if (isEqual(verdict)) return { version, verdict };
    }
    return null;
  }
}

function latestCheck({ version, record }: LocatedVersion, latest: StoredVersion): Check {
  const base = { name: 'latest', required: false } as const;
  if (latest.seq < record.headSeq)
    return {
      ...base,
      result: 'failed',
      code: 'VERSION_MISSING',
      reason: `Version number ${record.headSeq} of this record was recorded and is gone.`,
    };
  return version.seq === latest.seq || equalBytes(version.leafHash, latest.leafHash)
    ? {
        ...base,
        result: 'passed',
        reason: `This is the latest version that the ledger knows (number ${latest.seq}).`,
      }
    : {
        ...base,
        result: 'skipped',
        code: 'SUPERSEDED',
        reason: `A newer version is recorded: number ${latest.seq}, version id ${latest.versionId}.`,
      };
}

function isEqual(verdict: Verdict | null): verdict is ContentVerdict {
  return verdict === 'identical' || verdict === 'equal-exact' || verdict === 'equal';
}
