import { GraphQLLocalDate } from 'graphql-scalars';
import { Field, InputType } from 'type-graphql';
import { Gender } from '../../entities/gender.ts';

@InputType({ description: 'A patient to be created.' })
export class CreatePatientInput {
  @Field(() => String, { description: 'Given name, at most 50 characters.' })
  firstName!: string;

  @Field(() => String, { description: 'Family name, at most 50 characters.' })
  lastName!: string;

  @Field(() => GraphQLLocalDate, { description: 'Day of birth.' })
  dateOfBirth!: string;

  @Field(() => Gender, { description: 'Administrative gender.' })
  gender!: Gender;

  @Field(() => String, { nullable: true, description: 'Telephone number, at most 20 characters.' })
  contactNumber?: string | null;
}
