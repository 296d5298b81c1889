import { AccessLog } from '../../platform/auth/access-log.port.ts';

/** Records nothing: in place of the access log where none is wired. */
export class UnrecordedAccess extends AccessLog {
  async record(): Promise<void> {}

  async recordWithin(): Promise<void> {}
}
