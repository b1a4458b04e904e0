import type { SchemaModel } from '../../information-schema/model.ts';
import { type Clause, charsetOf } from './clauses.ts';
import type { ColumnDefinition } from './column.ts';
import { plainType } from './column-type.ts';
import type { Statement } from './statement.ts';

/** A column as it is before a statement. */
export interface KnownColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  /** Null where it is not text, or not known. */
  readonly charset: string | null;
  readonly autoIncrement: boolean;
  readonly generated: 'VIRTUAL' | 'STORED' | null;
}

/** An index and the columns that it is known to have. */
export interface KnownIndex {
  readonly name: string;
  readonly columns: readonly string[];
  readonly fulltext: boolean;
}

/** What is known of a table before a statement; changed by the statements that follow each other. */
export interface KnownTable {
  readonly name: string;
  readonly charset: string | null;
  readonly columns: Map<string, KnownColumn>;
  readonly indexes: Map<string, KnownIndex>;
  readonly foreignKeys: Map<string, { readonly table: string; readonly columns: readonly string[] }>;
  readonly checks: Set<string>;
  /** Made by the statements themselves, so without rows unless they put some in. */
  fresh: boolean;
  /** Whether rows were put into it. */
  readonly filled: boolean;
}

/** The tables by name. A table that is not in it is not known, unless `complete`: then it does not exist. */
export interface KnownTables {
  readonly complete: boolean;
  readonly tables: Map<string, KnownTable>;
}

/** MySQL's column, index and constraint names know no case. */
const key = (name: string) => name.toLowerCase();

/** What a database's catalogue says; without one nothing is known. */
export function knownFrom(model: Pick<SchemaModel, 'tables'> | null): KnownTables {
  const tables = (model?.tables ?? []).map((table): [string, KnownTable] => [
    table.name,
    {
      name: table.name,
      charset: charsetOf(table.collation),
      columns: new Map(
        table.columns.map((column) => [
          key(column.name),
          {
            name: column.name,
            type: column.type,
            nullable: column.nullable,
            default: column.default?.value ?? null,
            charset: column.charset,
            autoIncrement: column.autoIncrement,
            generated: column.generated?.kind ?? null,
          } satisfies KnownColumn,
        ]),
      ),
      indexes: new Map(
        table.indexes.map(({ name, kind, parts }) => [
          key(name),
          { name, columns: parts.flatMap(({ column }) => column ?? []), fulltext: kind === 'FULLTEXT' },
        ]),
      ),
      foreignKeys: new Map(
        table.foreignKeys.map(({ name, references }) => [
          key(name),
          { table: references.table, columns: references.columns },
        ]),
      ),
      checks: new Set(table.checks.map(({ name }) => key(name))),
      fresh: false,
      filled: false,
    },
  ]);
  return { complete: model !== null, tables: new Map(tables) };
}

export const columnIn = (table: KnownTable | undefined, name: string): KnownColumn | undefined =>
  table?.columns.get(key(name));

/** The indexes of a table that have a column. */
export function indexesWith(table: KnownTable | undefined, column: string): KnownIndex[] {
  return [...(table?.indexes.values() ?? [])].filter(({ columns }) =>
    columns.some((name) => key(name) === key(column)),
  );
}

/** Whether a foreign key of any table points at a column. */
export function isReferenced({ tables }: KnownTables, table: string, column: string): boolean {
  return [...tables.values()].some((other) =>
    [...other.foreignKeys.values()].some(
      (foreign) => foreign.table === table && foreign.columns.some((name) => key(name) === key(column)),
    ),
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
      checks: new Set(table.checks),
    },
  ]);
  return { complete: known.complete, tables: new Map(tables) };
}

/** Does to the known tables what a statement does to the real ones. */
export function apply(statement: Statement, { tables }: KnownTables): void {
  switch (statement.kind) {
    case 'createTable': {
      // `if not exists` and a table that is there: nothing happens.
      if (tables.has(statement.table)) return;
      tables.set(statement.table, emptyTable(statement.table));
      for (const clause of statement.clauses ?? []) applyClause(tables, statement.table, clause);
      // With columns of another table, its own are not known.
      if (statement.clauses === null) tables.delete(statement.table);
      return;
    }
    case 'alterTable': {
      // Columns first: what is added beside them may name them.
      for (const clause of statement.clauses) applyClause(tables, statement.table, clause);
      return;
    }
    case 'renameTables':
      for (const { from, to } of statement.renames) rename(tables, from, to);
      return;
    case 'dropTables':
      for (const name of statement.tables) tables.delete(name);
      return;
    case 'dropSchema':
      tables.clear();
      return;
    case 'insert': {
      const table = tables.get(statement.table);
      if (table !== undefined) tables.set(table.name, { ...table, filled: true });
      return;
    }
  }
}

function emptyTable(name: string): KnownTable {
  return {
    name,
    charset: null,
    columns: new Map(),
    indexes: new Map(),
    foreignKeys: new Map(),
    checks: new Set(),
    fresh: true,
    filled: false,
  };
}

function rename(tables: Map<string, KnownTable>, from: string, to: string): void {
  const table = tables.get(from);
  tables.delete(from);
  if (table !== undefined) tables.set(to, { ...table, name: to });
}

function applyClause(tables: Map<string, KnownTable>, name: string, clause: Clause): void {
  const table = tables.get(name);
  if (table === undefined) return;
  const { columns, indexes, foreignKeys, checks } = table;
  switch (clause.does) {
    case 'addColumn':
      define(table, clause.column.name, clause.column);
      return;
    case 'changeColumn':
      define(table, clause.from, clause.column);
      return;
    case 'dropColumn': {
      columns.delete(key(clause.name));
      for (const index of indexesWith(table, clause.name)) {
        const left = index.columns.filter((column) => key(column) !== key(clause.name));
        if (left.length === 0) indexes.delete(key(index.name));
        else indexes.set(key(index.name), { ...index, columns: left });
      }
      return;
    }
    case 'renameColumn': {
      const column = columns.get(key(clause.from));
      if (column !== undefined) replace(table, clause.from, { ...column, name: clause.to });
      return;
    }
    case 'setDefault': {
      const column = columns.get(key(clause.name));
      if (column !== undefined) columns.set(key(clause.name), { ...column, default: clause.default });
      return;
    }
    case 'addIndex': {
      const index = clause.name ?? clause.columns[0] ?? '';
      indexes.set(key(index), { name: index, columns: clause.columns, fulltext: clause.kind === 'FULLTEXT' });
      return;
    }
    case 'addPrimaryKey':
      indexes.set('primary', { name: 'PRIMARY', columns: clause.columns, fulltext: false });
      for (const name of clause.columns) {
        const column = columns.get(key(name));
        if (column !== undefined) columns.set(key(name), { ...column, nullable: false });
      }
      return;
    case 'dropPrimaryKey':
      indexes.delete('primary');
      return;
    case 'dropIndex':
      indexes.delete(key(clause.name));
      return;
    case 'renameIndex': {
      const index = indexes.get(key(clause.from));
      indexes.delete(key(clause.from));
      if (index !== undefined) indexes.set(key(clause.to), { ...index, name: clause.to });
      return;
    }
    case 'addForeignKey':
      foreignKeys.set(key(clause.name ?? `${name}_ibfk_${foreignKeys.size + 1}`), clause.references);
      // MySQL makes an index for it where none begins with its columns; this one counts as MySQL's.
      return;
    case 'dropForeignKey':
      foreignKeys.delete(key(clause.name));
      return;
    case 'addCheck':
      checks.add(key(clause.name ?? `${name}_chk_${checks.size + 1}`));
      return;
    case 'dropCheck':
      checks.delete(key(clause.name));
      return;
    case 'dropConstraint':
      checks.delete(key(clause.name));
      foreignKeys.delete(key(clause.name));
      indexes.delete(key(clause.name));
      return;
    case 'renameTable':
      rename(tables, name, clause.to);
      return;
    case 'convertCharset':
      tables.set(name, { ...table, charset: clause.charset });
      for (const [at, column] of columns) {
        if (isText(column.type)) columns.set(at, { ...column, charset: clause.charset });
      }
      return;
    case 'defaultCharset':
      tables.set(name, { ...table, charset: clause.charset });
      return;
  }
}

function define(table: KnownTable, from: string, column: ColumnDefinition): void {
  const { name, type, nullable, default: value, autoIncrement, generated } = column;
  replace(table, from, {
    name,
    type: plainType(type),
    nullable,
    default: value,
    charset: isText(type) ? charsetFor(table, column) : null,
    autoIncrement,
    generated,
  });
  if (column.key === 'PRIMARY')
    table.indexes.set('primary', { name: 'PRIMARY', columns: [name], fulltext: false });
  if (column.key === 'UNIQUE') table.indexes.set(key(name), { name, columns: [name], fulltext: false });
  if (column.check !== undefined)
    table.checks.add(key(column.check ?? `${table.name}_chk_${table.checks.size + 1}`));
}

/** In the place of the column `from`, which keeps its indexes. */
function replace(table: KnownTable, from: string, column: KnownColumn): void {
  const entries = [...table.columns];
  const at = entries.findIndex(([name]) => name === key(from));
  if (at === -1) entries.push([key(column.name), column]);
  else entries[at] = [key(column.name), column];
  table.columns.clear();
  for (const [name, known] of entries) table.columns.set(name, known);
  if (key(from) === key(column.name)) return;
  for (const index of indexesWith(table, from)) {
    const columns = index.columns.map((name) => (key(name) === key(from) ? column.name : name));
    table.indexes.set(key(index.name), { ...index, columns });
  }
}

/** What a definition gives a column: its own character set, or the table's. */
export function charsetFor(table: KnownTable | undefined, column: ColumnDefinition): string | null {
  if (column.collation !== null) return charsetOf(column.collation).toLowerCase();
  return column.charset?.toLowerCase() ?? table?.charset ?? null;
}

export const isText = (type: string) => /char|text|enum|set\b/i.test(type);
