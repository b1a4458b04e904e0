import type {
  CheckModel,
  ColumnModel,
  DefaultModel,
  EventModel,
  ForeignKeyModel,
  IndexModel,
  PartitioningModel,
  RoutineModel,
  TableModel,
  TriggerModel,
  ViewModel,
} from './model.ts';
import type { Rows } from './rows.ts';
import { timestamp } from './sql-default.ts';

type Group<K extends keyof Rows> = readonly [Rows[K], ...Rows[K][]];

export function toTable({ name, engine, collation, comment, options }: Rows['tables']) {
  const rowFormat = /(?:^| )row_format=(\w+)/i.exec(options ?? '')?.[1]?.toUpperCase() ?? null;
  return { name, engine, collation, comment, rowFormat } satisfies Partial<TableModel>;
}

export function toColumn(row: Rows['columns']): ColumnModel {
  const { name, type, nullable, extra, expression, charset, collation, comment } = row;
  const generated = /\b(STORED|VIRTUAL) GENERATED\b/i.exec(extra)?.[1]?.toUpperCase();
  const onUpdate = /on update (\S+)/i.exec(extra)?.[1] ?? null;
  return {
    name,
    type,
    nullable: nullable === 'YES',
    default: toDefault(row),
    autoIncrement: /\bauto_increment\b/i.test(extra),
    onUpdate: onUpdate === null ? null : timestamp(onUpdate),
    invisible: /\bINVISIBLE\b/i.test(extra),
    generated:
      generated === undefined
        ? null
        : {
            expression: unescaped(expression ?? ''),
            kind: generated === 'VIRTUAL' ? 'VIRTUAL' : 'STORED',
          },
    charset,
    collation,
    comment,
  };
}

function toDefault({ default: value, extra }: Rows['columns']): DefaultModel | null {
  if (value === null) return null;
  const expression = /\bDEFAULT_GENERATED\b/.test(extra);
  // CURRENT_TIMESTAMP is an expression in any case, and 5.7 does not mark it.
  const now = /^(current_timestamp|now)(\(\d*\))?$/i.test(value);
  return expression || now
    ? { value: now ? timestamp(value) : unescaped(value), expression: true }
    : { value, expression: false };
}

/** MySQL stores expressions with the quotes of their literals escaped: _utf8mb4\'a\'. */
function unescaped(expression: string): string {
  return expression.replaceAll("\\'", "'").replaceAll('\\\\', '\\');
}

export function toIndex(rows: Group<'indexes'>): IndexModel {
  const [{ name, nonUnique, kind, visible, comment }] = rows;
  return {
    name,
    unique: Number(nonUnique) === 0,
    kind,
    visible: visible === 'YES',
    comment,
    parts: rows.map(({ columnName, expression, length, direction }) => ({
      column: columnName,
      expression: expression === null ? null : unescaped(expression),
      // MySQL reports a length for spatial indexes, which DDL refuses.
      length: length === null || kind === 'SPATIAL' ? null : Number(length),
      descending: direction === 'D',
    })),
  };
}

export function toForeignKey(rows: Group<'foreignKeys'>): ForeignKeyModel {
  const [{ name, referencedSchema, referencedTable, onDelete, onUpdate }] = rows;
  return {
    name,
    columns: rows.map((row) => row.columnName),
    references: {
      schema: referencedSchema,
      table: referencedTable,
      columns: rows.map((row) => row.referencedColumn),
    },
    onDelete,
    onUpdate,
  };
}

export function toCheck({ name, clause, enforced }: Rows['checks']): CheckModel {
  return { name, expression: unescaped(clause), enforced: enforced === 'YES' };
}

/** Of the rows of one table, which come one a partition or subpartition. */
export function toPartitioning(rows: readonly Rows['partitions'][] = []): PartitioningModel | null {
  const [first] = rows;
  if (first === undefined) return null;
  const { method, expression, subMethod, subExpression } = first;
  return {
    by: { method, expression: expression ?? '' },
    subpartitionedBy: subMethod === null ? null : { method: subMethod, expression: subExpression ?? '' },
    partitions: [...Map.groupBy(rows, ({ name }) => name)].map(([name, [one, ...others]]) => ({
      name,
      values: one?.values ?? null,
      comment: subMethod === null ? (one?.comment ?? '') : '',
      subpartitions: [one, ...others].flatMap((row) =>
        row === undefined || row.subpartition === null
          ? []
          : [{ name: row.subpartition, comment: row.comment }],
      ),
    })),
  };
}

export function toView({ definition, updatable, ...row }: Rows['views'], database: string): ViewModel {
  const own = `\`${database.replaceAll('`', '``')}\`.`;
  return {
    name: row.name,
    definition: definition === '' ? null : definition.replaceAll(own, ''),
    security: row.security,
    checkOption: row.checkOption,
    updatable: updatable === 'YES',
  };
}

export function toTrigger({ tableName, position, ...row }: Rows['triggers']): TriggerModel {
  return {
    name: row.name,
    table: tableName,
    timing: row.timing,
    event: row.event,
    order: Number(position),
    body: row.body,
  };
}

export function toRoutine(row: Rows['routines'], parameters: readonly Rows['parameters'][]): RoutineModel {
  const { name, kind, returns, body, deterministic, dataAccess, security, comment } = row;
  return {
    name,
    kind,
    parameters: parameters.map(({ name, mode, type }) => ({
      name,
      mode: kind === 'FUNCTION' ? null : mode,
      type,
    })),
    returns: kind === 'FUNCTION' ? returns : null,
    body,
    deterministic: deterministic === 'YES',
    dataAccess,
    security,
    comment,
  };
}

export function toEvent({ name, at, value, unit, starts, ends, ...row }: Rows['events']): EventModel {
  return {
    name,
    schedule:
      at === null ? { kind: 'RECURRING', every: `${value} ${unit}`, starts, ends } : { kind: 'ONCE', at },
    timeZone: row.timeZone === 'UTC' ? '+00:00' : row.timeZone,
    status: row.status,
    onCompletion: row.onCompletion,
    body: row.body,
    comment: row.comment,
  };
}
