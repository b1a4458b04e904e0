import { Check, Entity, Index, ManyToOne, Property } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType } from 'type-graphql';
import { claim } from '../access/permission.ts';
import { LocalDate } from '../scalars/local-date.ts';
import { Doctor } from './doctor.ts';
import { Patient } from './patient.ts';
import { SourceRow } from './source-row.ts';
import { Table } from './table.ts';

@Entity({ tableName: 'medical_records' })
@Index({ name: 'medical_records_patient_id_admission_date_index', properties: ['patient', 'admissionDate'] })
@Index({ name: 'medical_records_doctor_id_admission_date_index', properties: ['doctor', 'admissionDate'] })
@Index({ name: 'medical_records_admission_date_index', properties: ['admissionDate'] })
@Check({
  name: 'medical_records_discharge_date_check',
  expression: 'discharge_date is null or discharge_date >= admission_date',
})
@Table<MedicalRecord>({
  many: 'medicalRecords',
  auditKeys: true,
  addedTo: 'patient',
  notBlank: ['diagnosis', 'treatment'],
  permissions: {
    doctor: {
      read: { rows: { doctor: { licenceNumber: { eq: claim('licence') } } } },
      create: true,
      update: { columns: ['diagnosis', 'treatment', 'dischargeDate'] },
    },
    analyst: { read: { columns: ['patient', 'doctor', 'diagnosis', 'admissionDate', 'dischargeDate'] } },
  },
})
@ObjectType({ simpleResolvers: true, description: 'One stay or treatment of a patient.' })
export class MedicalRecord extends SourceRow {
  // RESTRICT: a medical record is evidence and must not vanish because its patient's row was deleted.
  @ManyToOne({
    entity: () => Patient,
    fieldName: 'patient_id',
    foreignKeyName: 'medical_records_patient_id_foreign',
    index: false,
    deleteRule: 'restrict',
    updateRule: 'restrict',
  })
  @Field(() => Patient, { description: 'The patient whom this record is about.' })
  patient!: Patient;

  @Property({ type: 'string', length: 100 })
  @Field(() => String, { description: 'What was found, at most 100 characters.' })
  diagnosis!: string;

  @Property({ type: 'string', length: 200, nullable: true })
  @Field(() => String, { nullable: true, description: 'What was done about it, at most 200 characters.' })
  treatment?: string | null;

  @Property({ type: 'date' })
  @Field(() => LocalDate, { description: 'Day of admission.' })
  admissionDate!: string;

  @Property({ type: 'date', nullable: true })
  @Field(() => LocalDate, {
    nullable: true,
    description: 'Day of discharge, never before admission; null while the stay lasts.',
  })
  dischargeDate?: string | null;

  // The last column, where the migration added it: MySQL then need not copy the table. Null where no doctor has been
  // named yet. RESTRICT, as for the patient: who answers for a record is part of the evidence.
  @ManyToOne({
    entity: () => Doctor,
    fieldName: 'doctor_id',
    foreignKeyName: 'medical_records_doctor_id_foreign',
    index: false,
    nullable: true,
    deleteRule: 'restrict',
    updateRule: 'restrict',
  })
  @Field(() => Doctor, {
    nullable: true,
    description: 'The doctor who answers for it; null where none is named.',
  })
  doctor?: Doctor | null;
}
