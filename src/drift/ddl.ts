import type {
  CheckModel,
  ColumnModel,
  DefaultModel,
  ForeignKeyModel,
  IndexModel,
  OptionModel,
  PartitioningModel,
  TableModel,
} from '../information-schema/model.ts';
import { quoteName, quoteText } from '../sql/quote.ts';

/** An expression in exactly one more pair of parentheses than it needs, as DDL wants it. */
function inParentheses(expression: string): string {
  return `(${expression})`;
}

export function defaultOf({ value, expression }: DefaultModel, type = ''): string {
  if (isBits(value, type) && !expression) return value;
  // These have no default but an expression.
  if (!expression)
    return /^(\w*text|\w*blob|json)\b/.test(type) ? inParentheses(quoteText(value)) : quoteText(value);
  return /^CURRENT_TIMESTAMP(\(\d\))?$/.test(value) ? value : inParentheses(value);
}

/** The catalogue has bits, and the defaults of bytes, as SQL does: b'01', 0x6162. */
function isBits(value: string, type: string): boolean {
  return (
    (/^b'/.test(value) && type.startsWith('bit')) ||
    (/^0x[\dA-F]+$/i.test(value) && /^(var)?binary/.test(type))
  );
}

/** The text of CREATE TABLE and MODIFY COLUMN after the column's name. */
export function columnSql(column: ColumnModel): string {
  const { type, charset, collation, generated, nullable, onUpdate, srid } = column;
  const parts = [
    quoteName(column.name),
    type,
    charset && `character set ${charset}`,
    collation && `collate ${collation}`,
    generated && `generated always as ${inParentheses(generated.expression)} ${generated.kind.toLowerCase()}`,
    nullable ? 'null' : 'not null',
    srid !== null && `srid ${srid}`,
    column.default && generated === null && `default ${defaultOf(column.default, type)}`,
    onUpdate && `on update ${onUpdate}`,
    column.autoIncrement && 'auto_increment',
    column.comment && `comment ${quoteText(column.comment)}`,
    column.invisible && 'invisible',
  ];
  return parts.filter(Boolean).join(' ');
}

export function indexSql({ name, unique, kind, parser, visible, comment, parts }: IndexModel): string {
  const what =
    name === 'PRIMARY'
      ? 'primary key'
      : `${unique ? 'unique ' : ['FULLTEXT', 'SPATIAL'].includes(kind) ? `${kind.toLowerCase()} ` : ''}index ${quoteName(name)}`;
  const of = parts.map(({ column, expression, length, descending }) => {
    const part = column === null ? inParentheses(expression ?? '') : quoteName(column);
    return `${part}${length === null ? '' : `(${length})`}${descending ? ' desc' : ''}`;
  });
  const using = kind === 'HASH' ? ' using hash' : parser === null ? '' : ` with parser ${quoteName(parser)}`;
  return `${what} (${of.join(', ')})${using}${comment && ` comment ${quoteText(comment)}`}${visible ? '' : ' invisible'}`;
}

export function foreignKeySql({ name, columns, references, onDelete, onUpdate }: ForeignKeyModel): string {
  const list = (names: readonly string[]) => `(${names.map(quoteName).join(', ')})`;
  const schema = references.schema === null ? '' : `${quoteName(references.schema)}.`;
  return `constraint ${quoteName(name)} foreign key ${list(columns)} references ${schema}${quoteName(references.table)} ${list(references.columns)} on delete ${onDelete.toLowerCase()} on update ${onUpdate.toLowerCase()}`;
}

export function checkSql({ name, expression, enforced }: CheckModel): string {
  return `constraint ${quoteName(name)} check ${inParentheses(expression)}${enforced ? '' : ' not enforced'}`;
}

function tableOptionsSql({ engine, collation, comment, rowFormat, options }: TableModel): string {
  const charset = collation.replace(/_.*/, '');
  return [
    `engine = ${engine}`,
    `default character set ${charset} collate ${collation}`,
    rowFormat && `row_format = ${rowFormat}`,
    ...options.map(optionSql),
    comment && `comment = ${quoteText(comment)}`,
  ]
    .filter(Boolean)
    .join(' ');
}

export function optionSql({ name, value }: OptionModel): string {
  return `${name.toLowerCase()} = ${/^\d+$/.test(value) ? value : quoteText(value)}`;
}

/** The text that unsets an option. */
export function withoutOptionSql({ name }: OptionModel): string {
  if (name === 'COMPRESSION') return "compression = 'none'";
  if (name === 'ENCRYPTION') return "encryption = 'n'";
  return `${name.toLowerCase()} = ${/^STATS_|^PACK_KEYS$/.test(name) ? 'default' : 0}`;
}

/** Such as range (year(`day`)), with what the subpartitions go by. */
export function divisionSql({ by, subpartitionedBy }: PartitioningModel): string {
  const way = ({ method, expression }: typeof by) => `${method.toLowerCase()} (${expression})`;
  return `${way(by)}${subpartitionedBy === null ? '' : ` subpartition by ${way(subpartitionedBy)}`}`;
}

export function partitionsSql({ by, partitions }: PartitioningModel, { comments = true } = {}): string {
  const list = by.method.startsWith('RANGE') ? 'less than' : 'in';
  const said = (comment: string) => (comments && comment !== '' ? ` comment = ${quoteText(comment)}` : '');
  return partitions
    .map(({ name, values, comment, subpartitions }) => {
      const subs = subpartitions.map((sub) => `subpartition ${quoteName(sub.name)}${said(sub.comment)}`);
      const inside = subs.length === 0 ? said(comment) : ` (${subs.join(', ')})`;
      return `partition ${quoteName(name)}${values === null ? '' : ` values ${list} (${values})`}${inside}`;
    })
    .join(', ');
}

export function partitioningSql(partitioning: PartitioningModel): string {
  return `partition by ${divisionSql(partitioning)} (${partitionsSql(partitioning)})`;
}

/** With the given ones of its foreign keys. */
export function createTable(table: TableModel, foreignKeys = table.foreignKeys): string {
  const parts = [
    ...table.columns.map(columnSql),
    ...table.indexes.map(indexSql),
    ...foreignKeys.map(foreignKeySql),
    ...table.checks.map(checkSql),
  ];
  const partitions = table.partitioning === null ? '' : ` ${partitioningSql(table.partitioning)}`;
  return `create table ${quoteName(table.name)} (${parts.join(', ')}) ${tableOptionsSql(table)}${partitions}`;
}

export function commentSql(comment: string): string {
  return `comment = ${quoteText(comment)}`;
}
