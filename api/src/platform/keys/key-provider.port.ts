/**
 * Wraps the keys of records with a key-encryption key that never leaves the provider.
 *
 * - `wrap` and `unwrap` are exact inverses for the same `context`; another context makes `unwrap` fail
 *   (AES-GCM additional data), so that a wrapped key moved to another record's row is useless there.
 * - `unwrap` answers each request on its own: the key, or a {@link KeyUnwrapError} for anything that this provider did not
 *   wrap in this context. One damaged key never keeps others from being read.
 * - Both take and give batches, since a remote provider pays per call.
 */
export abstract class KeyProvider {
  abstract wrap(keys: readonly WrapRequest[]): Promise<readonly Uint8Array[]>;
  abstract unwrap(wrapped: readonly UnwrapRequest[]): Promise<readonly (Uint8Array | KeyUnwrapError)[]>;
}

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
