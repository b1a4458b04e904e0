import { parseMysqlType } from '../../../sql/mysql-type.ts';
import { bytesPerCharacter } from '../column-type.ts';
import {
  columnIn,
  includesName,
  isText,
  type KnownColumn,
  type KnownIndex,
  type KnownTable,
} from '../schema-state.ts';
import { failure, type PredictedFailure, type SchemaChange } from './failure.ts';

/** https://dev.mysql.com/doc/refman/8.4/en/column-count-limit.html */
const longestRow = 65_535;
/** https://dev.mysql.com/doc/refman/8.4/en/innodb-limits.html, with pages of 16 KiB */
const longestKey = 3072;
const longestOldKey = 767;

/** MySQL's refusals for length: of rows, columns, keys. */
export function lengthFailures({ after, clauses }: SchemaChange): PredictedFailure[] {
  const changed = clauses.flatMap((clause) =>
    clause.does === 'addColumn' || clause.does === 'changeColumn' ? [clause.column.name] : [],
  );
  const failures: PredictedFailure[] = [];
  for (const name of changed) {
    const column = columnIn(after, name);
    const bytes = column === undefined ? null : bytesOf(column);
    if (column !== undefined && bytes !== null && bytes > longestRow) {
      failures.push(
        failure(1074, name, `It takes ${bytes} bytes, and a column ${longestRow} at most: use TEXT or BLOB.`),
      );
    }
  }
  const row = rowBytes(after);
  if (changed.length > 0 && failures.length === 0 && row > longestRow) {
    const message = `A row takes ${row} bytes without its TEXT and BLOB values, and ${longestRow} at most: use TEXT or BLOB.`;
    failures.push(failure(1118, changed[0] ?? '', message));
  }
  const added = clauses.flatMap((clause) =>
    clause.does === 'addIndex' ? [clause.name ?? clause.columns[0] ?? ''] : [],
  );
  for (const index of after.indexes.values()) {
    const concerned =
      includesName(added, index.name) ||
      index.columns.some((column) => includesName(changed, column)) ||
      (index.name === 'PRIMARY' && clauses.some(({ does }) => does === 'addPrimaryKey'));
    if (concerned) failures.push(...keyFailures(index, after));
  }
  return failures;
}

function keyFailures({ name, kind, columns, lengths }: KnownIndex, table: KnownTable): PredictedFailure[] {
  if (kind === 'FULLTEXT' || kind === 'SPATIAL') return [];
  const most = ['redundant', 'compact'].includes(table.rowFormat ?? '') ? longestOldKey : longestKey;
  let total = 0;
  for (const [at, part] of columns.entries()) {
    const column = columnIn(table, part);
    if (column === undefined) continue;
    const length = lengths[at] ?? null;
    if (length === null && isLarge(column.type)) {
      return [failure(1170, name, `${part} is TEXT or BLOB: say how much of it, as in ${part}(100).`)];
    }
    const width = isText(column.type) ? bytesPerCharacter(column.charset) : 1;
    total += length === null ? (bytesOf(column) ?? 0) : length * width;
  }
  if (total <= most) return [];
  return [
    failure(1071, name, `It takes ${total} bytes, and ${most} at most: index a part of a column, or fewer.`),
  ];
}

const isLarge = (type: string) => /^\s*(tiny|medium|long)?(text|blob)\b|^\s*json\b/i.test(type);

function rowBytes({ columns }: KnownTable): number {
  let total = 0;
  for (const column of columns.values()) {
    if (column.generated === 'VIRTUAL') continue;
    const bytes = bytesOf(column);
    // The length of TEXT and BLOB and where they are.
    if (bytes === null) total += isLarge(column.type) ? 10 : 0;
    else total += bytes + (/^\s*var/i.test(column.type) ? (bytes > 255 ? 2 : 1) : 0);
  }
  return total + Math.ceil([...columns.values()].filter(({ nullable }) => nullable).length / 8);
}

const fixed: Readonly<Record<string, number>> = {
  ...{ tinyint: 1, smallint: 2, mediumint: 3, int: 4, bigint: 8, float: 4, double: 8, year: 1, date: 3 },
  ...{ time: 3, datetime: 5, timestamp: 4, enum: 2, set: 8 },
};

/** The bytes that the values of a column take at most in its row; null for TEXT, BLOB and what is not known. */
function bytesOf({ type, charset }: KnownColumn): number | null {
  const { name, numbers } = parseMysqlType(type);
  const [length = 1, scale = 0] = numbers;
  if (name === 'char' || name === 'varchar') return length * bytesPerCharacter(charset);
  if (name === 'binary' || name === 'varbinary') return length;
  if (name === 'bit') return Math.ceil(length / 8);
  if (name === 'decimal') return Math.ceil(((numbers[0] ?? 10) - scale) / 2.25) + Math.ceil(scale / 2.25);
  return fixed[name] ?? null;
}
