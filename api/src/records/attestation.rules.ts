// Who vouches for it that a version came from its source: the source itself, by its signature in the log entry, or the
// ledger alone, for the client that it let in. Pure.
import { parseEntry } from '@medanchor/verifier';
import { z } from 'zod';
import { type StoredVersion } from '../ledger/index.ts';

export const attestationSchema = z
  .union([
    z.strictObject({ by: z.literal('source-key'), keyId: z.string() }),
    z.strictObject({ by: z.literal('ledger'), client: z.string().nullable() }),
  ])
  .meta({
    id: 'Attestation',
    description:
      'source-key: the source has signed it, with this key. ledger: only the ledger says that it came from there; `client` is who sent it, null when nobody was signed in',
  });

export type Attestation = z.output<typeof attestationSchema>;

export function attestationOf({ entry, submittedBy }: Pick<StoredVersion, 'entry' | 'submittedBy'>): Attestation {
  const submitter = submitterOf(entry);
  return submitter === null ? { by: 'ledger', client: submittedBy } : { by: 'source-key', keyId: submitter.keyId };
}

/** The signature in an entry of kind `record-version`; null when there is none. */
export function submitterOf(entry: Uint8Array): { readonly keyId: string; readonly jws: string } | null {
  // Most entries have none, and no other text of an entry can hold the member's name.
  if (!Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength).includes('"submitter":')) return null;
  const parsed = parseEntry(entry);
  return parsed.kind === 'record-version' ? (parsed.submitter ?? null) : null;
}
