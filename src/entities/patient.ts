import { Collection } from '@mikro-orm/core';
import { Entity, Enum, Index, OneToMany, Property } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType } from 'type-graphql';
import { claim } from '../access/permission.ts';
import { LocalDate } from '../scalars/local-date.ts';
import { Gender } from './gender.ts';
import { MedicalRecord } from './medical-record.ts';
import { SourceRow } from './source-row.ts';
import { Table } from './table.ts';

@Entity({ tableName: 'patients' })
@Index({ name: 'patients_last_name_first_name_index', properties: ['lastName', 'firstName'] })
@Index({ name: 'patients_date_of_birth_index', properties: ['dateOfBirth'] })
@Table<Patient>({
  many: 'patients',
  auditKeys: true,
  creates: { records: 'record' },
  notBlank: ['firstName', 'lastName', 'contactNumber'],
  deleteDescription:
    'Deletes a patient who has no medical records; for one who has, the error is REFERENCED.',
  permissions: {
    doctor: {
      read: { rows: { records: { some: { doctor: { licenceNumber: { eq: claim('licence') } } } } } },
    },
    analyst: { read: { columns: ['dateOfBirth', 'gender'] } },
  },
})
@ObjectType({ simpleResolvers: true, description: 'A person under care.' })
export class Patient extends SourceRow {
  @Property({ type: 'string', length: 50 })
  @Field(() => String, { description: 'Given name, at most 50 characters.' })
  firstName!: string;

  @Property({ type: 'string', length: 50 })
  @Field(() => String, { description: 'Family name, at most 50 characters.' })
  lastName!: string;

  @Property({ type: 'date' })
  @Field(() => LocalDate, { description: 'Day of birth.' })
  dateOfBirth!: string;

  @Enum({ items: () => Gender })
  @Field(() => Gender, { description: 'Administrative gender.' })
  gender!: Gender;

  @Property({ type: 'string', length: 20, nullable: true })
  @Field(() => String, { nullable: true, description: 'Telephone number, at most 20 characters.' })
  contactNumber?: string | null;

  @OneToMany({
    entity: () => MedicalRecord,
    mappedBy: 'patient',
    orderBy: { admissionDate: 'asc', key: 'asc' },
  })
  @Field(() => [MedicalRecord], {
    description: 'Medical records, by day of admission, oldest first.',
  })
  records = new Collection<MedicalRecord>(this);
}
