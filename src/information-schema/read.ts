import type { Asking } from './asking.ts';
import type { SchemaModel } from './model.ts';
import { questions, type Rows } from './rows.ts';
import {
  toCheck,
  toColumn,
  toForeignKey,
  toIndex,
  toRoutine,
  toTable,
  toTrigger,
  toView,
} from './to-model.ts';

/**
 * Reads the catalogue of the connection's own database, with one statement a kind of object. What the account may not
 * see is not there.
 */
export async function readSchema(em: Asking): Promise<SchemaModel> {
  const ask = <K extends keyof Rows>(kind: K) => em.execute<Rows[K][]>(questions[kind]);
  const [[database], tables, columns, indexes, foreignKeys, checks, views, triggers, routines, parameters] =
    await Promise.all([
      ask('database'),
      ask('tables'),
      ask('columns'),
      ask('indexes'),
      ask('foreignKeys'),
      ask('checks'),
      ask('views'),
      ask('triggers'),
      ask('routines'),
      ask('parameters'),
    ]);
  const { name = '', charset = '', collation = '', version = '' } = database ?? {};
  const mariaDb = version.includes('MariaDB');
  const columnsOf = Map.groupBy(columns, (row) => row.tableName);
  const indexesOf = Map.groupBy(indexes, (row) => row.TABLE_NAME);
  const foreignKeysOf = Map.groupBy(foreignKeys, (row) => row.tableName);
  const checksOf = Map.groupBy(checks, (row) => row.TABLE_NAME);
  return {
    defaults: { charset, collation },
    tables: tables.map((row) => ({
      ...toTable(row),
      columns: (columnsOf.get(row.name) ?? []).map((column) => toColumn(column, mariaDb)),
      indexes: gather(indexesOf.get(row.name), (index) => index.INDEX_NAME, toIndex),
      foreignKeys: gather(foreignKeysOf.get(row.name), (key) => key.name, toForeignKey),
      checks: (checksOf.get(row.name) ?? []).map(toCheck),
    })),
    views: views.map((view) => toView(view, name)),
    triggers: triggers.map(toTrigger),
    routines: routines.map((routine) =>
      toRoutine(
        routine,
        parameters.filter((of) => of.routine === routine.name && of.kind === routine.kind),
      ),
    ),
  };
}

/** Rows of one name, which come one a column, as one object. */
function gather<R, T>(
  rows: readonly R[] = [],
  nameOf: (row: R) => string,
  toModel: (rows: readonly [R, ...R[]]) => T,
): T[] {
  return [...Map.groupBy(rows, nameOf).values()].map((group) => toModel(group as [R, ...R[]]));
}
