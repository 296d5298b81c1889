import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What a source is in its own world; `other` when nobody has said. */
export const SOURCE_KINDS = ['fhir', 'hl7v2', 'dicom', 'other'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** A record system of a tenant. Its `id` is random and stands in the log; its `name` stands only here and in commitments. */
@Entity('source')
export class Source {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  name!: string;

  @Column('text')
  kind!: SourceKind;

  /** Base URL of a FHIR server, sending facility of HL7 v2 (MSH-4), AE title of DICOM; null when nobody has said. */
  @Column('text', { nullable: true })
  address!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
