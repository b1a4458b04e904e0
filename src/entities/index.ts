import { Doctor } from './doctor.ts';
import { MedicalRecord } from './medical-record.ts';
import { Patient } from './patient.ts';

/** Every table's entity, parents before children. A new table is added here. */
export const entities = [Patient, Doctor, MedicalRecord] as const;
