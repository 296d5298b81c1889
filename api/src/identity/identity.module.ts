import { Inject, Module } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { POOL, type Pool } from '../platform/database/pool.ts';
import { KeyProvider } from '../platform/keys/key-provider.port.ts';
import { RotationTargets } from '../platform/keys/rotation/rotation-targets.ts';
import { AccessModule } from './access/access.module.ts';
import { BREAK_GLASS_REASON_COLUMN } from './access/break-glass-reason.ts';
import { SECOND_FACTOR_COLUMN } from './accounts/second-factor.ts';
import { BreakGlassController } from './http/break-glass.controller.ts';
import { ResourceMetadataController } from './http/resource-metadata.controller.ts';
import { SourcesController } from './http/sources.controller.ts';
import { TenantsController } from './http/tenants.controller.ts';
import { SubjectKeyTarget } from './subject-key-target.pg.ts';
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
export class IdentityModule {
  constructor(@Inject(RotationTargets) targets: RotationTargets, @Inject(POOL) pool: Pool) {
    targets.add(new SubjectKeyTarget(pool));
    // Also where the embedded issuer is switched off: the accounts stay, and may be wanted again.
    targets.addColumn({ ...SECOND_FACTOR_COLUMN, id: 'id' });
    targets.addColumn({ ...BREAK_GLASS_REASON_COLUMN, id: 'id' });
  }
}
