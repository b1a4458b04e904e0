import { expect } from 'vitest';
import type { ReadStatement } from '../../src/sources/transaction.ts';
import type { TestServer } from './server.ts';

/** A line of EXPLAIN: https://dev.mysql.com/doc/refman/8.4/en/explain-output.html */
export interface PlanLine {
  readonly table: string;
  readonly type: string;
  readonly key: string | null;
  readonly Extra: string | null;
}

/**
 * What the statements do that an operation sends to AZURE about a table: their plans, and the rows that the server touches for all of
 * them: https://dev.mysql.com/doc/refman/8.4/en/server-status-variables.html#statvar_Handler_read_next
 */
export async function plansOf(server: TestServer, table: string, query: string, variables = {}) {
  const source = server.sources.AZURE;
  const sent: ReadStatement[] = [];
  const { arrays } = source;
  Object.assign(source, {
    arrays: (statement: ReadStatement, ...more: never[]) => {
      sent.push(statement);
      return arrays.call(source, statement, ...more);
    },
  });
  const { data, errors } = await server.ask(query, variables);
  Object.assign(source, { arrays });
  expect(errors).toBeUndefined();
  return source.write(async (em) => {
    const touched = async () => {
      const rows = await em.execute<{ Value: string }[]>("show session status like 'Handler_read%'");
      return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
    };
    const plans: PlanLine[] = [];
    let rows = 0;
    for (const { sql, params } of sent.filter((each) => each.sql.includes(`\`${table}\``))) {
      // As text, a limit must be a number.
      const values = params.map((param, at) => (isLimit(sql, at) ? Number(param) : param));
      const before = await touched();
      await em.execute(sql, values);
      rows += (await touched()) - before;
      plans.push(...(await em.execute<PlanLine[]>(`explain format=traditional ${sql}`, values)));
    }
    return { data, plans, rows };
  });
}

/** Whether the parameter at a place stands behind LIMIT. */
function isLimit(sql: string, at: number): boolean {
  let end = -1;
  for (let n = 0; n <= at; n += 1) end = sql.indexOf('?', end + 1);
  return /limit $/.test(sql.slice(0, end));
}
