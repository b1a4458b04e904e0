import { identityOf } from '../key.ts';
import { keysCondition } from '../range.ts';
import type { RepairDirection, RowOperation } from './operation.ts';
import { type WrittenColumn, writtenColumns } from './written-columns.ts';

/** The values of a row on the side that counts as right, in `v0`, `v1`, …, and its hash. */
export type CarriedRow = Readonly<Record<string, string | null>> & { readonly hash: string };

/** The statements that write the rows of one table. */
export interface RowStatements {
  /** Reads rows of operations of this table: `id`, `hash`, values. */
  read(operations: readonly RowOperation[]): string;
  insert(row: CarriedRow, without?: ReadonlySet<string>): string;
  update(operation: RowOperation, row: CarriedRow): string;
  delete(operation: RowOperation): string;
  /** Sets single columns, by their quoted names, so that a value becomes free that another row is to have. */
  set(operation: RowOperation, values: ReadonlyMap<string, string>): string;
  /** The hash that the row has now on the side that is changed. */
  hashNow(operation: RowOperation): string;
}

export function rowStatementsOf(
  { pair }: Pick<RowOperation, 'pair'>,
  { from, to }: RepairDirection,
): RowStatements {
  const { key, table, rowHash } = pair;
  const columns = writtenColumns(pair, from);
  const values = columns.map(({ read }, at) => `${read} as v${at}`);
  const literal = (column: WrittenColumn, row: CarriedRow) =>
    column.literal(row[`v${columns.indexOf(column)}`] ?? null);
  const isSeen = ({ place, seen }: RowOperation) =>
    `where ${keysCondition(key, [place], to)} and ${rowHash[to]} = '${hashText(seen.to)}'`;
  return {
    read: (operations) =>
      `select ${[`${identityOf(key, from)} as id`, `${rowHash[from]} as \`hash\``, ...values].join(', ')} from ${table[from]} where ${keysCondition(
        key,
        operations.map(({ place }) => place),
        from,
      )}`,
    insert(row, without = new Set()) {
      const literals = columns.map((column) => (without.has(column.name) ? 'null' : literal(column, row)));
      return `insert into ${table[to]} (${columns.map(({ name }) => name).join(', ')}) values (${literals.join(', ')})`;
    },
    update: (operation, row) =>
      `update ${table[to]} set ${columns.map((column) => `${column.name} = ${literal(column, row)}`).join(', ')} ${isSeen(operation)}`,
    delete: (operation) => `delete from ${table[to]} ${isSeen(operation)}`,
    set: (operation, set) =>
      `update ${table[to]} set ${[...set]
        .map(([name, value]) => `${name} = ${value}`)
        .join(', ')} ${isSeen(operation)}`,
    hashNow: ({ place }) =>
      `select ${rowHash[to]} as \`hash\` from ${table[to]} where ${keysCondition(key, [place], to)}`,
  };
}

function hashText(hash: string | null): string {
  if (hash === null || !/^[\da-f]{64}$/.test(hash)) throw new Error('A row’s hash is not written as one.');
  return hash;
}
