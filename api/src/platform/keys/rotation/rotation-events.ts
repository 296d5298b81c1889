// What becomes of a key rotation, as events of the access log, each in the transaction that changes its row.
import { type AccessLog, type RequestAccess } from '../../auth/access-log.port.ts';
import { recordUnattended, type Unattended } from '../../auth/unattended.ts';
import { type RotationState, type RotationWithin } from './rotation-store.port.ts';

const TYPES: Readonly<Record<RotationState, string>> = {
  running: 'key-rotation',
  finished: 'key-rotation/finish',
  stopped: 'key-rotation/stop',
};

/** @param by who asked for it: its end is theirs too, however long it takes */
export function rotationWithin(log: AccessLog, by: RequestAccess | Unattended): RotationWithin {
  return async (transaction, { id, state }) => {
    const entity = { type: TYPES[state], id: id.toString() };
    if ('tenantId' in by) await log.recordWithin(transaction, { ...by, outcome: 'success', entity });
    else await recordUnattended(log, transaction, by, entity);
  };
}
