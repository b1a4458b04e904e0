/** Operations that the explorer opens with, and Apollo Sandbox with the first of them. */
export const examples = [
  {
    name: 'Both clouds',
    query: `# Patients and their medical records, from both clouds in one operation.
query BothClouds {
  azure: patients(source: AZURE, first: 3) {
    nodes { ...PatientWithRecords }
  }
  gcp: patients(source: GCP, first: 3) {
    nodes { ...PatientWithRecords }
  }
}

fragment PatientWithRecords on Patient {
  key
  source
  firstName
  lastName
  records { nodes { diagnosis treatment admissionDate dischargeDate } }
}
`,
  },
  {
    name: 'One patient',
    query: `# The same patient as each cloud has it: "key" is the same, "id" is not.
query OnePatient($key: Int!) {
  azure: patient(source: AZURE, key: $key) { ...Everything }
  gcp: patient(source: GCP, key: $key) { ...Everything }
}

fragment Everything on Patient {
  id
  key
  source
  firstName
  lastName
  dateOfBirth
  gender
  contactNumber
  records { nodes { key diagnosis } }
}
`,
    variables: JSON.stringify({ key: 1 }, null, 2),
  },
  {
    name: 'Next page',
    query: `# Pass pageInfo.endCursor as "after" to get the next page.
query Records($after: String) {
  medicalRecords(source: GCP, first: 5, after: $after) {
    edges { cursor node { diagnosis admissionDate patient { firstName lastName } } }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  },
  {
    name: 'Create a patient',
    query: `mutation CreatePatient($input: CreatePatientInput!) {
  createPatient(source: AZURE, input: $input) {
    patient { id key firstName lastName dateOfBirth gender contactNumber }
  }
}
`,
    variables: JSON.stringify(
      { input: { firstName: 'Ada', lastName: 'Exampleton', dateOfBirth: '1990-02-28', gender: 'FEMALE' } },
      null,
      2,
    ),
  },
  {
    name: 'Sources',
    query: `# How both databases are right now.
query Sources {
  sources { source state latencyMs serverVersion tlsVersion migration maxConnections }
}
`,
  },
] as const;
