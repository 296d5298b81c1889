import { type AccessEvent } from '../platform/auth/access-log.port.ts';

/** An event of signing in, of a token or of administration: what such events never have is left out by the caller. */
export function accessEvent(
  facts: Pick<AccessEvent, 'action' | 'outcome'> & Partial<Omit<AccessEvent, 'action' | 'outcome'>>,
): AccessEvent {
  return {
    caller: null,
    tenantId: null,
    decision: null,
    entity: null,
    purposeOfUse: null,
    breakGlass: null,
    address: null,
    requestId: null,
    ...facts,
  };
}
