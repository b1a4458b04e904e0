import { GraphQLLocalDate } from 'graphql-scalars';
import { Field, InputType, Int } from 'type-graphql';

@InputType({ description: 'A medical record to be added to a patient.' })
export class AddMedicalRecordInput {
  @Field(() => Int, { description: 'Key of the patient, who must exist in the same source.' })
  patientKey!: number;

  @Field(() => String, { description: 'What was found, at most 100 characters.' })
  diagnosis!: string;

  @Field(() => String, { nullable: true, description: 'What was done about it, at most 200 characters.' })
  treatment?: string | null;

  @Field(() => GraphQLLocalDate, { description: 'Day of admission.' })
  admissionDate!: string;

  @Field(() => GraphQLLocalDate, { nullable: true, description: 'Day of discharge, not before admission.' })
  dischargeDate?: string | null;
}
