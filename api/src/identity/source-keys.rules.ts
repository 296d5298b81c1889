// Pure rules: what makes an act on a source's key good, and the log entry that it becomes. docs/spec/formats.md section 6.2.
import {
  jwkThumbprint,
  keyStatementBytes,
  parseJwk,
  toJsonValue,
  verifyDetachedJws,
  VerifyError,
  type Jwk,
  type KeyEntry,
} from '@medanchor/verifier';
import { DomainError } from '../platform/errors/domain-error.ts';

export type KeyAct = Pick<KeyEntry, 'action' | 'jwk' | 'possession' | 'authority' | 'reason'> & {
  /** The key to revoke, or to replace; for `register` the key's own. */
  readonly subject: string;
};

/** Replaced by the time of the batch. */
const LATER = '2000-01-01T00:00:00.000Z';

/** @throws {DomainError} `key-malformed`: not a key of one of the two kinds, or a point that is on no curve */
export function readJwk(value: Jwk): Jwk {
  return accepted('jwk', () => parseJwk(toJsonValue(value)));
}

/** A bundle shows every key in a row of replacements, with two entries for each at most; it has room for 256 entries. */
const LONGEST_CHAIN = 100;

/** @throws {DomainError} `key-chain-too-long`: a bundle could not show where the next key comes from */
export function assertReplaceable(
  keys: readonly { readonly keyId: string; readonly replacedBy: string | null }[],
  keyId: string,
): void {
  const replaced = new Map(
    keys.flatMap((key) => (key.replacedBy === null ? [] : [[key.replacedBy, key.keyId] as const])),
  );
  let length = 1;
  for (let at = replaced.get(keyId); at !== undefined && length <= LONGEST_CHAIN; at = replaced.get(at)) length += 1;
  if (length > LONGEST_CHAIN)
    throw new DomainError(
      'key-chain-too-long',
      `this key is the last of ${LONGEST_CHAIN} or more that replaced each other: revoke it and register a new one`,
    );
}

/** The statement that has to be signed for an act. */
export function statementOf(
  source: string,
  act: Pick<KeyAct, 'action' | 'jwk' | 'subject'>,
): { keyId: string; bytes: Uint8Array } {
  const keyId = act.jwk === undefined ? act.subject : jwkThumbprint(act.jwk);
  const replaces = act.action === 'rotate' ? { replaces: act.subject } : {};
  return { keyId, bytes: keyStatementBytes({ action: act.action, keyId, source, ...replaces }) };
}

/**
 * The entry of an act, once everything that vouches for it holds.
 *
 * @param holder the key that may vouch for the act: the one to be replaced or revoked; null for `register`
 * @param administrator whether the caller may act without the key, with a reason
 * @throws {DomainError} `key-malformed` naming what does not hold; `key-authority-missing`
 */
export function entryOf(source: string, act: KeyAct, holder: Jwk | null, administrator: boolean): KeyEntry {
  const { action, jwk, possession, authority, reason, subject } = act;
  const { keyId, bytes } = statementOf(source, act);
  if (jwk !== undefined) {
    if (possession === undefined)
      throw new DomainError('key-malformed', 'possession: the key must sign its own statement');
    accepted('possession', () => verifyDetachedJws(possession, bytes, jwk));
  }
  if (holder !== null) {
    if (authority !== undefined) accepted('authority', () => verifyDetachedJws(authority, bytes, holder));
    else if (!administrator || reason === undefined)
      throw new DomainError(
        'key-authority-missing',
        `${action} needs authority, a signature of key ${subject}; or an administrator who gives a reason`,
      );
  }
  return {
    kind: 'key',
    time: LATER,
    source,
    keyId,
    action,
    ...(jwk === undefined ? {} : { jwk }),
    ...(action === 'rotate' ? { replaces: subject } : {}),
    ...(possession === undefined ? {} : { possession }),
    ...(authority === undefined ? {} : { authority }),
    // With the key's own signature nobody else's reason is needed.
    ...(reason === undefined || authority !== undefined ? {} : { reason }),
  };
}

function accepted<T>(member: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof VerifyError)
      throw new DomainError('key-malformed', `${member}: ${error.message}`, { reason: error.code }, { cause: error });
    throw error;
  }
}
