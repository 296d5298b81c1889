import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A record system of a tenant. Its `id` is random and stands in the log; its `name` stands only here and in commitments. */
@Entity('source')
export class Source {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  name!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
