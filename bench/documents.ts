import { createdLastName, type Parameters, type WorkloadName } from './workloads.ts';

/** The fields of each workload, in the order in which every contestant answers them. */
export const patientFields = 'key firstName lastName dateOfBirth gender';
export const recordFields = 'diagnosis treatment admissionDate dischargeDate';

const nodes = `nodes { ${patientFields} records { ${recordFields} } }`;

const page = (source: string, first = 20) => `patients(source: ${source}, first: ${first}, after: $after)`;

/** Tandem's documents. Its cursors are opaque, so `$after` is a string that Tandem itself made. */
export const tandemDocuments: Readonly<Record<WorkloadName, string>> = {
  ...documents('String'),
  w6: `query W6($prefix: String!) { patients(source: AZURE, where: { lastName: { startsWith: $prefix } }, orderBy: [{ dateOfBirth: ASC }], first: 20) { totalCount nodes { ${patientFields} } } }`,
};

/** Documents of the contestants that we wrote: the same fields, and a page starts after a key. */
export const plainDocuments: Readonly<Record<WorkloadName, string>> = {
  ...documents('Int'),
  w6: `query W6($prefix: String!) { patientsNamed(source: AZURE, prefix: $prefix, first: 20) { totalCount nodes { ${patientFields} } } }`,
};

function documents(cursor: 'String' | 'Int'): Record<Exclude<WorkloadName, 'w6'>, string> {
  return {
    w1: `query W1($after: ${cursor}) { ${page('AZURE')} { ${nodes} } }`,
    w2: `query W2($key: Int!) { patient(source: AZURE, key: $key) { ${patientFields} records { ${recordFields} } } }`,
    w3: `query W3($after: ${cursor}) { azure: ${page('AZURE')} { ${nodes} } gcp: ${page('GCP')} { ${nodes} } }`,
    w4: `query W4($after: ${cursor}) { ${page('AZURE', 200)} { nodes { ${patientFields} contactNumber } } }`,
    w5: `mutation W5($input: CreatePatientInput!) { createPatient(source: AZURE, input: $input) { patient { ${patientFields} } } }`,
  };
}

/** W1 with another number of patients. */
export function pageDocument(cursor: 'String' | 'Int', first: number): string {
  return `query Page($after: ${cursor}) { ${page('AZURE', first)} { ${nodes} } }`;
}

/** Variables of a workload's document; `cursorOf` turns a key into what `$after` takes. */
export function variablesOf(
  workload: WorkloadName,
  { key, prefix }: Parameters,
  cursorOf: (key: number) => unknown,
): Record<string, unknown> {
  switch (workload) {
    case 'w1':
    case 'w3':
    case 'w4':
      return { after: cursorOf(key) };
    case 'w2':
      return { key };
    case 'w5':
      return { input: createdPatient(key) };
    case 'w6':
      return { prefix };
  }
}

function createdPatient(key: number) {
  return {
    firstName: `Created ${key}`,
    lastName: createdLastName,
    dateOfBirth: '1970-01-01',
    gender: 'OTHER',
    contactNumber: null,
  };
}
