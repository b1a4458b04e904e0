import { applyToSchema } from '../apply.ts';
import { copyOf, type KnownTable, type KnownTables } from '../schema-state.ts';
import type { ParsedStatement } from '../statement.ts';
import { columnFailures, definitionFailures, generatedFailures } from './columns.ts';
import { failure, type PredictedFailure, type SchemaChange } from './failure.ts';
import { constraintFailures } from './foreign-keys.ts';
import { keyFailures } from './keys.ts';

/** Why MySQL refuses a CREATE TABLE, ALTER TABLE or DROP TABLE, as far as the known tables tell. */
export function failuresOf(
  statement: ParsedStatement,
  known: KnownTables,
  foreignKeyChecks: boolean,
): (PredictedFailure & { readonly table: string })[] {
  const table = 'table' in statement ? statement.table : '';
  return failuresIn(statement, known, foreignKeyChecks).map((found) => ({ ...found, table }));
}

function failuresIn(
  statement: ParsedStatement,
  known: KnownTables,
  foreignKeyChecks: boolean,
): PredictedFailure[] {
  if (statement.kind === 'dropTables') return foreignKeyChecks ? referenced(statement.tables, known) : [];
  if (statement.kind !== 'createTable' && statement.kind !== 'alterTable') return [];
  const clauses = statement.clauses ?? [];
  const creates = statement.kind === 'createTable';
  const alone = clauses.flatMap((clause) =>
    clause.does === 'addColumn' || clause.does === 'changeColumn'
      ? definitionFailures(clause.column, clause.does === 'addColumn' && !creates)
      : [],
  );
  const change = changeOf(statement, known, foreignKeyChecks);
  // A clause that is not read may change the rest.
  if (change === null || clauses.some(({ does }) => does === 'notUnderstood')) return alone;
  return [
    ...alone,
    ...columnFailures(change),
    ...generatedFailures(change),
    ...keyFailures(change),
    ...constraintFailures(change),
  ];
}

function changeOf(
  statement: ParsedStatement & { kind: 'createTable' | 'alterTable' },
  known: KnownTables,
  foreignKeyChecks: boolean,
): SchemaChange | null {
  const copied = copyOf(known);
  const before = known.tables.get(statement.table);
  const creates = statement.kind === 'createTable';
  // CREATE TABLE IF NOT EXISTS changes nothing where the table is there.
  if (creates === (before !== undefined)) return null;
  applyToSchema(statement, copied);
  const renames = (statement.clauses ?? []).flatMap((clause) =>
    clause.does === 'renameTable' ? [clause.to] : [],
  );
  const after = copied.tables.get(renames.at(-1) ?? statement.table);
  if (after === undefined) return null;
  const clauses = statement.clauses ?? [];
  return { before: before ?? emptied(after), after, clauses, known, foreignKeyChecks };
}

const emptied = (table: KnownTable): KnownTable => ({
  ...table,
  columns: new Map(),
  indexes: new Map(),
  foreignKeys: new Map(),
  checks: new Map(),
});

function referenced(names: readonly string[], { tables }: KnownTables): PredictedFailure[] {
  return [...tables.values()]
    .filter(({ name }) => !names.includes(name))
    .flatMap((child) =>
      [...child.foreignKeys.values()]
        .filter(({ references }) => names.includes(references.table) && tables.has(references.table))
        .map(({ name, references }) =>
          failure(
            3730,
            references.table,
            `The foreign key ${name} of ${child.name} points at it: drop that one first.`,
          ),
        ),
    );
}
