import { Module } from '@nestjs/common';
import { AccessModule } from './access/access.module.ts';
import { BreakGlassController } from './http/break-glass.controller.ts';
import { ResourceMetadataController } from './http/resource-metadata.controller.ts';
import { SourcesController } from './http/sources.controller.ts';
import { TenantsController } from './http/tenants.controller.ts';

@Module({
  imports: [AccessModule],
  controllers: [SourcesController, TenantsController, BreakGlassController, ResourceMetadataController],
})
export class IdentityModule {}
