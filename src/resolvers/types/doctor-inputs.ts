import { Doctor } from '../../entities/doctor.ts';
import { inputOf } from './input.ts';

export const CreateDoctorInput = inputOf(Doctor, 'CreateDoctorInput', {
  description: 'A doctor to be created.',
});

export const UpdateDoctorInput = inputOf(Doctor, 'UpdateDoctorInput', {
  description: 'Fields of a doctor. One that is left out is not meant; null means null.',
  optional: true,
});
