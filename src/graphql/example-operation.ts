/** The operation that Apollo Sandbox opens with. */
export const example = `# Patients and their medical records, from both clouds in one operation.
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
`;
