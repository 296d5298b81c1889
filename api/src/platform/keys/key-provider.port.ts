/**
 * Wraps the keys of records, and other secrets of the service, with a key that never leaves the provider.
 *
 * - `wrap` and `unwrap` are exact inverses for the same `context`; another context makes `unwrap` fail
 *   (AES-GCM additional data), so that a wrapped key moved to another record's row is useless there.
 * - `unwrap` answers each request on its own: the key, or a {@link KeyUnwrapError} for anything that this provider did not
 *   wrap in this context. One damaged key never keeps others from being read.
 * - Both take and give batches, since a remote provider pays per call.
 * - What is wrapped begins with a header of {@link HEADER_LENGTH} octets, a version and the id of the wrapping key, by which a
 *   rotation finds what is still wrapped by another key. What was ever wrapped stays readable for ever, as long as its key is
 *   there.
 * - A provider whose key service cannot be reached rejects the whole call with a DomainError `unavailable`, and never with
 *   a KeyUnwrapError: a service that is away is not damage.
 */
export abstract class KeyProvider {
  abstract wrap(keys: readonly WrapRequest[]): Promise<readonly Uint8Array[]>;
  abstract unwrap(wrapped: readonly UnwrapRequest[]): Promise<readonly (Uint8Array | KeyUnwrapError)[]>;
  /** Header of what `wrap` makes now. */
  abstract header(): Promise<Uint8Array>;
  /** Whether the key that a header names is at hand. */
  abstract knows(header: Uint8Array): Promise<boolean>;
  /** Headers of all that it can open; of data keys, which are in the database, any one of the version. */
  abstract opens(): readonly Uint8Array[];
  /** Called when a rotation begins: a provider that makes keys by itself makes a new one and wraps with it from now on. */
  abstract renew(): Promise<void>;
}

/** Version (1 octet) and id of the wrapping key (4). */
export const HEADER_LENGTH = 5;

export interface WrapRequest {
  readonly key: Uint8Array;
  readonly context: string;
}

export interface UnwrapRequest {
  readonly wrapped: Uint8Array;
  readonly context: string;
}

/** A stored key was changed, moved, or wrapped by another KEK: an integrity finding, not a user's mistake. */
export class KeyUnwrapError extends Error {
  override readonly name = 'KeyUnwrapError';
}
