import { createdLastName, type Parameters, type WorkloadName } from './workloads.ts';

// The same fields for everybody, in the order in which answers are compared.
const patientFields = 'key firstName lastName dateOfBirth gender';
const recordFields = 'diagnosis treatment admissionDate dischargeDate';
const records = `{ ${recordFields} }`;
const page = `{ nodes ${records} }`;

/** Tandem's document. Its cursors are opaque, so `$after` is a text that Tandem itself made; its lists are pages. */
export function tandemDocument(workload: WorkloadName, first: number): string {
  if (workload !== 'w6') return documentOf(workload, first, { cursor: 'String', list: page });
  const narrowed = 'where: { lastName: { startsWith: $prefix } }, orderBy: [{ dateOfBirth: ASC }]';
  return `query W6($prefix: String!) { patients(source: AZURE, ${narrowed}, first: ${first}) { totalCount nodes { ${patientFields} } } }`;
}

/** The document for the servers that we wrote: the same fields, and a page starts after a key. */
export function plainDocument(workload: WorkloadName, first: number): string {
  if (workload !== 'w6') return documentOf(workload, first, { cursor: 'Int', list: records });
  return `query W6($prefix: String!) { patientsNamed(source: AZURE, prefix: $prefix, first: ${first}) { totalCount nodes { ${patientFields} } } }`;
}

function documentOf(
  workload: Exclude<WorkloadName, 'w6'>,
  first: number,
  { cursor, list }: { readonly cursor: 'String' | 'Int'; readonly list: string },
): string {
  const withRecords = `${patientFields} records ${list}`;
  const pageOf = (source: string, fields: string) =>
    `patients(source: ${source}, first: ${first}, after: $after) { nodes { ${fields} } }`;
  switch (workload) {
    case 'w1':
      return `query W1($after: ${cursor}) { ${pageOf('AZURE', withRecords)} }`;
    case 'w2':
      return `query W2($key: Int!) { patient(source: AZURE, key: $key) { ${withRecords} } }`;
    case 'w3':
      return `query W3($after: ${cursor}) { azure: ${pageOf('AZURE', withRecords)} gcp: ${pageOf('GCP', withRecords)} }`;
    case 'w4':
      return `query W4($after: ${cursor}) { ${pageOf('AZURE', `${patientFields} contactNumber`)} }`;
    case 'w5':
      return `mutation W5($input: CreatePatientInput!) { createPatient(source: AZURE, input: $input) { patient { ${patientFields} } } }`;
  }
}

/** Tandem's data as the others answer it: the rows of a list are the list. */
export function fromTandem(_workload: WorkloadName, data: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(data), (name, value) => (name === 'records' ? value.nodes : value));
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
