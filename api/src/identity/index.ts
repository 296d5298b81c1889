export { IdentityModule } from './identity.module.ts';
export { SubjectRefs } from './subject-refs.ts';
export { SourcesService } from './sources.service.ts';
