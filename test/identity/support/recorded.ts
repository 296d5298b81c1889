// An access log that can be looked at, until the real one is wired: it keeps what was written, in order.

import { AccessLog, type AccessEvent } from '../../../api/src/platform/auth/access-log.port.ts';

export class RecordedAccess extends AccessLog {
  readonly events: AccessEvent[] = [];

  override async record(event: AccessEvent): Promise<void> {
    this.events.push(event);
  }

  override async recordWithin(_transaction: unknown, event: AccessEvent): Promise<void> {
    this.events.push(event);
  }

  words(): readonly string[] {
    return this.events.map(
      ({ action, outcome, entity }) =>
        `${action} ${outcome} ${entity !== null && 'type' in entity ? entity.type : '-'}`,
    );
  }
}
