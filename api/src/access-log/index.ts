// The access log's front door. Whoever records an event uses the port in platform/auth.
export { AccessLogModule } from './access-log.module.ts';
