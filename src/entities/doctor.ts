import { Collection } from '@mikro-orm/core';
import { Entity, Index, OneToMany, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType } from 'type-graphql';
import { MedicalRecord } from './medical-record.ts';
import { SourceRow } from './source-row.ts';
import { Table } from './table.ts';

@Entity({ tableName: 'doctors' })
@Unique({ name: 'doctors_licence_number_unique', properties: ['licenceNumber'] })
@Index({ name: 'doctors_last_name_first_name_index', properties: ['lastName', 'firstName'] })
@Table<Doctor>({
  many: 'doctors',
  notBlank: ['firstName', 'lastName', 'specialty', 'licenceNumber'],
  deleteDescription:
    'Deletes a doctor who answers for no medical records; for one who does, the error is REFERENCED.',
  permissions: {
    doctor: { read: true },
    analyst: { read: { columns: ['specialty'] } },
  },
})
@ObjectType({ simpleResolvers: true, description: 'A person who treats patients.' })
export class Doctor extends SourceRow {
  @Property({ type: 'string', length: 50 })
  @Field(() => String, { description: 'Given name, at most 50 characters.' })
  firstName!: string;

  @Property({ type: 'string', length: 50 })
  @Field(() => String, { description: 'Family name, at most 50 characters.' })
  lastName!: string;

  @Property({ type: 'string', length: 50, nullable: true })
  @Field(() => String, { nullable: true, description: 'Field of medicine, at most 50 characters.' })
  specialty?: string | null;

  @Property({ type: 'string', length: 20 })
  @Field(() => String, { description: 'Number of the licence to practise, at most 20 characters, unique.' })
  licenceNumber!: string;

  @OneToMany({
    entity: () => MedicalRecord,
    mappedBy: 'doctor',
    orderBy: { admissionDate: 'asc', key: 'asc' },
  })
  @Field(() => [MedicalRecord], {
    description: 'Medical records that this doctor answers for, by day of admission, oldest first.',
  })
  records = new Collection<MedicalRecord>(this);
}
