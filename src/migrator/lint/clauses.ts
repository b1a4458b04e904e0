import { listOf, readerOf, type SqlReader } from '../../sql/reader.ts';
import { type AlterClause, partitionVerbs } from './alter-clause.ts';
import { columnOf, readColumn } from './column.ts';
import { readKey } from './key-clauses.ts';
import { readOption } from './table-options.ts';

/** The clauses of a list: https://dev.mysql.com/doc/refman/8.4/en/alter-table.html */
export function clausesOf(sql: string): AlterClause[] {
  return partsOf(sql).flatMap((text) => {
    const reader = readerOf(text);
    const clauses: AlterClause[] = [];
    // Options need no comma between them.
    while (!reader.done) {
      const clause = clauseOf(reader, text);
      if (clause === null) return [{ does: 'notUnderstood', text } as const];
      clauses.push(...clause);
    }
    return clauses;
  });
}

/** Splits at the commas between clauses; a list of partitions, or of what to order by, comes last and has commas of its own. */
function partsOf(sql: string): string[] {
  const parts = listOf(sql);
  const last = parts.findIndex((part) => {
    const reader = readerOf(part);
    return reader.oneOf(...partitionVerbs, 'ORDER BY') !== null;
  });
  return last === -1 ? parts : [...parts.slice(0, last), parts.slice(last).join(', ')];
}

function clauseOf(reader: SqlReader, text: string): AlterClause[] | null {
  if (reader.is('ADD', 'PARTITION')) return partition(reader, text);
  if (reader.skip('ADD')) return add(reader);
  const changes = reader.oneOf('CHANGE', 'MODIFY');
  if (changes !== null) return change(reader, changes);
  if (reader.skip('DROP')) return drop(reader, text);
  if (reader.skip('ALTER')) return alter(reader);
  if (reader.skip('RENAME')) return rename(reader);
  return readOption(reader, text) ?? partition(reader, text);
}

function add(reader: SqlReader): AlterClause[] | null {
  const definition = readKey(reader);
  if (definition !== undefined) return definition && [definition];
  reader.skip('COLUMN');
  const list = reader.parenthesized();
  if (list !== null) {
    const items = listOf(list).map((item): AlterClause | null => {
      const column = columnOf(item);
      return readKey(readerOf(item)) ?? (column && { does: 'addColumn', column });
    });
    return items.some((item) => item === null) ? null : (items as AlterClause[]);
  }
  const column = readColumn(reader);
  return column && [{ does: 'addColumn', column }];
}

function change(reader: SqlReader, verb: 'CHANGE' | 'MODIFY'): AlterClause[] | null {
  reader.skip('COLUMN');
  const from = verb === 'CHANGE' ? reader.name() : null;
  const column = readColumn(reader);
  return column && [{ does: 'changeColumn', from: from ?? column.name, column }];
}

const droppable = {
  INDEX: 'dropIndex',
  KEY: 'dropIndex',
  'FOREIGN KEY': 'dropForeignKey',
  CHECK: 'dropCheck',
  CONSTRAINT: 'dropConstraint',
} as const;

function drop(reader: SqlReader, text: string): AlterClause[] | null {
  if (reader.skip('PRIMARY', 'KEY')) return [{ does: 'dropPrimaryKey' }];
  if (reader.is('PARTITION')) {
    while (!reader.done) reader.any();
    return [{ does: 'partition', how: 'DROP PARTITION', text }];
  }
  const what = reader.oneOf('INDEX', 'KEY', 'FOREIGN KEY', 'CHECK', 'CONSTRAINT');
  if (what === null) reader.skip('COLUMN');
  const name = reader.name();
  return name === null ? null : [{ does: what === null ? 'dropColumn' : droppable[what], name }];
}

function alter(reader: SqlReader): AlterClause[] | null {
  if (reader.skip('INDEX')) {
    const name = reader.name();
    return name !== null && reader.oneOf('VISIBLE', 'INVISIBLE') !== null
      ? [{ does: 'indexVisibility', name }]
      : null;
  }
  if (reader.oneOf('CHECK', 'CONSTRAINT') !== null) {
    const name = reader.name();
    const enforced = !reader.skip('NOT');
    return name !== null && reader.skip('ENFORCED') ? [{ does: 'alterCheck', name, enforced }] : null;
  }
  reader.skip('COLUMN');
  const name = reader.name();
  if (name === null) return null;
  if (reader.skip('DROP', 'DEFAULT')) return [{ does: 'setDefault', name, default: null }];
  if (reader.skip('SET', 'DEFAULT')) return [{ does: 'setDefault', name, default: reader.until() }];
  if (reader.skip('SET') && reader.oneOf('VISIBLE', 'INVISIBLE') !== null) {
    return [{ does: 'columnVisibility', name }];
  }
  return null;
}

function rename(reader: SqlReader): AlterClause[] | null {
  const what = reader.oneOf('COLUMN', 'INDEX', 'KEY');
  if (what === null) {
    reader.oneOf('TO', 'AS');
    const to = reader.name();
    return to === null ? null : [{ does: 'renameTable', to }];
  }
  const from = reader.name();
  if (from === null || !reader.skip('TO')) return null;
  const to = reader.name();
  return to === null ? null : [{ does: what === 'COLUMN' ? 'renameColumn' : 'renameIndex', from, to }];
}

function partition(reader: SqlReader, text: string): AlterClause[] | null {
  const how = reader.oneOf(...partitionVerbs);
  if (how === null) return null;
  while (!reader.done) reader.any();
  return [{ does: 'partition', how, text }];
}
