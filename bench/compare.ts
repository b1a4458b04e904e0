import { rowsOf } from './contestants.ts';
import { Connection } from './load/connection.ts';
import type { WorkloadName } from './workloads.ts';

/** The rows that a server answers to each of the requests; null where its API knows no such request. */
export async function answersTo(
  port: number,
  workload: WorkloadName,
  requests: readonly Buffer[],
): Promise<string[] | null> {
  const connection = await Connection.open(port);
  try {
    const answers: string[] = [];
    for (const request of requests) {
      const { status, body } = await connection.send(request);
      const { data, errors } = JSON.parse(body.toString());
      if (errors?.[0]?.extensions?.code === 'GRAPHQL_VALIDATION_FAILED') return null;
      if (status !== 200 || errors !== undefined) throw new Error(`${workload}: ${status} ${body}`);
      // As text: a GraphQL answer has its fields in the order of the question.
      answers.push(JSON.stringify(rowsOf(workload, data)));
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
