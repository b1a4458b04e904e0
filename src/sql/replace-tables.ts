import { byIndex, byIndexAs } from './optimizer-hints.ts';
import { quoteName, unquoteName } from './quote.ts';

/** A SELECT that takes the place of a table, and what its question marks stand for. */
export interface TablePart<Q> {
  readonly sql: string;
  /** The same, `byIndex` of `row`, for an alias with that hint: it is about the table itself, not about a SELECT in its place. */
  readonly sqlByIndex?: string;
  readonly params: readonly Q[];
}

/** A place where a statement of the query builder takes rows from: `from` or `join`, a table, and its alias. */
const reference = /\b(?:from|join) (`(?:[^`]|``)+`)(?= as (`(?:[^`]|``)+`))/g;

/**
 * Puts in the place of each table that a statement takes rows from the part of it that a role may read: the only place where
 * rules meet statements, so that none is made without them, whether it reads a page, a count, a join or what a filter asks.
 * MySQL merges such a part with the statement around it, so that it uses the same indexes:
 * https://dev.mysql.com/doc/refman/8.4/en/derived-table-optimization.html
 *
 * @param params what the question marks stand for, in their order
 * @throws where one of the tables stands in a place that is not known
 */
export function replaceTables<P, Q>(
  statement: { readonly sql: string; readonly params: readonly P[] },
  tables: ReadonlyMap<string, TablePart<Q>>,
): { readonly sql: string; readonly params: readonly (P | Q)[] } {
  let sql = '';
  let at = 0;
  let taken = 0;
  const params: (P | Q)[] = [];
  const copyTo = (end: number) => {
    const text = statement.sql.slice(at, end);
    const marks = text.split('?').length - 1;
    params.push(...statement.params.slice(taken, taken + marks));
    taken += marks;
    sql += text;
    at = end;
  };
  const placed = new Map<string, number>();
  for (const match of statement.sql.matchAll(reference)) {
    const quoted = match[1] as string;
    const name = unquoteName(quoted);
    const table = tables.get(name);
    if (table === undefined) continue;
    placed.set(name, (placed.get(name) ?? 0) + 1);
    copyTo(match.index + match[0].length - quoted.length);
    const hint = byIndexAs('row', statement.sql, unquoteName(match[2] as string));
    const part = hint && table.sqlByIndex?.replaceAll(byIndex('row'), () => hint);
    sql += `(${part || table.sql})`;
    params.push(...table.params);
    at += quoted.length;
  }
  copyTo(statement.sql.length);
  for (const name of tables.keys()) {
    if (placesOf(statement.sql, name) !== (placed.get(name) ?? 0)) {
      throw new Error(`A statement names the table ${name} in a place that no rule reaches.`);
    }
  }
  return { sql, params };
}

/** The tables that a statement of the query builder takes rows from, each once. */
export function tablesIn(sql: string): readonly string[] {
  return [...new Set(Array.from(sql.matchAll(reference), ([, quoted]) => unquoteName(quoted as string)))];
}

/** Hints, which tell MySQL how to run a statement: the names in them are aliases. */
const hints = /\/\*\+.*?\*\//g;

/** How often a name stands where a table can: a column or an alias of the name is none. */
function placesOf(statement: string, name: string): number {
  const sql = statement.replace(hints, '');
  const quoted = quoteName(name);
  let count = 0;
  for (let at = sql.indexOf(quoted); at >= 0; at = sql.indexOf(quoted, at + quoted.length)) {
    const qualifier = /`(?:[^`]|``)+`(?=\.$)/.exec(sql.slice(0, at))?.[0];
    const isColumn = qualifier !== undefined && sql.includes(` as ${qualifier}`);
    const isAlias = sql.slice(at - 4, at) === ' as ' || sql[at + quoted.length] === '.';
    if (!isColumn && !isAlias) count += 1;
  }
  return count;
}
