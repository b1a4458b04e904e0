import { tokensOf } from '../../../sql/tokens.ts';
import type { AlterClause } from '../alter-clause.ts';
import { isSpatial } from '../change-column.ts';
import type { ColumnDefinition } from '../column.ts';
import { columnIn, includesName, type KnownTable, mentions, nameKey } from '../schema-state.ts';
import { dropped, failure, type PredictedFailure, type SchemaChange } from './failure.ts';
import { lengthFailures } from './lengths.ts';

/** MySQL's refusals about the columns of a changed table. */
export function columnFailures(change: SchemaChange): PredictedFailure[] {
  return [
    ...change.clauses.flatMap((clause) => [...missing(clause, change), ...inUse(clause, change)]),
    ...changedTwice(change),
    ...duplicates(change),
    ...automatic(change.after),
    ...lengthFailures(change),
  ];
}

/** MySQL's refusals for a column's definition alone, whatever the table is. */
export function definitionFailures(
  { name, type, default: value }: ColumnDefinition,
  added: boolean,
): PredictedFailure[] {
  const failures: PredictedFailure[] = [];
  const isLarge = /^\s*(tiny|medium|long)?(text|blob)\b|^\s*json\b/i.test(type) || isSpatial(type);
  if (isLarge && value !== null && !/^\(|^null$/i.test(value)) {
    failures.push(
      failure(
        1101,
        name,
        'A TEXT, BLOB, JSON or spatial column takes no literal default: put it in parentheses.',
      ),
    );
  }
  const varying = tokensOf(value ?? '').some(
    ({ kind, text }) => kind === 'word' && ['UUID', 'UUID_SHORT', 'RAND', 'RANDOM_BYTES'].includes(text),
  );
  if (added && varying) {
    failures.push(
      failure(
        1674,
        name,
        'MySQL adds no column whose default differs by row: add it without, fill it, then set the default.',
      ),
    );
  }
  return failures;
}

function missing(clause: AlterClause, { before, clauses }: SchemaChange): PredictedFailure[] {
  const isMade = (name: string) =>
    columnIn(before, name) !== undefined ||
    clauses.some((other) => other.does === 'addColumn' && nameKey(other.column.name) === nameKey(name)) ||
    clauses.some((other) => other.does === 'changeColumn' && nameKey(other.column.name) === nameKey(name));
  const absent = (errno: number, name: string) =>
    columnIn(before, name) === undefined ? [failure(errno, name, `${before.name} has no such column.`)] : [];
  switch (clause.does) {
    case 'dropColumn':
      return absent(1091, clause.name);
    case 'renameColumn':
      return absent(1054, clause.from);
    case 'setDefault':
    case 'columnVisibility':
      return absent(1054, clause.name);
    case 'changeColumn':
    case 'addColumn': {
      const own = clause.does === 'changeColumn' ? absent(1054, clause.from) : [];
      const { position } = clause.column;
      if (position === null || 'first' in position || isMade(position.after)) return own;
      return [...own, failure(1054, position.after, `${before.name} has no such column to stand after.`)];
    }
    default:
      return [];
  }
}

/** The objects that use a column which goes or gets another name. */
function inUse(clause: AlterClause, { before, clauses }: SchemaChange): PredictedFailure[] {
  const name =
    clause.does === 'dropColumn'
      ? clause.name
      : clause.does === 'renameColumn'
        ? clause.from
        : renamedBy(clause);
  if (name === null || columnIn(before, name) === undefined) return [];
  const drops = clause.does === 'dropColumn';
  const goneColumns = dropped(clauses, 'dropColumn');
  const failures: PredictedFailure[] = [];
  for (const column of before.columns.values()) {
    if (
      column.expression === null ||
      !mentions(column.expression, name) ||
      includesName(goneColumns, column.name)
    )
      continue;
    failures.push(
      failure(3108, name, `The generated column ${column.name} is computed from it: drop that one first.`),
    );
  }
  const goneIndexes = dropped(clauses, 'dropIndex', 'dropConstraint');
  for (const index of before.indexes.values()) {
    const uses = index.columns.some((part) => part.startsWith('(') && mentions(part, name));
    if (uses && !includesName(goneIndexes, index.name))
      failures.push(
        failure(3837, name, `The index ${index.name} is on an expression of it: drop that one first.`),
      );
  }
  const goneChecks = dropped(clauses, 'dropCheck', 'dropConstraint');
  for (const check of before.checks.values()) {
    const used = [...before.columns.values()].filter((column) => mentions(check.expression, column.name));
    // A check of one column alone goes with it.
    const inTheWay = mentions(check.expression, name) && (!drops || used.length > 1);
    if (inTheWay && !includesName(goneChecks, check.name))
      failures.push(failure(3959, name, `The check ${check.name} is about it: drop that one first.`));
  }
  if (before.partitioning !== null && mentions(before.partitioning.expression, name)) {
    failures.push(failure(3855, name, 'The table is partitioned by it.'));
  }
  return failures;
}

function renamedBy(clause: AlterClause): string | null {
  if (clause.does !== 'changeColumn') return null;
  return nameKey(clause.from) === nameKey(clause.column.name) ? null : clause.from;
}

/** MySQL looks for a column by its old name, once: a second clause about it does not find it. */
function changedTwice({ before, clauses }: SchemaChange): PredictedFailure[] {
  const changes = clauses.flatMap((clause) => {
    const name = nameOfChanged(clause);
    return name === null || columnIn(before, name) === undefined
      ? []
      : [{ key: nameKey(name), name, clause }];
  });
  return [...Map.groupBy(changes, ({ key }) => key).values()].flatMap(([first, second]) => {
    if (first === undefined || second === undefined) return [];
    const drops = first.clause.does === 'dropColumn' && second.clause.does === 'dropColumn';
    return [
      failure(
        drops ? 1091 : 1054,
        first.name,
        `A statement changes a column once: put what it does to ${first.name} into one clause, or into two statements.`,
      ),
    ];
  });
}

function nameOfChanged(clause: AlterClause): string | null {
  switch (clause.does) {
    case 'dropColumn':
    case 'setDefault':
    case 'columnVisibility':
      return clause.name;
    case 'renameColumn':
    case 'changeColumn':
      return clause.from;
    default:
      return null;
  }
}

function duplicates({ before, clauses }: SchemaChange): PredictedFailure[] {
  const gone = clauses.flatMap((clause) =>
    clause.does === 'dropColumn'
      ? [clause.name]
      : clause.does === 'renameColumn'
        ? [clause.from]
        : (renamedBy(clause) ?? []),
  );
  const names = [...before.columns.values()]
    .map(({ name }) => name)
    .filter((name) => !includesName(gone, name));
  const failures: PredictedFailure[] = [];
  for (const clause of clauses) {
    const name =
      clause.does === 'addColumn' ? clause.column.name : clause.does === 'renameColumn' ? clause.to : null;
    const added = clause.does === 'changeColumn' && renamedBy(clause) !== null ? clause.column.name : name;
    if (added === null) continue;
    if (includesName(names, added))
      failures.push(failure(1060, added, 'A column of this name is there already.'));
    names.push(added);
  }
  return failures;
}

/** https://dev.mysql.com/doc/refman/8.4/en/create-table.html: one AUTO_INCREMENT a table, and it must be indexed. */
function automatic({ columns, indexes }: KnownTable): PredictedFailure[] {
  const found = [...columns.values()].filter(({ autoIncrement }) => autoIncrement);
  const isKey = (name: string) =>
    [...indexes.values()].some((index) => nameKey(index.columns[0] ?? '') === nameKey(name));
  const [first, second] = found;
  if (second !== undefined)
    return [failure(1075, second.name, 'A table has one AUTO_INCREMENT column at most.')];
  if (first === undefined || isKey(first.name)) return [];
  return [failure(1075, first.name, 'An AUTO_INCREMENT column must be the first of an index.')];
}

/** A column becomes VIRTUAL, or is so no more: MySQL can only drop and add it. */
export function generatedFailures({ before, clauses }: SchemaChange): PredictedFailure[] {
  return clauses.flatMap((clause) => {
    if (clause.does !== 'changeColumn') return [];
    const old = columnIn(before, clause.from);
    const { generated } = clause.column;
    if (old === undefined || old.generated === generated) return [];
    if (old.generated !== 'VIRTUAL' && generated !== 'VIRTUAL') return [];
    return [
      failure(3106, clause.from, 'A column cannot become VIRTUAL, nor stop being so: drop it and add it.'),
    ];
  });
}
