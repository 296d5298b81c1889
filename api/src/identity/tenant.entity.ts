import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** The legal custodian of records. */
@Entity('tenant')
export class Tenant {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
