import { MedicalRecord } from '../../entities/medical-record.ts';
import { Patient } from '../../entities/patient.ts';
import { inputOf } from './input.ts';

const CreatePatientRecordInput = inputOf(MedicalRecord, 'CreatePatientRecordInput', {
  description: 'A medical record to be created with its patient.',
  without: ['patient'],
});

export const CreatePatientInput = inputOf(Patient, 'CreatePatientInput', {
  description: 'A patient to be created, with medical records or without.',
  children: { records: CreatePatientRecordInput },
});

export const UpdatePatientInput = inputOf(Patient, 'UpdatePatientInput', {
  description: 'Fields of a patient. One that is left out is not meant; null means null.',
  optional: true,
});
