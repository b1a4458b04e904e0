import { createdLastName, type Parameters, type Spelling, type WorkloadName } from './workloads.ts';

// The same fields for everybody, in the order in which answers are compared.
const patientFields = 'key firstName lastName dateOfBirth gender';
const recordFields = 'diagnosis treatment admissionDate dischargeDate';
const records = `{ ${recordFields} }`;
const page = `{ nodes ${records} }`;

type Alone = Exclude<WorkloadName, 'w11'>;

/** What differs between the API of Tandem and those that we wrote. */
interface Dialect {
  /** The arguments of a page after `$after`, and the type of that variable. */
  readonly after: { readonly type: string; readonly argument: string };
  /** The selection of a patient's records. */
  readonly records: string;
  readonly treated: string;
  readonly named: (first: number) => string;
  readonly groups: string;
}

const treatedArguments =
  'first: 3, where: { treatment: { isNull: false } }, orderBy: [{ admissionDate: DESC }]';

/** Tandem's document. Its cursors are opaque, so `$after` is a text that Tandem itself made; its lists are pages. */
export function tandemDocument(workload: Alone, first: number, spelling: Spelling): string {
  const byKey = { type: 'Int', argument: 'where: { key: { gt: $after } }' };
  const byCursor = { type: 'String', argument: 'after: $after' };
  const dialect: Dialect = {
    after: spelling.pages === 'filter' ? byKey : byCursor,
    records: `records ${page}`,
    treated: `records(${treatedArguments}) ${page}`,
    named: (first) =>
      `patients(source: AZURE, where: { lastName: { startsWith: $prefix } }, orderBy: [{ dateOfBirth: ASC }], first: ${first})`,
    groups:
      'patientsAggregate(source: AZURE, where: { key: { gt: $key } }, groupBy: [gender]) { group { gender } count min { dateOfBirth } }',
  };
  return spelled(documentOf(workload, first, dialect), spelling);
}

/** The document for the servers that we wrote: the same fields, and a page starts after a key. */
export function plainDocument(workload: Alone, first: number, spelling: Spelling): string {
  const dialect: Dialect = {
    after: { type: 'Int', argument: 'after: $after' },
    records: `records ${records}`,
    treated: `treated(first: 3) ${records}`,
    named: (first) => `patientsNamed(source: AZURE, prefix: $prefix, first: ${first})`,
    groups: 'patientsByGender(source: AZURE, after: $key) { group { gender } count min { dateOfBirth } }',
  };
  return spelled(documentOf(workload, first, dialect), spelling);
}

function documentOf(
  workload: Alone,
  first: number,
  { after, records, treated, named, groups }: Dialect,
): string {
  const withRecords = `${patientFields} ${records}`;
  const pageOf = (source: string, fields: string) =>
    `patients(source: ${source}, first: ${first}, ${after.argument}) { nodes { ${fields} } }`;
  const name = workload.toUpperCase();
  switch (workload) {
    case 'w1':
      return `query ${name}($after: ${after.type}) { ${pageOf('AZURE', withRecords)} }`;
    case 'w2':
      return `query ${name}($key: Int!) { patient(source: AZURE, key: $key) { ${withRecords} } }`;
    case 'w3':
      return `query ${name}($after: ${after.type}) { azure: ${pageOf('AZURE', withRecords)} gcp: ${pageOf('GCP', withRecords)} }`;
    case 'w4':
      return `query ${name}($after: ${after.type}) { ${pageOf('AZURE', `${patientFields} contactNumber`)} }`;
    case 'w5':
      return `mutation ${name}($input: CreatePatientInput!) { createPatient(source: AZURE, input: $input) { patient { ${patientFields} } } }`;
    case 'w6':
      return `query ${name}($prefix: String!) { ${named(first)} { totalCount nodes { ${patientFields} } } }`;
    case 'w7':
      return `query ${name}($after: ${after.type}) { ${pageOf('AZURE', `${patientFields} ${treated}`)} }`;
    case 'w8':
      return `query ${name}($key: Int!) { ${groups} }`;
    case 'w9':
      return `mutation ${name}($key: Int!, $input: UpdatePatientInput!) { updatePatient(source: AZURE, key: $key, input: $input) { patient { ${patientFields} contactNumber } } }`;
    case 'w10':
      return `mutation ${name}($inputs: [CreatePatientInput!]!) { createPatients(source: AZURE, inputs: $inputs) { patients { ${patientFields} } } }`;
  }
}

/** The same with aliases and a fragment, as generated clients have them. */
function spelled(document: string, { aliases }: Spelling): string {
  if (!aliases || !document.includes(patientFields)) return document;
  const fragment = `fragment P on Patient { ${patientFields.replace('key', 'id: key')} }`;
  return `${document.replaceAll(patientFields, '...P')} ${fragment}`;
}

/** An answer's data without what the spelling brought in. */
export function withoutAliases(data: unknown): unknown {
  return rewritten(data, (row) => ('id' in row ? { key: row.id, ...without(row, 'id') } : row));
}

/** Tandem's data as the others answer it: the rows of a list are the list. */
export function fromTandem(_workload: WorkloadName, data: Record<string, unknown>): unknown {
  return rewritten(data, (row) =>
    'records' in row ? { ...row, records: (row.records as { nodes: unknown }).nodes } : row,
  );
}

/** The same with the name that the others have for a page of records. */
export function withTreated(data: unknown): unknown {
  return rewritten(data, (row) =>
    'treated' in row ? { ...without(row, 'treated'), records: row.treated } : row,
  );
}

function rewritten(value: unknown, change: (row: Record<string, unknown>) => unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_name, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? change(inner) : inner,
  );
}

function without(row: Record<string, unknown>, name: string): Record<string, unknown> {
  const { [name]: _left, ...rest } = row;
  return rest;
}

/** Variables of a workload's document; `afterOf` turns a key into what `$after` takes. */
export function variablesOf(
  workload: Alone,
  { key, prefix, first, spare }: Parameters,
  afterOf: (key: number) => unknown,
): Record<string, unknown> {
  switch (workload) {
    case 'w1':
    case 'w3':
    case 'w4':
    case 'w7':
      return { after: afterOf(key) };
    case 'w2':
    case 'w8':
      return { key };
    case 'w5':
      return { input: createdPatient(key) };
    case 'w6':
      return { prefix };
    case 'w9':
      return { key: spare, input: { contactNumber: `555-${key}` } };
    case 'w10':
      return { inputs: Array.from({ length: first }, (_, at) => createdPatient(key + at)) };
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
