// A reason for breaking the glass: people write names and diagnoses into it. It is stored encrypted; the access log, whose events
// are never changed, has a salted commitment, which whoever may read the reason can open.
import { randomBytes, randomUUID } from 'node:crypto';
import { breakGlassCommitment } from '@medanchor/verifier';
import { FieldDamagedError, type FieldCipher } from '../../platform/keys/field-cipher.ts';

/** Where it is stored; its row is the reason's own id. */
export const BREAK_GLASS_REASON_COLUMN = { table: 'break_glass_reason', column: 'sealed' } as const;

const SALT_LENGTH = 32;

/** As it is written to the database. */
export interface SealedReason {
  readonly id: string;
  readonly sealed: string;
  /** 32 octets. */
  readonly commitment: Uint8Array;
}

export interface OpenedReason {
  readonly reason: string;
  /** 32 octets. */
  readonly salt: Uint8Array;
}

/** @throws {DomainError} `unavailable` when the key service cannot be reached */
export async function sealReason(fields: FieldCipher, reason: string): Promise<SealedReason> {
  const id = randomUUID();
  const salt = randomBytes(SALT_LENGTH);
  const sealed = await fields.encrypt(placeOf(id), salt.toString('base64url') + reason);
  return { id, sealed, commitment: breakGlassCommitment(salt, reason) };
}

/**
 * Null when it cannot be opened, or is not what the commitment was made of.
 *
 * @throws {DomainError} `unavailable` when the key service cannot be reached
 */
export async function openReason(
  fields: FieldCipher,
  { id, sealed, commitment }: SealedReason,
): Promise<OpenedReason | null> {
  const opened = await fields.decrypt(placeOf(id), sealed).catch((error: unknown) => {
    if (error instanceof FieldDamagedError) return '';
    throw error;
  });
  const length = Math.ceil((SALT_LENGTH * 4) / 3);
  const salt = Buffer.from(opened.slice(0, length), 'base64url');
  const reason = opened.slice(length);
  return Buffer.from(breakGlassCommitment(salt, reason)).equals(commitment) ? { reason, salt } : null;
}

function placeOf(row: string): { table: string; column: string; row: string } {
  return { ...BREAK_GLASS_REASON_COLUMN, row };
}
