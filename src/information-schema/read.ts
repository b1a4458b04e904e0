import type { SqlEntityManager } from '@mikro-orm/mysql';
import type { CheckModel, ColumnModel, ForeignKeyModel, IndexModel, SchemaModel } from './model.ts';

/**
 * Reads the catalogue of the connection's own database.
 * https://dev.mysql.com/doc/refman/8.4/en/information-schema.html
 */
export async function readSchema(em: SqlEntityManager): Promise<SchemaModel> {
  const [tables, columns, indexes, foreignKeys, checks] = await Promise.all([
    em.execute<TableRow[]>(tablesSql),
    em.execute<ColumnRow[]>(columnsSql),
    em.execute<IndexRow[]>(indexesSql),
    em.execute<ForeignKeyRow[]>(foreignKeysSql),
    em.execute<CheckRow[]>(checksSql),
  ]);
  const columnsOf = Map.groupBy(columns, (row) => row.tableName);
  const indexesOf = Map.groupBy(indexes, (row) => row.tableName);
  const foreignKeysOf = Map.groupBy(foreignKeys, (row) => row.tableName);
  const checksOf = Map.groupBy(checks, (row) => row.tableName);
  return {
    tables: tables.map(({ name, engine, collation }) => ({
      name,
      engine,
      collation,
      columns: (columnsOf.get(name) ?? []).map(toColumn),
      indexes: gather(indexesOf.get(name) ?? [], toIndex),
      foreignKeys: gather(foreignKeysOf.get(name) ?? [], toForeignKey),
      checks: (checksOf.get(name) ?? []).map(({ name, expression }): CheckModel => ({ name, expression })),
    })),
  };
}

type TableRow = { name: string; engine: string; collation: string };
type ColumnRow = Omit<ColumnModel, 'nullable'> & { tableName: string; nullable: 'YES' | 'NO' };
type IndexRow = { tableName: string; name: string; nonUnique: number; columnName: string };
type ForeignKeyRow = {
  tableName: string;
  name: string;
  columnName: string;
  referencedTable: string;
  referencedColumn: string;
  onDelete: string;
  onUpdate: string;
};
type CheckRow = CheckModel & { tableName: string };

const tablesSql = `
  select table_name as name, engine as engine, table_collation as collation
  from information_schema.tables
  where table_schema = database() and table_type = 'BASE TABLE'
  order by table_name`;

const columnsSql = `
  select table_name as tableName, column_name as name, column_type as type, is_nullable as nullable,
    column_default as \`default\`, extra as extra, collation_name as collation
  from information_schema.columns
  where table_schema = database()
  order by table_name, ordinal_position`;

const indexesSql = `
  select table_name as tableName, index_name as name, non_unique as nonUnique, column_name as columnName
  from information_schema.statistics
  where table_schema = database()
  order by table_name, index_name, seq_in_index`;

const foreignKeysSql = `
  select k.table_name as tableName, k.constraint_name as name, k.column_name as columnName,
    k.referenced_table_name as referencedTable, k.referenced_column_name as referencedColumn,
    r.delete_rule as onDelete, r.update_rule as onUpdate
  from information_schema.key_column_usage k
  join information_schema.referential_constraints r
    on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name
    and r.table_name = k.table_name
  where k.table_schema = database()
  order by k.table_name, k.constraint_name, k.ordinal_position`;

const checksSql = `
  select t.table_name as tableName, c.constraint_name as name, c.check_clause as expression
  from information_schema.check_constraints c
  join information_schema.table_constraints t
    on t.constraint_schema = c.constraint_schema and t.constraint_name = c.constraint_name
  where c.constraint_schema = database() and t.constraint_type = 'CHECK'
  order by t.table_name, c.constraint_name`;

function toColumn({ name, type, nullable, default: initial, extra, collation }: ColumnRow): ColumnModel {
  return { name, type, nullable: nullable === 'YES', default: initial, extra, collation };
}

function toIndex(rows: readonly [IndexRow, ...IndexRow[]]): IndexModel {
  const [{ name, nonUnique }] = rows;
  return { name, unique: nonUnique === 0, columns: rows.map((row) => row.columnName) };
}

function toForeignKey(rows: readonly [ForeignKeyRow, ...ForeignKeyRow[]]): ForeignKeyModel {
  const [{ name, referencedTable, onDelete, onUpdate }] = rows;
  return {
    name,
    columns: rows.map((row) => row.columnName),
    references: { table: referencedTable, columns: rows.map((row) => row.referencedColumn) },
    onDelete,
    onUpdate,
  };
}

/** Rows of one name, which come one a column, as one object. */
function gather<R extends { name: string }, T>(
  rows: readonly R[],
  toModel: (rows: readonly [R, ...R[]]) => T,
): T[] {
  return [...Map.groupBy(rows, (row) => row.name).values()].map((group) => toModel(group as [R, ...R[]]));
}
