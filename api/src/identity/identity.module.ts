import { Module } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { SourcesService } from './sources.service.ts';

@Module({
  providers: [
    {
      provide: SourcesService,
      useFactory: (database: DataSource) => new SourcesService(database),
      inject: [getDataSourceToken()],
    },
  ],
  exports: [SourcesService],
})
export class IdentityModule {}
