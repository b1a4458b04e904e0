import type { EntityMetadata, MetadataStorage } from '@mikro-orm/core';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { keyForApi } from '../column-types/table-key.ts';
import { tableOf } from '../entities/table.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type {
  ForeignKeyAction,
  ForeignKeyActions,
  TableName,
} from '../information-schema/foreign-key-actions.ts';
import type { ReadStatement } from '../sources/transaction.ts';
import { quoteName } from '../sql/quote.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import type { Condition } from './column-values.ts';
import { keyIn, ownKey, selected } from './key-columns.ts';
import { rowsInAll } from './row-limit.ts';
import type { Transaction } from './transaction.ts';

/** Rows that one statement may take along: the transaction locks all of them, and the process holds their keys. */
const mostRows = rowsInAll;

/** The effect on rows: they go, or these columns of them change. */
export type RowEffect = 'delete' | readonly string[];

type Steps = readonly [ForeignKeyAction, ...ForeignKeyAction[]];

/** A way along foreign keys from the rows of a statement, and the rows at its end. */
export interface Way {
  readonly actions: Steps;
  readonly table: TableName;
  readonly change: RowEffect;
  readonly rows: readonly TakenRow[];
}

export interface TakenRow {
  /** Tells it from other rows of its table; null where the table has no key. */
  readonly id: string | null;
  /** As the audit trail names it. */
  readonly key: unknown;
}

/** The rows of a statement. */
export interface Root {
  readonly meta: EntityMetadata;
  readonly table: TableName;
  /** By names of columns without an alias. */
  readonly where: Condition;
}

/** The effect of a foreign key on the rows that refer to changed ones; null: it lets them be. */
function consequence(action: ForeignKeyAction, change: RowEffect): RowEffect | null {
  if (change === 'delete') {
    if (action.onDelete === null) return null;
    return action.onDelete === 'CASCADE' ? 'delete' : action.columns;
  }
  const touched = action.columns.filter((_, at) => change.includes(action.referencedColumns[at] as string));
  if (action.onUpdate === null || touched.length === 0) return null;
  return action.onUpdate === 'CASCADE' ? touched : action.columns;
}

/** All ways from the rows of a statement on which there are rows. */
export async function follow(
  transaction: Transaction,
  keys: ForeignKeyActions,
  root: Root,
  change: RowEffect,
): Promise<readonly Way[]> {
  const ways: Way[] = [];
  const known = new Set<string>();
  let count = 0;
  const open: { readonly actions: readonly ForeignKeyAction[]; table: TableName; change: RowEffect }[] = [
    { actions: [], table: root.table, change },
  ];
  for (const from of open) {
    for (const action of keys.on(from.table)) {
      const becomes = consequence(action, from.change);
      if (becomes === null) continue;
      const { table } = action;
      const actions: Steps = [...from.actions, action] as never;
      const rows = await rowsAt(transaction, keys, root, actions);
      if (rows.length === 0) continue;
      count += rows.length;
      if (count > mostRows) throw tooMany(transaction, root);
      const way = { actions, table, change: becomes, rows };
      ways.push(way);
      const before = known.size;
      for (const { id } of rows) known.add(JSON.stringify([table, becomes, id ?? actions.length]));
      // Rows can refer to each other in a circle.
      if (known.size > before) open.push(way);
    }
  }
  return ways;
}

/** The way where only some of the columns have changed that it was followed for; none where it was not gone then. */
export function afterChange(way: Way, changed: readonly string[]): Way[] {
  let change: RowEffect | null = changed;
  for (const action of way.actions) change = change === null ? null : consequence(action, change);
  return change === null ? [] : [{ ...way, change }];
}

/** The rows at the end of a way, which it locks, with those between. */
function rowsAt(
  { reads, em }: Transaction,
  { schema }: ForeignKeyActions,
  { meta, where }: Root,
  actions: Steps,
): Promise<readonly TakenRow[]> {
  const [first] = actions;
  const end = actions.at(-1) as ForeignKeyAction;
  const key = keyOf(em, schema, end, `t${actions.length}`);
  const referenced = [...new Set(first.referencedColumns)].map(quoteName).join(', ');
  const joins = actions.map(({ table, columns, referencedColumns }, at) => {
    const on = columns.map(
      (column, part) =>
        `t${at + 1}.${quoteName(column)} = t${at}.${quoteName(referencedColumns[part] as string)}`,
    );
    return `join ${quoteName(table.schema)}.${quoteName(table.name)} as t${at + 1} on ${on.join(' and ')}`;
  });
  const rows = `(select ${referenced} from ${quoteName(meta.tableName)} where ${where.sql} for update) as t0`;
  return read(reads, key, {
    sql: `select straight_join ${key.sql} from ${rows} ${joins.join(' ')} limit ${mostRows + 1} for update`,
    params: where.params as ReadStatement['params'],
  });
}

/** The rows of the statement itself, which it locks, by the key that the last step of a way to their table has. */
export function statementRows(
  { reads, em }: Transaction,
  { schema }: ForeignKeyActions,
  { meta, where }: Root,
  last: ForeignKeyAction,
): Promise<readonly TakenRow[]> {
  const key = keyOf(em, schema, last, 't0');
  return read(reads, key, {
    sql: `select ${key.sql} from ${quoteName(meta.tableName)} as t0 where ${where.sql} for update`,
    params: where.params as ReadStatement['params'],
  });
}

async function read(
  reads: Transaction['reads'],
  key: KeyReader,
  statement: ReadStatement,
): Promise<TakenRow[]> {
  return (await reads.arrays(statement)).map(key.read);
}

/** How a table's key is selected, and what is made of its values. */
interface KeyReader {
  readonly sql: string;
  read(values: readonly unknown[]): TakenRow;
}

/** As the API has it; by the names of its columns in a table that the API does not serve. */
function keyOf(
  em: Transaction['em'],
  schema: string,
  { table, key }: Pick<ForeignKeyAction, 'table' | 'key'>,
  alias: string,
): KeyReader {
  const meta = table.schema === schema ? servedTables(em.getMetadata()).get(table.name) : undefined;
  const own = meta === undefined ? null : ownKey(meta, alias);
  if (meta !== undefined && own !== null && own.columns.length > 0) {
    return {
      sql: selected(own),
      read(values) {
        const row = keyIn(own, values);
        return { id: JSON.stringify(row), key: keyForApi(primaryKeyOf(meta), row) };
      },
    };
  }
  if (key.length === 0) return { sql: '1', read: () => ({ id: null, key: null }) };
  return {
    sql: key
      .map(({ name, isBinary }) =>
        isBinary ? `hex(${alias}.${quoteName(name)})` : `${alias}.${quoteName(name)}`,
      )
      .join(', '),
    read: (values) => ({
      id: JSON.stringify(values),
      key: key.length === 1 ? values[0] : Object.fromEntries(key.map(({ name }, at) => [name, values[at]])),
    }),
  };
}

/** The entities of the API by their tables, also where the server has the names in lower case. */
const servedTables = memoizeWeak((metadata: MetadataStorage): ReadonlyMap<string, EntityMetadata> => {
  const served = [...metadata.getAll().values()].filter((meta) => tableOf(meta.class as never) !== undefined);
  const named = (name: (meta: EntityMetadata) => string) => served.map((meta) => [name(meta), meta] as const);
  return new Map([
    ...named(({ tableName }) => tableName.toLowerCase()),
    ...named(({ tableName }) => tableName),
  ]);
});

function tooMany({ source }: Transaction, { meta }: Root): TandemError {
  return new TandemError('REFERENCED', {
    source,
    message: `${source} would take along more than ${mostRows} rows that refer to this ${meta.className}, which the audit trail could not name.`,
  });
}
