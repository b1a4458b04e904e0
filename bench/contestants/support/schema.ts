/** The schema of the contestants that take one as text. */
export const typeDefinitions = `
  enum Source { AZURE GCP }
  enum Gender { FEMALE MALE OTHER UNKNOWN }
  type Patient {
    key: Int!
    firstName: String!
    lastName: String!
    dateOfBirth: String!
    gender: Gender!
    contactNumber: String
    records: [MedicalRecord!]!
  }
  type MedicalRecord {
    diagnosis: String!
    treatment: String
    admissionDate: String!
    dischargeDate: String
  }
  type PatientPage { nodes: [Patient!]! }
  type NamedPatients { totalCount: Int! nodes: [Patient!]! }
  input CreatePatientInput {
    firstName: String!
    lastName: String!
    dateOfBirth: String!
    gender: Gender!
    contactNumber: String
  }
  type CreatePatientPayload { patient: Patient! }
  type Query {
    patients(source: Source!, first: Int!, after: Int): PatientPage
    patient(source: Source!, key: Int!): Patient
    patientsNamed(source: Source!, prefix: String!, first: Int!): NamedPatients
  }
  type Mutation {
    createPatient(source: Source!, input: CreatePatientInput!): CreatePatientPayload
  }
`;
