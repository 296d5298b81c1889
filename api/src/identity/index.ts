export { IdentityModule } from './identity.module.ts';
export { SourcesService } from './sources.service.ts';
export { TenantsService } from './tenants.service.ts';
export { Gate } from './access/gate.ts';
export { LineGate } from './access/line-gate.ts';
