export { IdentityModule } from './identity.module.ts';
export { SourcesService } from './sources.service.ts';
export { TenantsService } from './tenants.service.ts';
export { Gate } from './access/gate.ts';
export { LineGate } from './access/line-gate.ts';
export { newClientSchema, scopesOf, type NewClient } from './clients/client.rules.ts';
export { ClientsService } from './clients/clients.service.ts';
export { findTenant } from './clients/tenants.ts';
export { issuerOf } from './issuer/provider.ts';
