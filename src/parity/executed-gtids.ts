import { gtidsOf, type PrimaryState, positionQuery } from '../sources/replicas/positions.ts';
import type { RowsAsked } from './row-query.ts';

/** How far a server was at a moment, by its own counts. */
export interface Executed {
  /** Those of all transactions that it had executed; null: it gives some of them none. */
  readonly gtids: string | null;
  /** Definitions of tables that it had read since it started. */
  readonly definitionsRead: number;
}

/** Those of all transactions that a server has executed, which any account may ask for; null: it gives some of them none. */
export async function gtidsExecutedBy(asking: RowsAsked): Promise<string | null> {
  const [position] = await asking.rows<PrimaryState>(positionQuery);
  return (position && gtidsOf(position)) ?? null;
}

export async function executedBy(asking: RowsAsked): Promise<Executed> {
  const gtids = await gtidsExecutedBy(asking);
  const [opened] = await asking.rows<{ Value: string }>("show global status like 'Opened_table_definitions'");
  return { gtids, definitionsRead: Number(opened?.Value) };
}

/**
 * How many transactions a set of GTIDs has, such as `uuid:1-5:7, uuid:tag:3`:
 * https://dev.mysql.com/doc/refman/8.4/en/replication-gtids-concepts.html
 */
export function transactionsIn(gtids: string): number {
  return [...gtids.matchAll(/:\s*(\d+)(?:-(\d+))?(?=\s*(?:[:,]|$))/g)].reduce(
    (sum, [, first, last = first]) => sum + Number(last) - Number(first) + 1,
    0,
  );
}
