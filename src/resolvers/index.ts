import { MedicalRecordResolver } from './medical-record.ts';
import { PatientResolver } from './patient.ts';
import { SourceResolver } from './source.ts';

/** Every resolver. A new one is added here. */
export const resolvers = [PatientResolver, MedicalRecordResolver, SourceResolver] as const;
