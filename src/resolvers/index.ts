import { DoctorResolver } from './doctor.ts';
import { DoctorMutations } from './doctor-mutations.ts';
import { DriftResolver } from './drift.ts';
import { ErdResolver } from './erd.ts';
import { MedicalRecordResolver } from './medical-record.ts';
import { MedicalRecordMutations } from './medical-record-mutations.ts';
import { NodeResolver } from './node.ts';
import { PatientResolver } from './patient.ts';
import { PatientMutations } from './patient-mutations.ts';
import { SourceResolver } from './source.ts';

/** Every resolver. A new one is added here. */
export const resolvers = [
  PatientResolver,
  PatientMutations,
  DoctorResolver,
  DoctorMutations,
  MedicalRecordResolver,
  MedicalRecordMutations,
  NodeResolver,
  SourceResolver,
  DriftResolver,
  ErdResolver,
] as const;
