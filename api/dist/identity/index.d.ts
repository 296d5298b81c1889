export { IdentityModule } from './identity.module.ts';
export { SourcesService } from './sources.service.ts';
