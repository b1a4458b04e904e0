import type { Clause } from './clauses.ts';
import type { ColumnDefinition } from './column.ts';
import { bytesPerCharacter, columnType, compareTypes } from './column-type.ts';
import {
  charsetFor,
  columnIn,
  indexesWith,
  isReferenced,
  isText,
  type KnownColumn,
  type KnownTable,
  type KnownTables,
} from './known.ts';

export type Algorithm = 'INSTANT' | 'INPLACE' | 'COPY';
export type Lock = 'NONE' | 'SHARED';

/** How MySQL carries out a change: the fastest algorithm it accepts, and what others may do to the table meanwhile. */
export interface Impact {
  readonly algorithm: Algorithm;
  /** NONE: reads and writes go on. SHARED: writes wait. */
  readonly lock: Lock;
  /** Whether each row is written anew. */
  readonly rebuilds: boolean;
  /** False where the old definition is not known and the worst is assumed. */
  readonly certain: boolean;
}

const instant: Impact = { algorithm: 'INSTANT', lock: 'NONE', rebuilds: false, certain: true };
const inPlace: Impact = { algorithm: 'INPLACE', lock: 'NONE', rebuilds: false, certain: true };
const rebuild: Impact = { algorithm: 'INPLACE', lock: 'NONE', rebuilds: true, certain: true };
const rebuildLocked: Impact = { algorithm: 'INPLACE', lock: 'SHARED', rebuilds: true, certain: true };
const copy: Impact = { algorithm: 'COPY', lock: 'SHARED', rebuilds: true, certain: true };
const unsure: Impact = { ...copy, certain: false };

/** What the session and the statement say beside a clause. */
interface Circumstances {
  readonly known: KnownTables;
  readonly table: KnownTable | undefined;
  readonly clauses: readonly Clause[];
  readonly foreignKeyChecks: boolean;
}

/** What an ALTER TABLE takes: the most that one of its clauses does. */
export function impactOf(circumstances: Circumstances): Impact {
  const impacts = circumstances.clauses.map((clause) => impactOfClause(clause, circumstances));
  const algorithms = impacts.map(({ algorithm }) => algorithm);
  return {
    algorithm: algorithms.includes('COPY') ? 'COPY' : algorithms.includes('INPLACE') ? 'INPLACE' : 'INSTANT',
    lock: impacts.some(({ lock }) => lock === 'SHARED') ? 'SHARED' : 'NONE',
    rebuilds: impacts.some(({ rebuilds }) => rebuilds),
    certain: impacts.every(({ certain }) => certain),
  };
}

/** https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html, as a real server answered. */
function impactOfClause(clause: Clause, circumstances: Circumstances): Impact {
  const { known, table, clauses, foreignKeyChecks } = circumstances;
  switch (clause.does) {
    case 'addColumn':
      return addColumn(clause.column, table);
    case 'changeColumn':
      return changeColumn(clause.from, clause.column, circumstances);
    case 'dropColumn': {
      const column = columnIn(table, clause.name);
      return indexesWith(table, clause.name).length > 0 && column?.generated !== 'VIRTUAL'
        ? rebuild
        : instant;
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
      if (clause.columns.some((part) => part.startsWith('('))) return { ...inPlace, lock: 'SHARED' };
      return clause.kind === 'SPATIAL' ? { ...inPlace, lock: 'SHARED' } : inPlace;
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
      return table?.checks.has(clause.name.toLowerCase()) ? instant : inPlace;
    case 'addPrimaryKey': {
      const columns = clause.columns.map((name) => columnIn(table, name));
      return columns.every((column) => column?.nullable === false) ? rebuild : unsure;
    }
    case 'dropPrimaryKey':
      return clauses.some(({ does }) => does === 'addPrimaryKey') ? rebuild : copy;
    case 'addForeignKey':
      return foreignKeyChecks ? copy : inPlace;
    case 'addCheck':
    case 'alterCheck':
      return clause.enforced ? copy : instant;
    case 'convertCharset':
    case 'orderBy':
      return copy;
    case 'rebuild':
      return /^ENGINE (?!innodb$)/i.test(clause.text) ? copy : rebuild;
    case 'dropPartition':
    case 'otherPartition':
    case 'notUnderstood':
      return unsure;
  }
}

function addColumn(column: ColumnDefinition, table: KnownTable | undefined): Impact {
  if (column.generated === 'STORED') return copy;
  if (column.check !== undefined || column.references) return copy;
  if (column.autoIncrement) return rebuildLocked;
  if (column.key === 'PRIMARY') return rebuild;
  if (column.generated === 'VIRTUAL') return instant;
  // A default that is computed has to be computed for each row.
  if (column.default?.startsWith('(')) return copy;
  if (column.key === 'UNIQUE') return inPlace;
  const fulltext = [...(table?.indexes.values() ?? [])].some((index) => index.fulltext);
  return fulltext ? rebuild : instant;
}

function changeColumn(from: string, column: ColumnDefinition, { known, table }: Circumstances): Impact {
  const old = columnIn(table, from);
  if (old === undefined) return unsure;
  if (old.generated !== null || column.generated !== null) return copy;
  const stored = storage(old, column, table);
  if (stored === 'COPY' || column.autoIncrement !== old.autoIncrement) return copy;
  if (column.nullable !== old.nullable || column.position !== null) return rebuild;
  const renamed = from !== column.name && table !== undefined && isReferenced(known, table.name, from);
  return stored === 'INPLACE' || renamed ? inPlace : instant;
}

/** What the new type alone takes. */
function storage(
  old: KnownColumn,
  column: ColumnDefinition,
  table: KnownTable | undefined,
): Impact['algorithm'] {
  const charset = isText(column.type) ? charsetFor(table, column) : null;
  if (old.charset !== null && charset !== null && old.charset !== charset) return 'COPY';
  const bytes = bytesPerCharacter(charset ?? old.charset);
  const change = compareTypes(old.type, column.type, bytes);
  if (change === 'same') return 'INSTANT';
  if (change !== 'longer') return 'COPY';
  const { name } = columnType(column.type);
  if (name === 'enum' || name === 'set') return 'INSTANT';
  // A VARCHAR keeps its length in one byte or in two.
  const room = (type: string) => (columnType(type).numbers[0] ?? 0) * (name === 'varchar' ? bytes : 1);
  return room(old.type) > 255 === room(column.type) > 255 ? 'INPLACE' : 'COPY';
}
