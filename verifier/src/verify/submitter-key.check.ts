// Check `submitter-key`: by the log itself, the key that signed was its source's key when the version was recorded.
// docs/spec/formats.md sections 6.2 and 10.
//
// What the bundle shows is proved to stand in the log, at its index. That nothing was left out cannot be proved from a
// bundle: a log gives proofs of presence only. So a revocation that is shown counts, one that is hidden is for the ledger
// and for whoever reads the whole log to find, and the reason says so.

import type { KeyHistoryItem } from '../bundle.ts';
import { onRefusal, VerifyError } from '../errors.ts';
import { jwkThumbprint, type Jwk } from '../jwk.ts';
import { keyStatementBytes, verifyDetachedJws } from '../jws.ts';
import { formatEntry, type KeyEntry } from '../log/entry.ts';
import { leafHash } from '../tree/hashing.ts';
import { verifyInclusion } from '../tree/verify.ts';
import type { Check } from '../verdict.ts';
import { runCheck, Skip } from './check.ts';
import type { Subject } from './subject.ts';
import { NOT_SIGNED } from './submitter.check.ts';

type Registered = KeyHistoryItem & { readonly entry: KeyEntry & { readonly jwk: Jwk } };

export function checkSubmitterKey(subject: Subject): Check {
  return runCheck('submitter-key', false, () => {
    const { entry, keyHistory } = subject.bundle;
    const submitter = entry.kind === 'record-version' ? entry.submitter : undefined;
    if (entry.kind !== 'record-version' || submitter === undefined) throw new Skip('NOT_SIGNED', NOT_SIGNED);
    if (keyHistory === undefined) {
      throw new Skip('NOT_GIVEN', `The bundle does not show where key ${submitter.keyId} was registered in the log.`);
    }
    for (const item of keyHistory) assertShown(item, entry.source, subject);

    const { index } = subject.proof;
    const registered = registrationOf(submitter.keyId, index, keyHistory);
    assertInForce(submitter.keyId, index, keyHistory);
    let vouched = hasPossession(registered) ? 'with a proof of possession' : 'without a proof of possession';
    let key = registered;
    for (let before = index; key.entry.replaces !== undefined;) {
      before = key.index;
      const older = registrationOf(key.entry.replaces, before, keyHistory);
      assertInForce(older.entry.keyId, before, keyHistory);
      vouched += assertAuthority(key, older)
        ? ', in place of one that vouched for it'
        : ', by an administrator in place of another';
      key = older;
    }
    return (
      `Key ${submitter.keyId} was in force: registered for this source at index ${registered.index} ` +
      `(${vouched}), and the bundle shows no revocation before index ${index}. A bundle cannot prove that none was left out; the ledger can tell.`
    );
  });
}

/** It stands in the tree of the bundle's checkpoint, and is about a key of the source that the version is of. */
function assertShown({ entry, index, proof }: KeyHistoryItem, source: string, { checkpoint }: Subject): void {
  onRefusal(
    () => verifyInclusion(index, checkpoint.size, leafHash(formatEntry(entry)), proof, checkpoint.root),
    (cause) => {
      throw new VerifyError('SUBMITTER_KEY_HISTORY', `the key entry shown for index ${index} is not in the log there`, {
        cause,
      });
    },
  );
  if (entry.source !== source) {
    throw new VerifyError('SUBMITTER_KEY_SOURCE', `key ${entry.keyId} is a key of another source`);
  }
}

function registrationOf(keyId: string, before: bigint, history: readonly KeyHistoryItem[]): Registered {
  const found = history.find((item): item is Registered => item.entry.keyId === keyId && item.entry.jwk !== undefined);
  if (found === undefined) {
    throw new VerifyError('SUBMITTER_KEY_UNREGISTERED', `no entry shown registers key ${keyId}`);
  }
  if (found.index >= before) {
    throw new VerifyError(
      'SUBMITTER_KEY_TOO_LATE',
      `key ${keyId} was registered at index ${found.index}, after it was used at index ${before}`,
    );
  }
  return found;
}

/** No entry that is shown ends the key before `index`. */
function assertInForce(keyId: string, index: bigint, history: readonly KeyHistoryItem[]): void {
  const ended = history.find(
    (item) =>
      item.index < index &&
      (item.entry.replaces === keyId || (item.entry.keyId === keyId && item.entry.action === 'revoke')),
  );
  if (ended === undefined) return;
  const how = ended.entry.action === 'revoke' ? 'revoked' : 'replaced';
  throw new VerifyError(
    'SUBMITTER_KEY_REVOKED',
    `key ${keyId} was ${how} at index ${ended.index}, before it was used at index ${index}`,
  );
}

function hasPossession({ entry }: Registered): boolean {
  if (entry.possession === undefined) return false;
  return signed(entry, entry.possession, entry.jwk);
}

/** False when an administrator replaced the key in the source's place. */
function assertAuthority({ entry }: Registered, older: Registered): boolean {
  return entry.authority === undefined ? false : signed(entry, entry.authority, older.entry.jwk);
}

function signed(entry: KeyEntry, jws: string, jwk: Jwk): boolean {
  onRefusal(
    () => verifyDetachedJws(jws, keyStatementBytes(entry), jwk),
    (cause) => {
      throw new VerifyError(
        'SUBMITTER_KEY_HISTORY',
        `the ${entry.action} of key ${entry.keyId} is not signed by ${jwkThumbprint(jwk)}, as it says`,
        { cause },
      );
    },
  );
  return true;
}
