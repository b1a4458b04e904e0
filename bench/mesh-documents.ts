import type { Request } from './contestant.ts';
import type { Parameters, WorkloadName } from './workloads.ts';

// Mesh's API is the tables': other names, and conditions as texts. An alias would reach its SQL as a column.
const patientFields = 'id first_name last_name date_of_birth gender';
const recordFields = 'diagnosis treatment admission_date discharge_date';
const withRecords = `${patientFields} medical_records(orderBy: { admission_date: asc }) { ${recordFields} }`;

/**
 * A workload as Mesh's API spells it. None for W5, after which it reads another row than it wrote, none for W6,
 * since it orders by columns in the order in which the table has them, and none for the later ones.
 */
export function meshRequest(workload: WorkloadName, { key, first }: Parameters): Request | null {
  const page = (source: string, fields: string) =>
    `${source}_patients(where: { id: $id }, orderBy: { id: asc }, limit: ${first}) { ${fields} }`;
  const after = { id: `>${key}` };
  switch (workload) {
    case 'w1':
      return request(`query W1($id: String!) { ${page('AZURE', withRecords)} }`, after);
    case 'w2':
      return request(`query W2($id: String!) { AZURE_patients(where: { id: $id }) { ${withRecords} } }`, {
        id: String(key),
      });
    case 'w3':
      return request(
        `query W3($id: String!) { ${page('AZURE', withRecords)} ${page('GCP', withRecords)} }`,
        after,
      );
    case 'w4':
      return request(`query W4($id: String!) { ${page('AZURE', `${patientFields} contact_number`)} }`, after);
    default:
      return null;
  }
}

/** An answer's data with the names and the nesting that the others have. */
export function fromMesh(workload: WorkloadName, data: Record<string, unknown>): unknown {
  const renamed = rename(data) as Record<string, unknown>;
  const { AZURE_patients: azure, GCP_patients: gcp } = renamed;
  switch (workload) {
    case 'w2':
      return { patient: (azure as unknown[])[0] };
    case 'w3':
      return { azure: { nodes: azure }, gcp: { nodes: gcp } };
    default:
      return { patients: { nodes: azure } };
  }
}

const request = (query: string, variables: unknown): Request => ({
  path: '/graphql',
  body: JSON.stringify({ query, variables }),
});

function rename(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rename);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [toProperty(name), rename(inner)]));
}

function toProperty(column: string): string {
  if (column === 'id') return 'key';
  if (column === 'medical_records') return 'records';
  // Root fields begin with the source's name in capitals; columns do not.
  return /^[A-Z]/.test(column)
    ? column
    : column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
