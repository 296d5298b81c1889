import { Module } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { KeyProvider } from '../platform/keys/key-provider.port.ts';
import { SourcesService } from './sources.service.ts';
import { SubjectRefs } from './subject-refs.ts';

@Module({
  providers: [
    {
      provide: SourcesService,
      useFactory: (database: DataSource) => new SourcesService(database),
      inject: [getDataSourceToken()],
    },
    {
      provide: SubjectRefs,
      useFactory: (database: DataSource, keys: KeyProvider) => new SubjectRefs(database, keys),
      inject: [getDataSourceToken(), KeyProvider],
    },
  ],
  exports: [SourcesService, SubjectRefs],
})
export class IdentityModule {}
