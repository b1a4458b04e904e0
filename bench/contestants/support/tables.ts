import { date, int, mysqlEnum, mysqlTable, varchar } from 'drizzle-orm/mysql-core';

/** The two tables as Drizzle describes them. */
export const patients = mysqlTable('patients', {
  key: int('id').autoincrement().primaryKey(),
  firstName: varchar('first_name', { length: 50 }).notNull(),
  lastName: varchar('last_name', { length: 50 }).notNull(),
  dateOfBirth: date('date_of_birth', { mode: 'string' }).notNull(),
  gender: mysqlEnum('gender', ['FEMALE', 'MALE', 'OTHER', 'UNKNOWN']).notNull(),
  contactNumber: varchar('contact_number', { length: 20 }),
});

export const medicalRecords = mysqlTable('medical_records', {
  key: int('id').autoincrement().primaryKey(),
  patient: int('patient_id').notNull(),
  diagnosis: varchar('diagnosis', { length: 100 }).notNull(),
  treatment: varchar('treatment', { length: 200 }),
  admissionDate: date('admission_date', { mode: 'string' }).notNull(),
  dischargeDate: date('discharge_date', { mode: 'string' }),
});
