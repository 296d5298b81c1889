// Pure rules of the append stage: which entry a submission becomes, and what a repeated version id means.
import {
  equalBytes,
  formatEntry,
  leafHash,
  verdictOf,
  type ComponentCommitment,
  type ComponentMatch,
  type ComponentName,
  type Flag,
  type RecordVersionEntry,
  type Verdict,
} from '@medanchor/verifier';
import { type StoredVersion } from '../model.ts';
import {
  versionKey,
  type BatchPlan,
  type PlannedEntry,
  type RecordHead,
  type SequenceResult,
  type SequencerState,
  type Submission,
  type VersionSubmission,
} from '../store/entry-store.port.ts';
import { KeyBook } from './source-key.rules.ts';

/**
 * Turns submissions into entries, in order.
 *
 * @param state what the store holds, read under the sequencer's lock
 * @param time the log's claim of when; the same for the whole batch
 */
export function planBatch(
  { nextIndex, heads, existing, keys }: SequencerState,
  submissions: readonly Submission[],
  time: Date,
): BatchPlan {
  const known = new Map(existing);
  const newHeads = new Map<bigint, RecordHead>();
  const entries: PlannedEntry[] = [];
  const book = new KeyBook(keys);
  const results = submissions.map((submission): SequenceResult => {
    const index = nextIndex + BigInt(entries.length);
    if (submission.kind === 'plain') {
      if (submission.entry.kind === 'key') {
        const refusal = book.refusalOf(submission.entry);
        if (refusal !== null) return refusal;
        book.apply(submission.entry, index);
      }
      const bytes = formatEntry({ ...submission.entry, time: time.toISOString() });
      const planned = { index, bytes, leafHash: leafHash(bytes) };
      entries.push(planned);
      return { result: 'sequenced-plain', index, leafHash: planned.leafHash, entry: bytes };
    }
    const key = versionKey(submission.record, submission.versionId);
    const first = known.get(key);
    if (first !== undefined) return { ...compareWithFirst(first, submission), version: first };
    const { submitter } = submission;
    const refusal = submitter === undefined ? null : book.refusalOfUse(submission.source, submitter.keyId);
    if (refusal !== null) return refusal;
    const head = newHeads.get(submission.record) ?? heads.get(submission.record) ?? { seq: 0n, leaf: null };
    const version = sealVersion(submission, head, index, time);
    entries.push({ index, bytes: version.entry, leafHash: version.leafHash, version });
    newHeads.set(submission.record, { seq: version.seq, leaf: version.leafHash });
    known.set(key, version);
    return { result: 'sequenced', version };
  });
  return { entries, heads: newHeads, results, keys: book.changed };
}

function sealVersion(submission: VersionSubmission, head: RecordHead, index: bigint, time: Date): StoredVersion {
  const seq = head.seq + 1n;
  // What the submitter left open follows from the record's history.
  const activity = submission.activity ?? (seq === 1n ? 'create' : 'update');
  const entry: RecordVersionEntry = {
    kind: 'record-version',
    time: time.toISOString(),
    source: submission.source,
    recordRef: submission.recordRef,
    seq,
    previous: head.leaf,
    activity,
    scheme: submission.scheme,
    commitment: submission.commitment,
    ...(submission.submitter === undefined ? {} : { submitter: submission.submitter }),
  };
  const bytes = formatEntry(entry);
  const { record, versionId, scheme, mediaType, components } = submission;
  return {
    record,
    seq,
    versionId,
    index,
    leafHash: leafHash(bytes),
    entry: bytes,
    activity,
    scheme,
    mediaType,
    components,
    recordedAt: time,
    submittedBy: submission.submittedBy ?? null,
  };
}

/**
 * A version id that is already recorded. The salts of both are the same (same record, same version id), so equal
 * commitments mean equal octets.
 *
 * The same content written differently (`equal-exact`, narrative regenerated) is a repeated delivery: servers print one
 * version differently from read to read. Anything below that, or another confidentiality label, is other content.
 */
export function compareWithFirst(
  first: Pick<StoredVersion, 'components' | 'scheme'>,
  submission: Pick<VersionSubmission, 'components' | 'scheme'>,
):
  | { result: 'duplicate'; verdict: Verdict; flags: readonly Flag[] }
  | { result: 'conflict'; verdict: Verdict | null; flags: readonly Flag[] } {
  const matches = matchCommitments(first.components, submission.components);
  if (first.scheme === 'identity/1' && submission.scheme === 'identity/1')
    return { result: 'duplicate', verdict: 'deleted', flags: [] };
  const { verdict, flags } = verdictOf(matches);
  const same = (verdict === 'identical' || verdict === 'equal-exact') && !flags.includes('labels-changed');
  return same ? { result: 'duplicate', verdict, flags } : { result: 'conflict', verdict, flags };
}

function matchCommitments(
  committed: readonly ComponentCommitment[],
  submitted: readonly ComponentCommitment[],
): ReadonlyMap<ComponentName, ComponentMatch> {
  const given = new Map(submitted.map((component) => [component.name, component.commitment]));
  const matches = new Map<ComponentName, ComponentMatch>();
  for (const { name, commitment } of committed) {
    // `fields` depends on what was asked for at submission, not on the content.
    if (name === 'fields') continue;
    const other = given.get(name);
    matches.set(name, other === undefined ? 'missing' : equalBytes(other, commitment) ? 'opens' : 'differs');
  }
  for (const { name } of submitted) if (name !== 'fields' && !matches.has(name)) matches.set(name, 'uncommitted');
  return matches;
}
