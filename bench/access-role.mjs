// Loaded into Tandem's process before its own code: gives a role the tables of the workloads, and a row rule of one column that every
// row of theirs meets, so that what is measured is the rule and not fewer rows. Plain JavaScript, since `dist` has no loader.
import 'reflect-metadata';
import { claim } from '../dist/src/access/permission.js';
import { Doctor } from '../dist/src/entities/doctor.js';
import { MedicalRecord } from '../dist/src/entities/medical-record.js';
import { Patient } from '../dist/src/entities/patient.js';
import { tableOf } from '../dist/src/entities/table.js';

const rows = { lastName: { ne: claim('family') } };
tableOf(Patient).permissions.operator = { read: { rows }, create: true, update: true };
for (const entity of [Doctor, MedicalRecord]) {
  const table = tableOf(entity);
  if (table.permissions !== undefined) table.permissions.operator = { read: true };
}
