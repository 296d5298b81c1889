import { Module } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { KeyProvider } from '../platform/keys/key-provider.port.ts';
import { AccessModule } from './access/access.module.ts';
import { BreakGlassController } from './http/break-glass.controller.ts';
import { ResourceMetadataController } from './http/resource-metadata.controller.ts';
import { SourcesController } from './http/sources.controller.ts';
import { TenantsController } from './http/tenants.controller.ts';
import { SubjectRefs } from './subject-refs.ts';

@Module({
  imports: [AccessModule],
  controllers: [SourcesController, TenantsController, BreakGlassController, ResourceMetadataController],
  providers: [
    {
      provide: SubjectRefs,
      useFactory: (database: DataSource, keys: KeyProvider) => new SubjectRefs(database, keys),
      inject: [getDataSourceToken(), KeyProvider],
    },
  ],
  exports: [SubjectRefs],
})
export class IdentityModule {}
