import {
  columnIn,
  includesName,
  type KnownIndex,
  type KnownTable,
  mentions,
  nameKey,
  referencesTo,
} from '../schema-state.ts';
import { dropped, failure, type PredictedFailure, type SchemaChange } from './failure.ts';

/** MySQL's refusals about the indexes of a changed table. */
export function keyFailures(change: SchemaChange): PredictedFailure[] {
  return [...added(change), ...primary(change), ...absent(change), ...needed(change)];
}

function added({ before, after, clauses }: SchemaChange): PredictedFailure[] {
  const gone = dropped(clauses, 'dropIndex', 'dropConstraint');
  const renamed = clauses.flatMap((clause) => (clause.does === 'renameIndex' ? [clause.from] : []));
  const failures: PredictedFailure[] = [];
  let fulltext = 0;
  for (const clause of clauses) {
    if (clause.does !== 'addIndex' && clause.does !== 'addPrimaryKey') continue;
    const part = clause.does === 'addIndex' ? (clause.name ?? clause.columns[0] ?? '') : 'PRIMARY';
    for (const column of clause.columns) {
      if (!column.startsWith('(') && columnIn(after, column) === undefined)
        failures.push(failure(1072, part, `${after.name} has no column ${column}.`));
    }
    if (clause.does === 'addPrimaryKey') continue;
    const known = clause.name !== null && before.indexes.has(nameKey(clause.name));
    if (known && !includesName([...gone, ...renamed], part)) {
      failures.push(failure(1061, part, 'An index of this name is there already.'));
    }
    if (clause.kind === 'FULLTEXT') fulltext += 1;
    if (clause.kind === 'FULLTEXT' && after.partitioning !== null)
      failures.push(failure(1214, part, 'A partitioned table takes no FULLTEXT index.'));
    const nullable = clause.columns.some((column) => columnIn(after, column)?.nullable === true);
    if (clause.kind === 'SPATIAL' && nullable)
      failures.push(failure(1252, part, 'The column of a SPATIAL index must be NOT NULL.'));
    if (clause.kind === 'UNIQUE') failures.push(...unpartitioned(part, clause.columns, after));
  }
  if (fulltext > 1 && before.columns.size > 0)
    failures.push(
      failure(1795, '', 'InnoDB adds one FULLTEXT index a statement: write a statement for each.'),
    );
  return failures;
}

/** https://dev.mysql.com/doc/refman/8.4/en/partitioning-limitations-partitioning-keys-unique-keys.html */
function unpartitioned(
  part: string,
  columns: readonly string[],
  { columns: all, partitioning }: KnownTable,
): PredictedFailure[] {
  if (partitioning === null) return [];
  const outside = [...all.values()].filter(
    ({ name }) => mentions(partitioning.expression, name) && !includesName(columns, name),
  );
  const names = outside.map(({ name }) => name).join(', ');
  return outside.length === 0
    ? []
    : [failure(1503, part, `The table is partitioned by ${names}: a unique key must have it.`)];
}

function primary({ before, clauses }: SchemaChange): PredictedFailure[] {
  const makes = clauses.some(
    (clause) =>
      clause.does === 'addPrimaryKey' ||
      ((clause.does === 'addColumn' || clause.does === 'changeColumn') && clause.column.key === 'PRIMARY'),
  );
  const drops = clauses.some(({ does }) => does === 'dropPrimaryKey');
  if (makes && !drops && before.indexes.has('primary'))
    return [failure(1068, 'PRIMARY', 'The table has a primary key: drop that one in the same statement.')];
  if (drops && before.columns.size > 0 && !before.indexes.has('primary'))
    return [failure(1091, 'PRIMARY', 'The table has no primary key.')];
  return [];
}

function absent({ before, clauses }: SchemaChange): PredictedFailure[] {
  return clauses.flatMap((clause): PredictedFailure[] => {
    const name =
      clause.does === 'dropIndex' ? clause.name : clause.does === 'renameIndex' ? clause.from : null;
    if (name === null || nameKey(name) === 'primary' || before.indexes.has(nameKey(name))) return [];
    // MySQL makes an index for a foreign key and names it after the key, or after its first column.
    const own = [...before.foreignKeys.values()].some(
      (key) => nameKey(key.name) === nameKey(name) || includesName(key.columns.slice(0, 1), name),
    );
    return own ? [] : [failure(1091, name, `${before.name} has no such index.`)];
  });
}

/** Indexes that go though a foreign key stands on them. */
function needed({ before, after, clauses, known, foreignKeyChecks }: SchemaChange): PredictedFailure[] {
  if (!foreignKeyChecks) return [];
  const goneKeys = dropped(clauses, 'dropForeignKey', 'dropConstraint');
  const gone = [...before.indexes.values()].filter(({ name }) => {
    const clause =
      nameKey(name) === 'primary' ? clauses.some(({ does }) => does === 'dropPrimaryKey') : false;
    return clause || includesName(dropped(clauses, 'dropIndex', 'dropConstraint'), name);
  });
  const stands = [
    ...[...before.foreignKeys.values()]
      .filter(({ name }) => !includesName(goneKeys, name))
      .map(({ name, columns }) => ({ name, columns })),
    ...referencesTo(known, before.name).map(({ child, foreignKey }) => ({
      name: `${foreignKey.name} of ${child.name}`,
      columns: foreignKey.references.columns,
    })),
  ];
  return gone.flatMap((index) =>
    stands
      .filter(
        ({ columns }) =>
          leads(index, columns) && ![...after.indexes.values()].some((other) => leads(other, columns)),
      )
      .map(({ name }) =>
        failure(
          1553,
          index.name,
          `The foreign key ${name} stands on it: drop that one first, or add another index.`,
        ),
      ),
  );
}

function leads({ columns }: KnownIndex, of: readonly string[]): boolean {
  return of.every((name, at) => nameKey(columns[at] ?? '') === nameKey(name));
}
