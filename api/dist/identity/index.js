export { IdentityModule } from './identity.module.js';
export { SourcesService } from './sources.service.js';
//# sourceMappingURL=index.js.map