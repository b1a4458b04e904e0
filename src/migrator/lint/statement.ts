import { listOf, readerOf, type SqlReader } from '../../sql/reader.ts';
import { codeTokens } from '../../sql/tokens.ts';
import type { AlterClause } from './alter-clause.ts';
import { clausesOf } from './clauses.ts';
import { columnOf } from './column.ts';
import { readIndex, readKey } from './key-clauses.ts';

/** How many rows an UPDATE or DELETE may touch: all, those of some condition, or a bounded share. */
export type Reach = 'all' | 'some' | 'bounded';

/** A parsed statement, as far as the lint cares. */
export type ParsedStatement =
  | { readonly kind: 'createTable'; readonly table: string; readonly clauses: readonly AlterClause[] | null }
  | { readonly kind: 'alterTable'; readonly table: string; readonly clauses: readonly AlterClause[] }
  | {
      readonly kind: 'renameTables';
      readonly renames: readonly { readonly from: string; readonly to: string }[];
    }
  | { readonly kind: 'dropTables'; readonly tables: readonly string[] }
  | { readonly kind: 'dropSchema'; readonly name: string }
  | { readonly kind: 'dropObject'; readonly what: string; readonly name: string }
  | { readonly kind: 'truncate'; readonly table: string }
  | {
      readonly kind: 'update' | 'delete';
      readonly table: string;
      readonly reach: Reach;
      readonly text: string;
    }
  | { readonly kind: 'insert'; readonly table: string }
  | { readonly kind: 'foreignKeyChecks'; readonly on: boolean }
  | { readonly kind: 'optimize'; readonly tables: readonly string[] }
  | { readonly kind: 'harmless' }
  | { readonly kind: 'notUnderstood' };

const notUnderstood: ParsedStatement = { kind: 'notUnderstood' };
const harmless: ParsedStatement = { kind: 'harmless' };

/** Reads one statement. It marks a statement that it cannot read: nothing is taken for harmless unseen. */
export function statementOf(sql: string): ParsedStatement {
  const reader = readerOf(sql);
  if (reader.skip('CREATE')) return create(reader);
  if (reader.skip('ALTER', 'TABLE')) {
    const table = reader.name();
    const list = rest(reader);
    return table === null ? notUnderstood : { kind: 'alterTable', table, clauses: clausesOf(list) };
  }
  if (reader.skip('DROP')) return drop(reader);
  if (reader.oneOf('RENAME TABLE', 'RENAME TABLES') !== null) return renameTables(reader);
  if (reader.skip('TRUNCATE')) {
    reader.skip('TABLE');
    return ofTable(reader, (table) => ({ kind: 'truncate', table }));
  }
  if (reader.skip('UPDATE')) return changeRows(reader, 'update', sql);
  if (reader.skip('DELETE')) return changeRows(reader, 'delete', sql);
  if (reader.oneOf('INSERT', 'REPLACE', 'LOAD') !== null) {
    while (!reader.done && !reader.is('INTO')) reader.any();
    reader.skip('INTO');
    return ofTable(reader, (table) => ({ kind: 'insert', table }));
  }
  if (reader.oneOf('OPTIMIZE TABLE', 'OPTIMIZE TABLES') !== null) {
    return { kind: 'optimize', tables: namesIn(rest(reader)) };
  }
  if (reader.skip('SET')) return set(sql);
  return reader.oneOf(...harmlessVerbs) === null ? notUnderstood : harmless;
}

const harmlessVerbs = [
  ...[
    'SELECT',
    'SHOW',
    'USE',
    'BEGIN',
    'START TRANSACTION',
    'COMMIT',
    'ROLLBACK',
    'ANALYZE',
    'EXPLAIN',
    'WITH',
  ],
  ...['DO', 'CHECK TABLE', 'LOCK TABLES', 'UNLOCK TABLES', '('],
];

function create(reader: SqlReader): ParsedStatement {
  reader.skip('OR', 'REPLACE');
  if (reader.skip('TEMPORARY', 'TABLE')) return harmless;
  if (reader.skip('TABLE')) {
    reader.skip('IF', 'NOT', 'EXISTS');
    const table = reader.name();
    const list = reader.parenthesized();
    if (table === null) return notUnderstood;
    // LIKE another, or AS SELECT: its columns are not in the text.
    const whole = list !== null && !/^\s*(like|select)\b/i.test(list);
    return { kind: 'createTable', table, clauses: whole ? listOf(list).map(tableItem) : null };
  }
  const kind = reader.oneOf('UNIQUE', 'FULLTEXT', 'SPATIAL');
  if (reader.skip('INDEX')) return createIndex(reader, kind ?? 'INDEX');
  // Views, triggers and routines hold no rows, and creating them blocks nothing for long.
  return harmless;
}

function tableItem(item: string): AlterClause {
  const key = readKey(readerOf(item));
  if (key !== undefined) return key ?? { does: 'notUnderstood', text: item };
  const column = columnOf(item);
  return column === null ? { does: 'notUnderstood', text: item } : { does: 'addColumn', column };
}

function createIndex(reader: SqlReader, kind: 'INDEX' | 'UNIQUE' | 'FULLTEXT' | 'SPATIAL'): ParsedStatement {
  const name = reader.name();
  if (reader.skip('USING')) reader.any();
  if (name === null || !reader.skip('ON')) return notUnderstood;
  const table = reader.name();
  const index = readIndex(readerOf(`(${reader.parenthesized() ?? ''})`), kind, name);
  reader.until('ALGORITHM', 'LOCK');
  if (table === null || index === null) return notUnderstood;
  return { kind: 'alterTable', table, clauses: [index, ...clausesOf(rest(reader))] };
}

function drop(reader: SqlReader): ParsedStatement {
  if (reader.skip('TEMPORARY')) return harmless;
  const what = reader.oneOf('TABLE', 'TABLES', 'DATABASE', 'SCHEMA', 'INDEX');
  if (what === 'INDEX') {
    const name = reader.name();
    if (name === null || !reader.skip('ON')) return notUnderstood;
    return ofTable(reader, (table) => {
      const first = /^primary$/i.test(name)
        ? ({ does: 'dropPrimaryKey' } as const)
        : ({ does: 'dropIndex', name } as const);
      return { kind: 'alterTable', table, clauses: [first, ...clausesOf(rest(reader))] };
    });
  }
  const other = what ?? reader.any().toUpperCase();
  reader.skip('IF', 'EXISTS');
  const names = namesIn(rest(reader).replace(/\s+(restrict|cascade)\s*$/i, ''));
  if (what === 'TABLE' || what === 'TABLES') return { kind: 'dropTables', tables: names };
  const [name = ''] = names;
  if (what !== null) return { kind: 'dropSchema', name };
  return { kind: 'dropObject', what: other.toLowerCase(), name };
}

function renameTables(reader: SqlReader): ParsedStatement {
  const renames = listOf(rest(reader)).map((item) => {
    const pair = readerOf(item);
    const from = pair.name();
    pair.skip('TO');
    return { from, to: pair.name() };
  });
  return renames.every(({ from, to }) => from !== null && to !== null)
    ? { kind: 'renameTables', renames: renames as { from: string; to: string }[] }
    : notUnderstood;
}

function changeRows(reader: SqlReader, kind: 'update' | 'delete', sql: string): ParsedStatement {
  while (reader.oneOf('LOW_PRIORITY', 'QUICK', 'IGNORE', 'FROM') !== null);
  return ofTable(reader, (table) => ({ kind, table, reach: reachOf(sql), text: sql }));
}

/**
 * Bounded: by LIMIT, by BETWEEN, by a lower and an upper limit, or by equality with a number on an `id`. A condition
 * of another kind may be true of any share of the rows.
 */
function reachOf(sql: string): Reach {
  const words = codeTokens(sql);
  const where = words.findLastIndex(({ kind, text }) => kind === 'word' && text === 'WHERE');
  if (words.some(({ kind, text }) => kind === 'word' && text === 'LIMIT')) return 'bounded';
  if (where === -1) return 'all';
  const condition = words.slice(where + 1);
  const has = (...texts: readonly string[]) =>
    condition.some(({ kind, text }) => (kind === 'word' || kind === 'symbol') && texts.includes(text));
  if (has('OR')) return 'some';
  const keyed = condition.some(
    ({ kind, text }, index) =>
      kind !== 'string' &&
      /^id$/i.test(text) &&
      ['=', 'IN'].includes(condition[index + 1]?.text ?? '') &&
      !['name', 'word'].includes(condition[index + 2]?.kind ?? ''),
  );
  return keyed || has('BETWEEN') || (has('<', '<=') && has('>', '>=')) ? 'bounded' : 'some';
}

function set(sql: string): ParsedStatement {
  const tokens = codeTokens(sql);
  const at = tokens.findIndex(
    ({ kind, text }) => kind !== 'string' && /^(@@)?foreign_key_checks$/i.test(text),
  );
  const value = tokens[at + 2];
  if (at === -1 || value === undefined) return harmless;
  return { kind: 'foreignKeyChecks', on: !/^(0|off|false)$/i.test(value.text) };
}

function ofTable(reader: SqlReader, make: (table: string) => ParsedStatement): ParsedStatement {
  const table = reader.name();
  return table === null ? notUnderstood : make(table);
}

function namesIn(list: string): string[] {
  return listOf(list).flatMap((item) => readerOf(item).name() ?? []);
}

function rest(reader: SqlReader): string {
  const parts: string[] = [];
  while (!reader.done) {
    parts.push(reader.until());
    if (reader.skip(',')) parts.push(',');
  }
  return parts.join(' ');
}
