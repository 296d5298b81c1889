// Compares content with a recorded version by its commitments alone: no proof, no chain (docs/spec/formats.md sections 2.1
// and 10). For versions that no checkpoint covers yet, and for finding the version that a content is of.
import {
  digestContent,
  explainVerdict,
  openRecord,
  verdictOf,
  VerifyError,
  type Check,
  type Flag,
  type RecordDigest,
  type Verdict,
} from '@medanchor/verifier';
import { type StoredVersion } from '../model.ts';
import { saltsOf } from './bundle.service.ts';

export interface GivenContent {
  readonly content: Uint8Array;
  readonly mediaType: string;
}

export interface Comparison {
  readonly verdict: Verdict | null;
  readonly flags: readonly Flag[];
  readonly check: Check;
}

/** Reads a content at most once under each scheme. */
export class ContentComparer {
  readonly #given: GivenContent;
  readonly #digests = new Map<string, RecordDigest | string>();

  constructor(given: GivenContent) {
    this.#given = given;
  }

  /** @param salt the version's salt */
  compare(version: StoredVersion, salt: Uint8Array): Comparison {
    if (version.scheme === 'identity/1') return comparison('deleted', [], explainVerdict('deleted'));
    const digest = this.#digest(version.scheme);
    // What was committed could be read under this scheme: content that cannot be read is not it.
    if (typeof digest === 'string') return comparison('altered', [], digest);
    const committed = version.components.filter(({ name }) => name !== 'identity' && name !== 'fields');
    const { verdict, flags, reason } = verdictOf(openRecord(digest, committed, saltsOf(version, salt)));
    return comparison(verdict, flags, reason);
  }

  #digest(scheme: StoredVersion['scheme']): RecordDigest | string {
    const { content, mediaType } = this.#given;
    const digest = this.#digests.get(scheme) ?? read(content, mediaType, scheme);
    this.#digests.set(scheme, digest);
    return digest;
  }
}

/** The digest, or why there is none. */
function read(content: Uint8Array, mediaType: string, scheme: StoredVersion['scheme']): RecordDigest | string {
  try {
    return digestContent(content, mediaType, { scheme });
  } catch (error) {
    if (error instanceof VerifyError) return error.message;
    throw error;
  }
}

function comparison(verdict: Verdict | null, flags: readonly Flag[], reason: string): Comparison {
  const base = { name: 'content', required: true, reason } as const;
  if (verdict === 'altered') return { verdict, flags, check: { ...base, result: 'failed', code: 'CONTENT_ALTERED' } };
  if (verdict === 'deleted')
    return { verdict, flags, check: { ...base, result: 'skipped', code: 'NO_CONTENT_COMMITTED' } };
  return { verdict, flags, check: { ...base, result: verdict === null ? 'skipped' : 'passed' } };
}
