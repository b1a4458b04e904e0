import type { CatalogueConnection } from './catalogue-connection.ts';

/** A table with its database. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** A foreign key by which MySQL itself deletes or changes rows where a statement deletes or changes those that they refer to. */
export interface ForeignKeyAction {
  /** The table whose rows it changes. */
  readonly table: TableName;
  readonly columns: readonly string[];
  readonly references: TableName;
  /** In the order of `columns`. */
  readonly referencedColumns: readonly string[];
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
  /** The primary key of the table; empty where it has none. */
  readonly key: readonly KeyPart[];
}

/** Null: the key refuses the statement, or lets it be (https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html). */
export type ReferentialAction = 'CASCADE' | 'SET NULL' | null;

/** A column of a primary key. */
interface KeyPart {
  readonly name: string;
  readonly isBinary: boolean;
}

/** Those of all databases that the account may see: a foreign key can refer to a table of another one. */
export interface ForeignKeyActions {
  /** The database of the connection. */
  readonly schema: string;
  /** Those whose foreign keys refer to a table. */
  on(table: TableName): readonly ForeignKeyAction[];
}

interface ForeignKeyRow {
  readonly current: string;
  readonly lowerCase: number;
  readonly inSchema: string;
  readonly tableName: string;
  readonly name: string;
  readonly columnName: string;
  readonly referencedSchema: string;
  readonly referencedTable: string;
  readonly referencedColumn: string;
  readonly onDelete: string;
  readonly onUpdate: string;
}

interface KeyRow {
  readonly inSchema: string;
  readonly tableName: string;
  readonly name: string;
  readonly type: string;
}

const changing = `(r.delete_rule in ('CASCADE', 'SET NULL') or r.update_rule in ('CASCADE', 'SET NULL'))`;

const foreignKeys = `
  select database() as current, @@lower_case_table_names as lowerCase, k.table_schema as inSchema, k.table_name as tableName,
    k.constraint_name as name, k.column_name as columnName, k.referenced_table_schema as referencedSchema,
    k.referenced_table_name as referencedTable, k.referenced_column_name as referencedColumn,
    r.delete_rule as onDelete, r.update_rule as onUpdate
  from information_schema.referential_constraints r
  join information_schema.key_column_usage k
    on k.constraint_schema = r.constraint_schema and k.constraint_name = r.constraint_name and k.table_name = r.table_name
  where ${changing} and k.referenced_table_name is not null
  order by k.table_schema, k.table_name, k.constraint_name, k.ordinal_position`;

const primaryKeys = `
  select s.table_schema as inSchema, s.table_name as tableName, s.column_name as name, c.data_type as type
  from information_schema.statistics s
  join information_schema.columns c
    on c.table_schema = s.table_schema and c.table_name = s.table_name and c.column_name = s.column_name
  where s.index_name = 'PRIMARY' and (s.table_schema, s.table_name) in (
    select r.constraint_schema, r.table_name from information_schema.referential_constraints r where ${changing})
  order by s.seq_in_index`;

const none: ForeignKeyActions = { schema: '', on: () => [] };

/** Reads them with one statement, and with a second one where there are any. */
export async function readForeignKeyActions(connection: CatalogueConnection): Promise<ForeignKeyActions> {
  const rows = await connection.execute<ForeignKeyRow[]>(foreignKeys);
  const [first] = rows;
  if (first === undefined) return none;
  const keys = Map.groupBy(await connection.execute<KeyRow[]>(primaryKeys), nameOf);
  const byName = Map.groupBy(rows, (row) => JSON.stringify([row.inSchema, row.tableName, row.name]));
  const actions = [...byName.values()].map((columns): ForeignKeyAction => {
    const [row] = columns as [ForeignKeyRow];
    return {
      table: { schema: row.inSchema, name: row.tableName },
      columns: columns.map(({ columnName }) => columnName),
      references: { schema: row.referencedSchema, name: row.referencedTable },
      referencedColumns: columns.map(({ referencedColumn }) => referencedColumn),
      onDelete: actionOf(row.onDelete),
      onUpdate: actionOf(row.onUpdate),
      key: (keys.get(nameOf(row)) ?? []).map(({ name, type }) => ({
        name,
        isBinary: /binary|blob|bit/i.test(type),
      })),
    };
  });
  // 1 and 2 compare names in lower case: https://dev.mysql.com/doc/refman/8.4/en/identifier-case-sensitivity.html
  const fold = (text: string) => (first.lowerCase === 0 ? text : text.toLowerCase());
  const placeOf = ({ schema, name }: TableName) => JSON.stringify([fold(schema), fold(name)]);
  const byReference = Map.groupBy(actions, ({ references }) => placeOf(references));
  return { schema: first.current, on: (table) => byReference.get(placeOf(table)) ?? [] };
}

function nameOf({ inSchema, tableName }: { readonly inSchema: string; readonly tableName: string }): string {
  return JSON.stringify([inSchema, tableName]);
}

function actionOf(rule: string): ReferentialAction {
  return rule === 'CASCADE' || rule === 'SET NULL' ? rule : null;
}
