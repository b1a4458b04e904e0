import { registerEnumType } from 'type-graphql';

/**
 * Administrative gender, after HL7 FHIR's value set: https://hl7.org/fhir/valueset-administrative-gender.html
 */
export const Gender = { FEMALE: 'FEMALE', MALE: 'MALE', OTHER: 'OTHER', UNKNOWN: 'UNKNOWN' } as const;

export type Gender = (typeof Gender)[keyof typeof Gender];

registerEnumType(Gender, {
  name: 'Gender',
  description: 'Administrative gender.',
  valuesConfig: {
    OTHER: { description: 'Neither female nor male.' },
    UNKNOWN: { description: 'Not recorded.' },
  },
});
