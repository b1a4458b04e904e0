import { readerOf, type SqlReader } from '../../sql/reader.ts';

/** A column as a statement defines it. */
export interface ColumnDefinition {
  readonly name: string;
  /** As written, without character set and collation: `varchar(50)`, `int unsigned`. */
  readonly type: string;
  readonly nullable: boolean;
  /** As written; null where there is none. */
  readonly default: string | null;
  readonly charset: string | null;
  readonly collation: string | null;
  readonly autoIncrement: boolean;
  readonly generated: 'VIRTUAL' | 'STORED' | null;
  /** The expression of a generated column. */
  readonly expression: string | null;
  /** Null, unless it stands FIRST or AFTER another. */
  readonly position: { readonly first: true } | { readonly after: string } | null;
  readonly key: 'PRIMARY' | 'UNIQUE' | null;
  /** A CHECK in the definition; its name is null where MySQL invents one. */
  readonly check: { readonly name: string | null; readonly expression: string } | null;
  /** Whether it has REFERENCES of its own. */
  readonly references: boolean;
}

/** Reads `name type attributes…` up to the next comma. */
export function readColumn(reader: SqlReader): ColumnDefinition | null {
  const name = reader.name();
  return name === null ? null : readDefinition(name, reader);
}

// https://dev.mysql.com/doc/refman/8.4/en/create-table.html
function readDefinition(name: string, reader: SqlReader): ColumnDefinition {
  const column = {
    name,
    type: readType(reader),
    nullable: true,
    default: null as string | null,
    charset: null as string | null,
    collation: null as string | null,
    autoIncrement: false,
    generated: null as ColumnDefinition['generated'],
    expression: null as string | null,
    position: null as ColumnDefinition['position'],
    key: null as ColumnDefinition['key'],
    check: null as ColumnDefinition['check'],
    references: false,
  };
  let constraint: string | null = null;
  while (!reader.done && !reader.is(',')) {
    if (reader.skip('NOT', 'NULL')) column.nullable = false;
    else if (reader.skip('NULL')) column.nullable = true;
    else if (reader.skip('DEFAULT')) column.default = readValue(reader);
    else if (reader.skip('ON', 'UPDATE')) readValue(reader);
    else if (reader.oneOf('CHARACTER SET', 'CHARSET') !== null) column.charset = reader.name();
    else if (reader.skip('COLLATE')) column.collation = reader.name();
    else if (reader.skip('AUTO_INCREMENT')) column.autoIncrement = true;
    else if (reader.oneOf('PRIMARY KEY', 'KEY') !== null) column.key = 'PRIMARY';
    else if (reader.oneOf('UNIQUE KEY', 'UNIQUE') !== null) column.key ??= 'UNIQUE';
    else if (reader.oneOf('GENERATED ALWAYS AS', 'AS') !== null) {
      column.expression = reader.parenthesized();
      column.generated = reader.oneOf('STORED', 'VIRTUAL') ?? 'VIRTUAL';
    } else if (reader.skip('CONSTRAINT')) constraint = reader.name();
    else if (reader.skip('CHECK')) {
      column.check = { name: constraint, expression: reader.parenthesized() ?? '' };
      constraint = null;
    } else if (reader.skip('REFERENCES')) column.references = true;
    else if (reader.skip('FIRST')) column.position = { first: true };
    else if (reader.skip('AFTER')) column.position = { after: reader.name() ?? '' };
    else reader.any();
  }
  // https://dev.mysql.com/doc/refman/8.4/en/numeric-type-syntax.html
  if (/^serial$/i.test(column.type)) {
    Object.assign(column, { type: 'bigint unsigned', nullable: false, autoIncrement: true });
    column.key ??= 'UNIQUE';
  }
  if (column.key === 'PRIMARY') column.nullable = false;
  return column;
}

const typeEnds = [
  ...['NOT', 'NULL', 'DEFAULT', 'ON', 'CHARACTER', 'CHARSET', 'COLLATE', 'AUTO_INCREMENT', 'PRIMARY', 'KEY'],
  ...['UNIQUE', 'GENERATED', 'AS', 'CONSTRAINT', 'CHECK', 'REFERENCES', 'FIRST', 'AFTER', 'COMMENT'],
  ...['VISIBLE', 'INVISIBLE', 'COLUMN_FORMAT', 'STORAGE', 'SRID', 'ENGINE_ATTRIBUTE'],
];

function readType(reader: SqlReader): string {
  return reader.until(...typeEnds);
}

/** A literal with its sign, a function with its arguments, or an expression in parentheses. */
function readValue(reader: SqlReader): string {
  let value = reader.any();
  if (value === '-' || value === '+') value += reader.any();
  if (reader.is('(')) value += reader.any();
  return value;
}

/** A column's definition that stands alone, as in a parenthesised list. */
export function columnOf(sql: string): ColumnDefinition | null {
  return readColumn(readerOf(sql));
}
