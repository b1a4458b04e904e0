import type { Contestant } from './contestant.ts';
import { Connection } from './load/connection.ts';
import type { WorkloadName } from './workloads.ts';

/** The rows that a server answers to each of the requests; null where its API knows no such request. */
export async function answersTo(
  port: number,
  { translate }: Contestant,
  workload: WorkloadName,
  requests: readonly Buffer[],
): Promise<string[] | null> {
  if (requests.length === 0) return null;
  const connection = await Connection.open(port);
  try {
    const answers: string[] = [];
    for (const request of requests) {
      const { status, body } = await connection.send(request);
      const { data, errors } = JSON.parse(body.toString());
      if (errors?.[0]?.extensions?.code === 'GRAPHQL_VALIDATION_FAILED') return null;
      if (status !== 200 || errors !== undefined) throw new Error(`${workload}: ${status} ${body}`);
      // As text: a GraphQL answer has its fields in the order of the question.
      answers.push(JSON.stringify(rowsOf(workload, translate?.(workload, data) ?? data)));
    }
    return answers;
  } finally {
    connection.close();
  }
}

/** @throws Error that shows where the first answer that differs begins to */
export function assertSame(
  [who, answers]: readonly [string, readonly string[]],
  [than, expected]: readonly [string, readonly string[]],
  workload: WorkloadName,
): void {
  for (const [index, answer] of answers.entries()) {
    const other = expected[index] as string;
    if (answer === other) continue;
    const at = [...answer].findIndex((character, place) => character !== other[place]);
    const around = (text: string) => text.slice(Math.max(0, at - 60), at + 60);
    throw new Error(
      `${workload} is answered differently:\n  ${who}: … ${around(answer)} …\n  ${than}: … ${around(other)} …`,
    );
  }
}

/** The rows in an answer's `data`: what must be equal, whatever the fields around them are called. */
function rowsOf(workload: WorkloadName, data: object): unknown {
  if (workload === 'w3') return data;
  const [field] = Object.values(data);
  // The key that a created patient is given goes up with each.
  if (workload === 'w5') return { ...(field as { patient: object }).patient, key: null };
  if (workload === 'w10')
    return (field as { patients: object[] }).patients.map((row) => ({ ...row, key: null }));
  // Groups come in any order.
  if (workload === 'w8') return (field as object[]).map((group) => JSON.stringify(group)).sort();
  return field;
}
