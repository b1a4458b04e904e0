import { parseMysqlType } from '../../../sql/mysql-type.ts';
import {
  columnIn,
  includesName,
  type KnownColumn,
  type KnownForeignKey,
  type KnownTable,
  type KnownTables,
  nameKey,
  referencesTo,
} from '../schema-state.ts';
import { dropped, failure, type PredictedFailure, type SchemaChange } from './failure.ts';

/** MySQL's refusals about foreign keys and checks: https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html */
export function constraintFailures(change: SchemaChange): PredictedFailure[] {
  return [...added(change), ...names(change), ...columnsInUse(change), ...changedColumns(change)];
}

function added({ after, clauses, known, foreignKeyChecks }: SchemaChange): PredictedFailure[] {
  return clauses.flatMap((clause): PredictedFailure[] => {
    if (clause.does !== 'addForeignKey') return [];
    const part = clause.name ?? `(${clause.columns.join(', ')})`;
    if (after.partitioning !== null)
      return [failure(1506, part, 'A partitioned table takes no foreign key.')];
    if (clause.columns.some((name) => columnIn(after, name) === undefined))
      return [failure(1072, part, `${after.name} has no such column.`)];
    const { table, columns } = clause.references;
    const parent = table === after.name ? after : known.tables.get(table);
    if (parent === undefined || !foreignKeyChecks) return [];
    const served = [...parent.indexes.values()].some((index) =>
      columns.every((name, at) => nameKey(index.columns[at] ?? '') === nameKey(name)),
    );
    if (!served)
      return [failure(1822, part, `${table} has no index that begins with ${columns.join(', ')}.`)];
    return mismatches({ name: part, columns: clause.columns, references: { table, columns } }, after, parent);
  });
}

function names({ before, clauses, known }: SchemaChange): PredictedFailure[] {
  const failures: PredictedFailure[] = [];
  const others = [...known.tables.values()].filter(({ name }) => name !== before.name);
  for (const clause of clauses) {
    if ((clause.does !== 'addForeignKey' && clause.does !== 'addCheck') || clause.name === null) continue;
    const key = nameKey(clause.name);
    if (clause.does === 'addForeignKey') {
      // Also where the same statement drops it.
      if ([...others, before].some(({ foreignKeys }) => foreignKeys.has(key)))
        failures.push(
          failure(
            1826,
            clause.name,
            'A foreign key of this name is there: use another name, or drop it in a statement before.',
          ),
        );
      continue;
    }
    const gone = includesName(dropped(clauses, 'dropCheck', 'dropConstraint'), clause.name);
    if (others.some(({ checks }) => checks.has(key)) || (before.checks.has(key) && !gone))
      failures.push(
        failure(
          3822,
          clause.name,
          'A check of this name is there already: names of checks are one to a database.',
        ),
      );
  }
  for (const name of dropped(clauses, 'dropForeignKey')) {
    if (!before.foreignKeys.has(nameKey(name)))
      failures.push(failure(1091, name, `${before.name} has no such foreign key.`));
  }
  for (const name of dropped(clauses, 'dropCheck')) {
    if (!before.checks.has(nameKey(name)))
      failures.push(failure(3821, name, `${before.name} has no such check.`));
  }
  return failures;
}

/** Columns that go though a foreign key is on them, or points at them. */
function columnsInUse({ before, clauses, known }: SchemaChange): PredictedFailure[] {
  const goneKeys = dropped(clauses, 'dropForeignKey', 'dropConstraint');
  return dropped(clauses, 'dropColumn').flatMap((column) => [
    ...[...before.foreignKeys.values()]
      .filter(({ name, columns }) => includesName(columns, column) && !includesName(goneKeys, name))
      .map(({ name }) => failure(1828, column, `The foreign key ${name} is on it: drop that one first.`)),
    ...referencesTo(known, before.name)
      .filter(({ foreignKey }) => includesName(foreignKey.references.columns, column))
      .map(({ child, foreignKey }) =>
        failure(
          1829,
          column,
          `The foreign key ${foreignKey.name} of ${child.name} points at it: drop that one first.`,
        ),
      ),
  ]);
}

/** Columns whose new type no longer goes with the one at the other end of a foreign key. */
function changedColumns({
  before,
  after,
  clauses,
  known,
  foreignKeyChecks,
}: SchemaChange): PredictedFailure[] {
  if (!foreignKeyChecks) return [];
  const goneKeys = dropped(clauses, 'dropForeignKey', 'dropConstraint');
  const changed = clauses.flatMap((clause) => (clause.does === 'changeColumn' ? [clause] : []));
  if (changed.length === 0) return [];
  const old = changed.map(({ from }) => from);
  const renamed = (name: string) =>
    changed.find(({ from }) => nameKey(from) === nameKey(name))?.column.name ?? name;
  const own = [...before.foreignKeys.values()]
    .filter(
      ({ name, columns }) =>
        !includesName(goneKeys, name) && columns.some((column) => includesName(old, column)),
    )
    .flatMap((key) => {
      const parent = tableOf(known, key.references.table, after);
      return parent === undefined
        ? []
        : mismatches({ ...key, columns: key.columns.map(renamed) }, after, parent);
    });
  const others = referencesTo(known, before.name)
    .filter(({ foreignKey }) => foreignKey.references.columns.some((column) => includesName(old, column)))
    .flatMap(({ child, foreignKey }) => {
      const { table, columns } = foreignKey.references;
      const references = { table, columns: columns.map(renamed) };
      return mismatches({ ...foreignKey, references }, child.name === after.name ? after : child, after);
    });
  return [...own, ...others];
}

function tableOf({ tables }: KnownTables, name: string, after: KnownTable): KnownTable | undefined {
  return name === after.name ? after : tables.get(name);
}

function mismatches(
  { name, columns, references }: KnownForeignKey,
  child: KnownTable,
  parent: KnownTable,
): PredictedFailure[] {
  return columns.flatMap((column, at) => {
    const [one, other] = [columnIn(child, column), columnIn(parent, references.columns[at] ?? '')];
    if (one === undefined || other === undefined || agree(one, other)) return [];
    const message = `${child.name}.${one.name} is ${one.type} and ${parent.name}.${other.name} is ${other.type}: the two columns of the foreign key must be alike.`;
    return [failure(3780, name, message)];
  });
}

function agree(one: KnownColumn, other: KnownColumn): boolean {
  const [a, b] = [parseMysqlType(one.type), parseMysqlType(other.type)];
  const isText = (name: string) =>
    ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'].includes(name);
  if (isText(a.name) && isText(b.name)) {
    return (
      one.charset === other.charset &&
      (one.collation === null || other.collation === null || one.collation === other.collation)
    );
  }
  if (a.name !== b.name || a.isUnsigned !== b.isUnsigned) return false;
  return a.name !== 'decimal' || a.numbers.join() === b.numbers.join();
}
