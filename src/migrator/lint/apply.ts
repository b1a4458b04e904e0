import type { AlterClause } from './alter-clause.ts';
import type { ColumnDefinition } from './column.ts';
import { plainType } from './column-type.ts';
import {
  charsetFor,
  collationFor,
  indexesWith,
  isText,
  type KnownColumn,
  type KnownTable,
  type KnownTables,
  nameKey,
} from './schema-state.ts';
import type { ParsedStatement } from './statement.ts';

/** Does to the known tables what a statement does to the real ones. */
export function applyToSchema(statement: ParsedStatement, { tables }: KnownTables): void {
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
    engine: 'innodb',
    rowFormat: null,
    charset: null,
    collation: null,
    partitioning: null,
    columns: new Map(),
    indexes: new Map(),
    foreignKeys: new Map(),
    checks: new Map(),
    fresh: true,
    filled: false,
  };
}

function rename(tables: Map<string, KnownTable>, from: string, to: string): void {
  const table = tables.get(from);
  tables.delete(from);
  if (table !== undefined) tables.set(to, { ...table, name: to });
}

function applyClause(tables: Map<string, KnownTable>, name: string, clause: AlterClause): void {
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
      columns.delete(nameKey(clause.name));
      for (const index of indexesWith(table, clause.name)) {
        const left = index.columns.filter((column) => nameKey(column) !== nameKey(clause.name));
        if (left.length === 0) indexes.delete(nameKey(index.name));
        else indexes.set(nameKey(index.name), { ...index, columns: left });
      }
      return;
    }
    case 'renameColumn': {
      const column = columns.get(nameKey(clause.from));
      if (column !== undefined) replace(table, clause.from, { ...column, name: clause.to });
      return;
    }
    case 'setDefault': {
      const column = columns.get(nameKey(clause.name));
      if (column !== undefined) columns.set(nameKey(clause.name), { ...column, default: clause.default });
      return;
    }
    case 'addIndex': {
      const index = clause.name ?? clause.columns[0] ?? '';
      const { kind, columns: parts, lengths } = clause;
      indexes.set(nameKey(index), { name: index, kind, columns: parts, lengths });
      return;
    }
    case 'addPrimaryKey':
      setPrimaryKey(table, clause.columns);
      for (const name of clause.columns) {
        const column = columns.get(nameKey(name));
        if (column !== undefined) columns.set(nameKey(name), { ...column, nullable: false });
      }
      return;
    case 'dropPrimaryKey':
      indexes.delete('primary');
      return;
    case 'dropIndex':
      indexes.delete(nameKey(clause.name));
      return;
    case 'renameIndex': {
      const index = indexes.get(nameKey(clause.from));
      indexes.delete(nameKey(clause.from));
      if (index !== undefined) indexes.set(nameKey(clause.to), { ...index, name: clause.to });
      return;
    }
    case 'addForeignKey': {
      const foreignKey = clause.name ?? `${name}_ibfk_${foreignKeys.size + 1}`;
      const { columns: own, references } = clause;
      foreignKeys.set(nameKey(foreignKey), { name: foreignKey, columns: own, references });
      // MySQL makes an index for it where none begins with its columns; this one counts as MySQL's.
      return;
    }
    case 'dropForeignKey':
      foreignKeys.delete(nameKey(clause.name));
      return;
    case 'addCheck':
      addCheck(table, clause.name, clause.expression);
      return;
    case 'dropCheck':
      checks.delete(nameKey(clause.name));
      return;
    case 'dropConstraint':
      checks.delete(nameKey(clause.name));
      foreignKeys.delete(nameKey(clause.name));
      indexes.delete(nameKey(clause.name));
      return;
    case 'renameTable':
      rename(tables, name, clause.to);
      return;
    case 'convertCharset':
      tables.set(name, { ...table, charset: clause.charset, collation: clause.collation });
      for (const [at, column] of columns) {
        const { charset, collation } = clause;
        if (isText(column.type)) columns.set(at, { ...column, charset, collation });
      }
      return;
    case 'defaultCharset':
      tables.set(name, { ...table, charset: clause.charset, collation: clause.collation });
      return;
    case 'rebuild':
      if (clause.option === 'ENGINE') tables.set(name, { ...table, engine: clause.value });
      if (clause.option === 'ROW_FORMAT') tables.set(name, { ...table, rowFormat: clause.value });
      if (clause.option === 'KEY_BLOCK_SIZE') tables.set(name, { ...table, rowFormat: 'compressed' });
      return;
  }
}

function define(table: KnownTable, from: string, column: ColumnDefinition): void {
  const { name, type, nullable, default: value, autoIncrement, generated, expression } = column;
  replace(table, from, {
    name,
    type: plainType(type),
    nullable,
    default: value,
    charset: isText(type) ? charsetFor(table, column) : null,
    collation: isText(type) ? collationFor(table, column) : null,
    autoIncrement,
    generated,
    expression,
  });
  place(table, column);
  if (column.key === 'PRIMARY') setPrimaryKey(table, [name]);
  if (column.key === 'UNIQUE')
    table.indexes.set(nameKey(name), { name, kind: 'UNIQUE', columns: [name], lengths: [null] });
  if (column.check !== null) addCheck(table, column.check.name, column.check.expression);
}

function setPrimaryKey({ indexes }: KnownTable, columns: readonly string[]): void {
  indexes.set('primary', { name: 'PRIMARY', kind: 'UNIQUE', columns, lengths: columns.map(() => null) });
}

function addCheck({ name: table, checks }: KnownTable, given: string | null, expression: string): void {
  const name = given ?? `${table}_chk_${checks.size + 1}`;
  checks.set(nameKey(name), { name, expression });
}

/** Puts a column FIRST or AFTER another where its definition says so. */
function place({ columns }: KnownTable, { name, position }: ColumnDefinition): void {
  const column = columns.get(nameKey(name));
  if (position === null || column === undefined) return;
  columns.delete(nameKey(name));
  const others = [...columns];
  const at = 'first' in position ? 0 : others.findIndex(([other]) => other === nameKey(position.after)) + 1;
  others.splice(at, 0, [nameKey(name), column]);
  columns.clear();
  for (const [other, known] of others) columns.set(other, known);
}

/** In the place of the column `from`, which keeps its indexes. */
function replace(table: KnownTable, from: string, column: KnownColumn): void {
  const entries = [...table.columns];
  const at = entries.findIndex(([name]) => name === nameKey(from));
  if (at === -1) entries.push([nameKey(column.name), column]);
  else entries[at] = [nameKey(column.name), column];
  table.columns.clear();
  for (const [name, known] of entries) table.columns.set(name, known);
  if (nameKey(from) === nameKey(column.name)) return;
  for (const index of indexesWith(table, from)) {
    const columns = index.columns.map((name) => (nameKey(name) === nameKey(from) ? column.name : name));
    table.indexes.set(nameKey(index.name), { ...index, columns });
  }
}
