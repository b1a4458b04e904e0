import { gtidsOf, type PrimaryState, positionQuery } from '../sources/replicas/positions.ts';
import type { RowsAsked } from './rows-asked.ts';

/** How far a server was at a moment, by its own counts. */
export interface Executed {
  /** Those of all transactions that it had executed; null: it gives some of them none. */
  readonly gtids: string | null;
  /** Definitions of tables that it had read since it started. */
  readonly definitionsRead: number;
}

/** No right is needed for it. */
export async function executedBy(asking: RowsAsked): Promise<Executed> {
  const [position] = await asking.rows<PrimaryState>(positionQuery);
  const [opened] = await asking.rows<{ Value: string }>("show global status like 'Opened_table_definitions'");
  return {
    gtids: (position && gtidsOf(position)) ?? null,
    definitionsRead: Number(opened?.Value),
  };
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
