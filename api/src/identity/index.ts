export { IdentityModule } from './identity.module.ts';
export { SourceKeysModule } from './source-keys.module.ts';
export { SourcesService } from './sources.service.ts';
