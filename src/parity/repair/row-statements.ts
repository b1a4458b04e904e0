import { randomUUID } from 'node:crypto';
import { keysCondition } from '../key-range.ts';
import { identityOf } from '../shared-key.ts';
import type { RepairDirection, RowOperation } from './row-operation.ts';
import { type WrittenColumn, writtenColumns } from './written-columns.ts';

/** The values of a row on the side that counts as right, in `v0`, `v1`, …, and its hash. */
export type CarriedRow = Readonly<Record<string, string | null>> & { readonly hash: string };

/** The statements that write the rows of one table. */
export interface RowStatements {
  /** Reads rows of operations of this table: `id`, `hash`, values. */
  read(operations: readonly RowOperation[]): string;
  insert(row: CarriedRow, without?: ReadonlySet<string>): string;
  update(operation: RowOperation, row: CarriedRow): string;
  /**
   * The same where MySQL takes the new values for those that are there, and writes none, as of JSON 1 and 1.0: another value comes between.
   * None where the row has no such column.
   */
  updateAnyway(operation: RowOperation, row: CarriedRow): readonly string[];
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
  const isThere = ({ place }: RowOperation) => `where ${keysCondition(key, [place], to)}`;
  const isSeen = (operation: RowOperation) =>
    `${isThere(operation)} and ${rowHash[to]} = '${hashText(operation.seen.to)}'`;
  const updated = (row: CarriedRow) =>
    `update ${table[to]} set ${columns.map((column) => `${column.name} = ${literal(column, row)}`).join(', ')}`;
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
    update: (operation, row) => `${updated(row)} ${isSeen(operation)}`,
    updateAnyway(operation, row) {
      const between = columns.filter(({ isJson }) => isJson).map(({ name }) => `${name} = ${noOtherValue()}`);
      if (between.length === 0) return [];
      return [
        `update ${table[to]} set ${between.join(', ')} ${isSeen(operation)}`,
        `${updated(row)} ${isThere(operation)}`,
      ];
    },
    delete: (operation) => `delete from ${table[to]} ${isSeen(operation)}`,
    set: (operation, set) =>
      `update ${table[to]} set ${[...set]
        .map(([name, value]) => `${name} = ${value}`)
        .join(', ')} ${isSeen(operation)}`,
    hashNow: (operation) => `select ${rowHash[to]} as \`hash\` from ${table[to]} ${isThere(operation)}`,
  };
}

const noOtherValue = () => `cast('"${randomUUID()}"' as json)`;

function hashText(hash: string | null): string {
  if (hash === null || !/^[\da-f]{64}$/.test(hash)) throw new Error('A row’s hash is not written as one.');
  return hash;
}
