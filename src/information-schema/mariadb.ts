import type { AllRows, Rows } from './rows.ts';
import { literalIn } from './sql-default.ts';

/**
 * The rows of MariaDB's catalogue as MySQL would give them, so that whoever reads on need not know of it.
 * https://mariadb.com/kb/en/information-schema-tables/
 */
export function likeMysql(rows: AllRows): AllRows {
  const isJson = ({ tableName, name, type }: Rows['columns']) =>
    type === 'longtext' && rows.checks.some((check) => validates(check, tableName, name));
  const json = rows.columns.filter(isJson);
  return {
    ...rows,
    columns: rows.columns.map((column) => ({
      ...column,
      ...(json.includes(column) ? { type: 'json', charset: null, collation: null } : {}),
      ...initial(column),
      expression: column.expression === null ? null : escaped(column.expression),
    })),
    checks: rows.checks
      .filter((check) => !json.some(({ tableName, name }) => validates(check, tableName, name)))
      .map((check) => ({ ...check, CHECK_CLAUSE: escaped(check.CHECK_CLAUSE) })),
    indexes: rows.indexes.map((index) => ({ ...index, IS_VISIBLE: index.IGNORED === 'YES' ? 'NO' : 'YES' })),
  };
}

/** JSON is an alias of LONGTEXT with such a check. */
function validates(check: Rows['checks'], table: string, column: string): boolean {
  return (
    check.TABLE_NAME === table && check.CHECK_CLAUSE === `json_valid(\`${column.replaceAll('`', '``')}\`)`
  );
}

/** A default is SQL here: text in quotes, NULL where there is none, all else an expression. */
function initial({ default: sql, extra }: Rows['columns']): Pick<Rows['columns'], 'default' | 'extra'> {
  if (sql === null || sql === 'NULL') return { default: null, extra };
  const literal = literalIn(sql);
  if (literal !== null) return { default: literal, extra };
  return { default: escaped(sql), extra: `DEFAULT_GENERATED ${extra}` };
}

/** MySQL escapes quotes and backslashes in expressions once more. */
function escaped(expression: string): string {
  return expression.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
