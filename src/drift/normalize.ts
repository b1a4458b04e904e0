import { withoutGeneratedKey } from '../information-schema/generated-key.ts';
import type {
  ColumnModel,
  ForeignKeyModel,
  IndexModel,
  SchemaModel,
  TableModel,
} from '../information-schema/model.ts';
import { literalInParentheses } from '../sql/default.ts';

/**
 * Removes spellings by which two servers with one schema may differ: each habit of a provider or version has
 * its place here, so that none is reported, and nothing beside it is hidden.
 */
export function normalizeSchema(schema: SchemaModel): SchemaModel {
  return { ...schema, tables: schema.tables.map(tableWithoutHabits) };
}

function tableWithoutHabits(table: TableModel): TableModel {
  const own = withoutGeneratedKey(table);
  return { ...own, collation: utf8mb3(table.collation), columns: own.columns.map(columnWithoutHabits) };
}

function columnWithoutHabits(column: ColumnModel): ColumnModel {
  return {
    ...column,
    type: typeWithoutWidth(column.type),
    charset: column.charset && utf8mb3(column.charset),
    collation: column.collation && utf8mb3(column.collation),
    default: plainDefault(column.default),
  };
}

/**
 * 5.7, and 8.0 for tables that came from it, say int(11) where later ones say int: a width of display, not of values.
 * tinyint(1) stays, since it marks a boolean; so does a width with zerofill, which shows.
 */
function typeWithoutWidth(type: string): string {
  if (type.includes('zerofill') || /^tinyint\(1\)(?! unsigned)/.test(type)) return type;
  // 5.7 has the long name of a collection.
  return type
    .replace(/^(tinyint|smallint|mediumint|int|bigint|year)\(\d+\)/, '$1')
    .replace(/^geometrycollection$/, 'geomcollection');
}

/** Until 8.0.29 utf8mb3 was called utf8. */
function utf8mb3(name: string): string {
  return name.replace(/^utf8(?=_|$)/, 'utf8mb3');
}

/** DEFAULT ('a') is what DEFAULT 'a' is. */
function plainDefault(value: ColumnModel['default']): ColumnModel['default'] {
  if (value === null || !value.expression) return value;
  const literal = literalInParentheses(value.value);
  return literal === null ? value : { value: literal, expression: false };
}

/**
 * Indexes that one side lacks, without those that are there or not by the order of statements alone: MySQL makes one
 * for a foreign key where none serves it, and drops that again where another comes to serve it. So an index made for a
 * foreign key is no difference where the other side has an index instead of it, or lacks the foreign key, which is the
 * difference then.
 */
export function withoutImplied(
  {
    leftOnly,
    rightOnly,
  }: { readonly leftOnly: readonly IndexModel[]; readonly rightOnly: readonly IndexModel[] },
  left: TableModel,
  right: TableModel,
) {
  const excused = (
    index: IndexModel,
    table: TableModel,
    other: TableModel,
    instead: readonly IndexModel[],
  ) => {
    const key = madeFor(index, table);
    if (key === undefined) return false;
    const there = other.foreignKeys.some(({ columns }) => columns.join() === key.columns.join());
    return !there || instead.some(({ parts }) => key.columns.every((name, at) => parts[at]?.column === name));
  };
  const [implied, others] = [
    leftOnly.filter((index) => excused(index, left, right, rightOnly)),
    rightOnly.filter((index) => excused(index, right, left, leftOnly)),
  ];
  // Each stands for one of the other side that has another name only.
  const [stands, stand] = [renamed(rightOnly, implied), renamed(leftOnly, others)];
  return {
    leftOnly: leftOnly.filter((index) => !implied.includes(index) && !stand.has(index)),
    rightOnly: rightOnly.filter((index) => !others.includes(index) && !stands.has(index)),
  };
}

/** Those that differ from an implied one of the other side by their names only, at most one for each. */
function renamed(indexes: readonly IndexModel[], implied: readonly IndexModel[]): Set<IndexModel> {
  const nameless = (index: IndexModel) => JSON.stringify({ ...index, name: undefined });
  const free = [...implied];
  return new Set(
    indexes.filter((index) => {
      const at = free.findIndex((candidate) => nameless(candidate) === nameless(index));
      if (at >= 0) free.splice(at, 1);
      return at >= 0;
    }),
  );
}

/** The foreign key for which MySQL made an index, by its name and columns. */
function madeFor(index: IndexModel, { foreignKeys }: TableModel): ForeignKeyModel | undefined {
  const columns = index.parts.map(({ column }) => column).join();
  return foreignKeys.find(
    (key) =>
      !index.unique && key.name.toLowerCase() === index.name.toLowerCase() && key.columns.join() === columns,
  );
}

/** The index that MySQL made for a foreign key, and that stays when the key goes. */
export function leftBehindBy(
  key: ForeignKeyModel,
  table: TableModel,
  other: TableModel,
): IndexModel | undefined {
  return table.indexes.find(
    (index) =>
      madeFor(index, table) === key &&
      !other.indexes.some(({ name }) => name.toLowerCase() === index.name.toLowerCase()),
  );
}

/** How drift compares names of tables: a server with lower_case_table_names has none in capitals. */
export function foldOf(...lowerCaseTableNames: readonly number[]): (name: string) => string {
  return lowerCaseTableNames.some((setting) => setting !== 0) ? (name) => name.toLowerCase() : (name) => name;
}
