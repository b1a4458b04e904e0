import type { IndexModel, SchemaModel, TableModel } from '../../information-schema/model.ts';
import { tokensOf } from '../../sql/tokens.ts';
import type { IndexKind } from './alter-clause.ts';
import type { ColumnDefinition } from './column.ts';
import { charsetOf } from './table-options.ts';

/** A column as it is before a statement. An unknown character set is null; so is a collation that is the character set's own. */
export type KnownColumn = Omit<ColumnDefinition, 'position' | 'key' | 'check' | 'references'>;

/** An index. A part that is an expression stands in parentheses. */
export interface KnownIndex {
  readonly name: string;
  readonly kind: IndexKind;
  readonly columns: readonly string[];
  /** How many characters or bytes of each part; null for all of it. */
  readonly lengths: readonly (number | null)[];
}

export interface KnownForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly references: { readonly table: string; readonly columns: readonly string[] };
}

export interface KnownCheck {
  readonly name: string;
  readonly expression: string;
}

/** The lint's knowledge of a table before a statement; each statement changes it for the next. */
export interface KnownTable {
  readonly name: string;
  /** In lower case. */
  readonly engine: string;
  /** In lower case; null where the server chooses it. */
  readonly rowFormat: string | null;
  readonly charset: string | null;
  readonly collation: string | null;
  /** Null where the table is in one piece. */
  readonly partitioning: { readonly method: string; readonly expression: string } | null;
  /** In the order of the table. */
  readonly columns: Map<string, KnownColumn>;
  readonly indexes: Map<string, KnownIndex>;
  readonly foreignKeys: Map<string, KnownForeignKey>;
  readonly checks: Map<string, KnownCheck>;
  /** Made by the statements themselves, so without rows unless they put some in. */
  fresh: boolean;
  /** Whether a statement has written rows into it. */
  readonly filled: boolean;
}

/** The tables by name. A table that is not in it is not known, unless `complete`: then it does not exist. */
export interface KnownTables {
  readonly complete: boolean;
  readonly tables: Map<string, KnownTable>;
}

/** MySQL's column, index and constraint names know no case. */
export const nameKey = (name: string) => name.toLowerCase();

/** The tables of a database's catalogue; without one the lint knows none. */
export function knownFrom(model: Pick<SchemaModel, 'tables'> | null): KnownTables {
  const tables = (model?.tables ?? []).map((table): [string, KnownTable] => [table.name, knownTable(table)]);
  return { complete: model !== null, tables: new Map(tables) };
}

function knownTable(table: TableModel): KnownTable {
  const columns = table.columns.map(
    ({ name, type, nullable, charset, collation, autoIncrement, ...column }): KnownColumn => ({
      name,
      type,
      nullable,
      default: column.default?.value ?? null,
      charset,
      collation,
      autoIncrement,
      generated: column.generated?.kind ?? null,
      expression: column.generated?.expression ?? null,
    }),
  );
  return {
    name: table.name,
    engine: table.engine.toLowerCase(),
    rowFormat: table.rowFormat?.toLowerCase() ?? null,
    charset: charsetOf(table.collation),
    collation: table.collation,
    partitioning: table.partitioning?.by ?? null,
    columns: byName(columns),
    indexes: byName(table.indexes.map(knownIndex)),
    foreignKeys: byName(table.foreignKeys),
    checks: byName(table.checks),
    fresh: false,
    filled: false,
  };
}

function knownIndex({ name, kind, unique, parts }: IndexModel): KnownIndex {
  const plain = unique ? 'UNIQUE' : 'INDEX';
  return {
    name,
    kind: kind === 'FULLTEXT' || kind === 'SPATIAL' ? kind : plain,
    columns: parts.map(({ column, expression }) => column ?? `(${expression})`),
    lengths: parts.map(({ length }) => length),
  };
}

const byName = <T extends { readonly name: string }>(list: readonly T[]) =>
  new Map(list.map((item): [string, T] => [nameKey(item.name), item]));

export const columnIn = (table: KnownTable | undefined, name: string): KnownColumn | undefined =>
  table?.columns.get(nameKey(name));

/** The indexes of a table that have a column. */
export function indexesWith(table: KnownTable | undefined, column: string): KnownIndex[] {
  return [...(table?.indexes.values() ?? [])].filter(({ columns }) => includesName(columns, column));
}

/** The foreign keys of any table that point at a table, each with the table that it belongs to. */
export function referencesTo(
  { tables }: KnownTables,
  table: string,
): { readonly child: KnownTable; readonly foreignKey: KnownForeignKey }[] {
  return [...tables.values()].flatMap((child) =>
    [...child.foreignKeys.values()]
      .filter(({ references }) => references.table === table)
      .map((foreignKey) => ({ child, foreignKey })),
  );
}

/** Whether a foreign key of any table points at a column. */
export function isReferenced(known: KnownTables, table: string, column: string): boolean {
  return referencesTo(known, table).some(({ foreignKey }) =>
    includesName(foreignKey.references.columns, column),
  );
}

export function includesName(names: readonly string[], name: string): boolean {
  return names.some((other) => nameKey(other) === nameKey(name));
}

/** Whether an expression names a column. A function or keyword of the same name counts too. */
export function mentions(expression: string, column: string): boolean {
  return tokensOf(expression).some(
    ({ kind, text }) => (kind === 'name' || kind === 'word') && nameKey(text) === nameKey(column),
  );
}

/** A copy that statements may change. */
export function copyOf(known: KnownTables): KnownTables {
  const tables = [...known.tables].map(([name, table]): [string, KnownTable] => [
    name,
    {
      ...table,
      columns: new Map(table.columns),
      indexes: new Map(table.indexes),
      foreignKeys: new Map(table.foreignKeys),
      checks: new Map(table.checks),
    },
  ]);
  return { complete: known.complete, tables: new Map(tables) };
}

/** The character set that a definition gives a column: its own, its type's, or the table's. */
export function charsetFor(table: KnownTable | undefined, column: ColumnDefinition): string | null {
  if (column.collation !== null) return charsetOf(column.collation).toLowerCase();
  if (column.charset !== null) return column.charset.toLowerCase();
  // https://dev.mysql.com/doc/refman/8.4/en/charset-national.html
  if (/^\s*(n|national\s+)(char|varchar)/i.test(column.type)) return 'utf8mb3';
  return table?.charset ?? null;
}

/** The collation of a definition; null where it is the default one of its character set. */
export function collationFor(table: KnownTable | undefined, column: ColumnDefinition): string | null {
  if (column.collation !== null) return column.collation.toLowerCase();
  return column.charset === null && charsetFor(table, column) === table?.charset ? table.collation : null;
}

export const isText = (type: string) => /char|text|enum|set\b/i.test(type);
