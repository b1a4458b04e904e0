import { hexText } from '../sql/literal.ts';
import type { CatalogueConnection } from './catalogue-connection.ts';
import { catalogueQueries, type Rows } from './catalogue-queries.ts';
import type { ColumnModel } from './model.ts';
import { toColumn } from './to-model.ts';

/** The columns of one table, and how many bytes a statement and its values may have; no columns where the table is not there. */
export async function readColumns(
  connection: CatalogueConnection,
  table: string,
): Promise<{ readonly columns: readonly ColumnModel[]; readonly packet: number }> {
  const sql = `select c.*, cast(@@max_allowed_packet as char) as packet from (${catalogueQueries.columns}) as c where lower(c.tableName) = lower(${hexText(table)})`;
  const rows = await connection.execute<readonly (Rows['columns'] & { readonly packet: string })[]>(sql);
  return { columns: rows.map(toColumn), packet: Number(rows[0]?.packet ?? 0) };
}
