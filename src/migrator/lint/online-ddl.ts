import type { AlterClause, PartitionVerb } from './alter-clause.ts';
import { impactOfChange, impactOfConversion } from './change-column.ts';
import type { ColumnDefinition } from './column.ts';
import {
  copy,
  type Impact,
  inPlace,
  inPlaceLocked,
  instant,
  mostOf,
  rebuild,
  rebuildLocked,
  unsure,
} from './impact.ts';
import {
  columnIn,
  includesName,
  indexesWith,
  isReferenced,
  type KnownTable,
  type KnownTables,
  nameKey,
} from './schema-state.ts';

/** The facts of the session and the statement beside a clause. */
interface Circumstances {
  readonly known: KnownTables;
  readonly table: KnownTable | undefined;
  readonly clauses: readonly AlterClause[];
  readonly foreignKeyChecks: boolean;
}

/** The impact of an ALTER TABLE: https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html, as a server answered. */
export function impactOf(circumstances: Circumstances): Impact {
  const { table, clauses } = circumstances;
  const impacts = clauses.map((clause) => impactOfClause(clause, circumstances));
  const impact = mostOf(impacts);
  if (table !== undefined && table.engine !== 'innodb') {
    return clauses.every((clause, index) => isNameOnly(clause, impacts[index] ?? copy)) ? instant : copy;
  }
  if (impact.algorithm !== 'INPLACE') return impact;
  // A change that is instant by itself is not beside a clause that is not.
  const columns = clauses.some((clause) => changesColumns(clause, table));
  const beside = { ...impact, rebuilds: impact.rebuilds || columns };
  if (beside.rebuilds && keepsFulltext(table, clauses)) return { ...copy, certain: impact.certain };
  return withVirtualColumns(beside, circumstances);
}

function impactOfClause(clause: AlterClause, circumstances: Circumstances): Impact {
  const { known, table, clauses, foreignKeyChecks } = circumstances;
  switch (clause.does) {
    case 'addColumn':
      return addColumn(clause.column, table);
    case 'changeColumn':
      return impactOfChange(clause.from, clause.column, known, table);
    case 'dropColumn': {
      const indexed = indexesWith(table, clause.name).length > 0;
      if (columnIn(table, clause.name)?.generated === 'VIRTUAL') return indexed ? inPlace : instant;
      return indexed || hasNoInstantColumns(table) ? rebuild : instant;
    }
    case 'renameColumn':
      return table !== undefined && isReferenced(known, table.name, clause.from) ? inPlace : instant;
    case 'setDefault':
    case 'columnVisibility':
    case 'renameTable':
    case 'limits':
      return instant;
    case 'addIndex':
      if (clause.kind === 'FULLTEXT') return rebuildLocked;
      // An expression gets a hidden column, and that with an index in one go blocks writes.
      if (clause.columns.some(isExpression)) return clause.kind === 'UNIQUE' ? copy : inPlaceLocked;
      return clause.kind === 'SPATIAL' ? inPlaceLocked : inPlace;
    case 'dropIndex':
    case 'renameIndex':
    case 'indexVisibility':
    case 'dropForeignKey':
    case 'defaultCharset':
    case 'setOption':
      return inPlace;
    case 'dropCheck':
      return instant;
    case 'dropConstraint':
      return table?.checks.has(nameKey(clause.name)) ? instant : inPlace;
    case 'addPrimaryKey':
      return clause.columns.every((name) => columnIn(table, name) ?? isAdded(name, clauses))
        ? rebuild
        : unsure;
    case 'dropPrimaryKey':
      return clauses.some(({ does }) => does === 'addPrimaryKey') ? rebuild : copy;
    case 'addForeignKey':
      return foreignKeyChecks ? copy : inPlace;
    case 'addCheck':
    case 'alterCheck':
      return clause.enforced ? copy : instant;
    case 'convertCharset':
      return impactOfConversion(clause, table);
    case 'orderBy':
      return copy;
    case 'rebuild':
      return clause.option === 'ENGINE' && clause.value !== 'innodb' ? copy : rebuild;
    case 'partition':
      return impactOfPartitioning(clause, table);
    case 'notUnderstood':
      return unsure;
  }
}

function addColumn(column: ColumnDefinition, table: KnownTable | undefined): Impact {
  if (column.generated === 'STORED') return copy;
  if (column.check !== null || column.references) return copy;
  if (column.autoIncrement) return rebuildLocked;
  if (column.key === 'PRIMARY') return rebuild;
  if (column.generated === 'VIRTUAL') return column.key === 'UNIQUE' ? copy : instant;
  // A default that is computed has to be computed for each row.
  if (column.default?.startsWith('(')) return copy;
  if (hasNoInstantColumns(table)) return rebuild;
  return column.key === 'UNIQUE' ? inPlace : instant;
}

/** https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html#online-ddl-column-operations */
function hasNoInstantColumns(table: KnownTable | undefined): boolean {
  return table?.rowFormat === 'compressed' || (table !== undefined && hasFulltext(table));
}

function hasFulltext(table: KnownTable, without: readonly string[] = []): boolean {
  return [...table.indexes.values()].some(
    ({ kind, name, columns }) =>
      kind === 'FULLTEXT' &&
      !includesName(without, name) &&
      columns.some((column) => !includesName(without, column)),
  );
}

/** Whether the table has a FULLTEXT index before and after: InnoDB then writes it anew by copying alone. */
function keepsFulltext(table: KnownTable | undefined, clauses: readonly AlterClause[]): boolean {
  const gone = clauses.flatMap((clause) =>
    clause.does === 'dropIndex' || clause.does === 'dropColumn' ? [clause.name] : [],
  );
  const addsOne = clauses.some((clause) => clause.does === 'addIndex' && clause.kind === 'FULLTEXT');
  return table !== undefined && hasFulltext(table, gone) && !addsOne;
}

/** Adds or drops a stored column. */
function changesColumns(clause: AlterClause, table: KnownTable | undefined): boolean {
  if (clause.does === 'addColumn') return clause.column.generated !== 'VIRTUAL';
  return clause.does === 'dropColumn' && columnIn(table, clause.name)?.generated !== 'VIRTUAL';
}

/** InnoDB adds or drops virtual columns in place beside few other clauses; an index on a new one blocks writes. */
function withVirtualColumns(impact: Impact, { table, clauses }: Circumstances): Impact {
  const roles = clauses.map((clause) => virtualRole(clause, table));
  const [adds, drops] = [roles.includes('adds'), roles.includes('drops')];
  if (!adds && !drops) return impact;
  if ((adds && drops) || roles.includes('other')) return { ...copy, certain: impact.certain };
  const added = clauses.flatMap((clause) =>
    clause.does === 'addColumn' && clause.column.generated === 'VIRTUAL' ? [clause.column.name] : [],
  );
  const indexed = clauses.some(
    (clause) => clause.does === 'addIndex' && clause.columns.some((name) => includesName(added, name)),
  );
  return indexed ? { ...impact, lock: 'SHARED' } : impact;
}

function virtualRole(
  clause: AlterClause,
  table: KnownTable | undefined,
): 'adds' | 'drops' | 'beside' | 'other' {
  switch (clause.does) {
    case 'addColumn':
      return clause.column.generated === 'VIRTUAL' ? 'adds' : 'other';
    case 'dropColumn':
      return columnIn(table, clause.name)?.generated === 'VIRTUAL' ? 'drops' : 'other';
    case 'addIndex':
      if (clause.kind !== 'INDEX') return 'other';
      return clause.columns.some(isExpression) ? 'adds' : 'beside';
    case 'dropIndex':
      return table?.indexes.get(nameKey(clause.name))?.columns.some(isExpression) ? 'drops' : 'beside';
    case 'limits':
      return 'beside';
    default:
      return 'other';
  }
}

/** Whether another engine than InnoDB makes the change without a copy. */
function isNameOnly(clause: AlterClause, impact: Impact): boolean {
  if (clause.does === 'setOption') return clause.option === 'COMMENT';
  const does: readonly AlterClause['does'][] = [
    'changeColumn',
    'renameColumn',
    'setDefault',
    'renameTable',
    'limits',
  ];
  return does.includes(clause.does) && impact.algorithm === 'INSTANT';
}

/** https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html#online-ddl-partitioning */
const partitionImpacts: Readonly<Record<PartitionVerb, Impact>> = {
  'ADD PARTITION': inPlace,
  'DROP PARTITION': inPlace,
  'TRUNCATE PARTITION': inPlace,
  'EXCHANGE PARTITION': inPlace,
  'ANALYZE PARTITION': inPlace,
  'CHECK PARTITION': inPlace,
  'REPAIR PARTITION': inPlace,
  'COALESCE PARTITION': rebuildLocked,
  'REORGANIZE PARTITION': rebuildLocked,
  'REBUILD PARTITION': rebuildLocked,
  // The whole table, not the partition.
  'OPTIMIZE PARTITION': copy,
  'DISCARD PARTITION': copy,
  'IMPORT PARTITION': copy,
  'REMOVE PARTITIONING': copy,
  'PARTITION BY': copy,
};

function impactOfPartitioning(
  { how, text }: AlterClause & { does: 'partition' },
  table: KnownTable | undefined,
): Impact {
  // Among more partitions, HASH and KEY distribute the rows anew.
  const spreads =
    /partition\s+partitions\b/i.test(text) || /hash|key/i.test(table?.partitioning?.method ?? '');
  return how === 'ADD PARTITION' && spreads ? rebuildLocked : partitionImpacts[how];
}

const isExpression = (part: string) => part.startsWith('(');

function isAdded(name: string, clauses: readonly AlterClause[]): boolean {
  return clauses.some(
    (clause) => clause.does === 'addColumn' && nameKey(clause.column.name) === nameKey(name),
  );
}
