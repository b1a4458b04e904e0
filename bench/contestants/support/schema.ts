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
    treated(first: Int!): [MedicalRecord!]!
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
  input UpdatePatientInput { contactNumber: String }
  type CreatePatientPayload { patient: Patient! }
  type CreatePatientsPayload { patients: [Patient!]! }
  type UpdatePatientPayload { patient: Patient! }
  type GenderGroup { gender: Gender! }
  type Oldest { dateOfBirth: String! }
  type PatientGroup { group: GenderGroup! count: Int! min: Oldest! }
  type Query {
    patients(source: Source!, first: Int!, after: Int): PatientPage
    patient(source: Source!, key: Int!): Patient
    patientsByGender(source: Source!, after: Int!): [PatientGroup!]
    patientsNamed(source: Source!, prefix: String!, first: Int!): NamedPatients
  }
  type Mutation {
    createPatient(source: Source!, input: CreatePatientInput!): CreatePatientPayload
    createPatients(source: Source!, inputs: [CreatePatientInput!]!): CreatePatientsPayload
    updatePatient(source: Source!, key: Int!, input: UpdatePatientInput!): UpdatePatientPayload
  }
`;
