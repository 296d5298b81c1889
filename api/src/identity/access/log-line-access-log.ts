// The access log where nothing better is wired: a line of the service's log for each event, with opaque ids only.
import { AccessLog, type AccessEvent, type Queryable } from '../../platform/auth/access-log.port.ts';
import { type Logger } from '../../platform/logger/logger.ts';

export class LogLineAccessLog extends AccessLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    super();
    this.#logger = logger;
  }

  async record({
    action,
    outcome,
    caller,
    tenantId,
    decision,
    entity,
    purposeOfUse,
    breakGlass,
    requestId,
  }: AccessEvent): Promise<void> {
    this.#logger.info(
      {
        action,
        outcome,
        issuer: caller?.issuer,
        subject: caller?.subject,
        client: caller?.clientId,
        tenant: tenantId,
        reasons: decision?.reasons,
        policyVersion: decision?.policyVersion,
        entity: entity === null || 'type' in entity ? entity : { source: entity.sourceId },
        purposeOfUse,
        // The reason itself may name a patient.
        breakGlass: breakGlass !== null,
        requestId,
      },
      'access',
    );
  }

  async recordWithin(_transaction: Queryable, event: AccessEvent): Promise<void> {
    await this.record(event);
  }
}
