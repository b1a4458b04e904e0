import { MedicalRecord } from '../../entities/medical-record.ts';
import { inputOf } from './input.ts';

export const AddMedicalRecordInput = inputOf(MedicalRecord, 'AddMedicalRecordInput', {
  description: 'A medical record to be added to a patient.',
});

export const UpdateMedicalRecordInput = inputOf(MedicalRecord, 'UpdateMedicalRecordInput', {
  description: 'Fields of a medical record. One that is left out is not meant; null means null.',
  optional: true,
});
