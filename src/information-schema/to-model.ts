import { timestamp } from '../sql/default.ts';
import { codeTokens, isSymbol, nameIn } from '../sql/tokens.ts';
import { withoutDatabase } from '../sql/view-names.ts';
import type { Rows } from './catalogue-queries.ts';
import type {
  CheckModel,
  ColumnModel,
  DefaultModel,
  EventModel,
  ForeignKeyModel,
  IndexModel,
  OptionModel,
  PartitioningModel,
  RoutineModel,
  TableModel,
  TriggerModel,
  ViewModel,
} from './model.ts';

type Group<K extends keyof Rows> = readonly [Rows[K], ...Rows[K][]];

export function toTable({ name, engine, collation, comment, options }: Rows['tables']) {
  const rowFormat = /(?:^| )row_format=(\w+)/i.exec(options ?? '')?.[1]?.toUpperCase() ?? null;
  return {
    name,
    engine,
    collation,
    comment,
    rowFormat,
    options: optionsIn(options ?? ''),
  } satisfies Partial<TableModel>;
}

/** Without those that say what goes without saying, as MySQL keeps them once they were set. */
function optionsIn(text: string): OptionModel[] {
  const tokens = codeTokens(text);
  return tokens
    .flatMap((token, at) => {
      const [name, value] = [tokens[at - 1], tokens[at + 1]];
      if (!isSymbol(token, '=') || name?.kind !== 'word' || value === undefined) return [];
      return [{ name: name.text, value: nameIn(text, value) }];
    })
    .filter(
      ({ name, value }) =>
        name !== 'ROW_FORMAT' && !/^(COMPRESSION=(none)?|ENCRYPTION=n?)$/i.test(`${name}=${value}`),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export function toColumn(row: Rows['columns']): ColumnModel {
  const { name, type, nullable, extra, expression, charset, collation, comment, srid } = row;
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
            expression: expression ?? '',
            kind: generated === 'VIRTUAL' ? 'VIRTUAL' : 'STORED',
          },
    charset,
    collation,
    srid: srid === null ? null : Number(srid),
    comment,
  };
}

function toDefault({ default: value, extra }: Rows['columns']): DefaultModel | null {
  if (value === null) return null;
  const expression = /\bDEFAULT_GENERATED\b/.test(extra);
  // CURRENT_TIMESTAMP is an expression in any case, and 5.7 does not mark it.
  const now = /^(current_timestamp|now)(\(\d*\))?$/i.test(value);
  return expression || now
    ? { value: now ? timestamp(value) : value, expression: true }
    : { value, expression: false };
}

export function toIndex(rows: Group<'indexes'>): IndexModel {
  const [{ name, nonUnique, kind, visible, comment, parser = null }] = rows;
  return {
    name,
    unique: Number(nonUnique) === 0,
    kind,
    parser,
    visible: visible === 'YES',
    comment,
    parts: rows.map(({ columnName, expression, length, direction }) => ({
      column: columnName,
      expression,
      // MySQL reports a length for spatial indexes and long expressions, too, which DDL refuses.
      length: length === null || kind === 'SPATIAL' || columnName === null ? null : Number(length),
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
  return { name, expression: clause, enforced: enforced === 'YES' };
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

export function toView(
  { definition, updatable, ...row }: Rows['views'],
  { database, columns }: { readonly database: string; readonly columns: readonly Rows['columns'][] },
): ViewModel {
  return {
    name: row.name,
    definition: definition === '' ? null : withoutDatabase(definition, database),
    columns: columns.map(({ name }) => name),
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
    sqlMode: row.sqlMode,
  };
}

export function toRoutine(row: Rows['routines'], parameters: readonly Rows['parameters'][]): RoutineModel {
  const { name, kind, returns, body, deterministic, dataAccess, security, comment, sqlMode } = row;
  return {
    name,
    kind,
    parameters: parameters.map(({ name, mode, ...parameter }) => ({
      name,
      mode: kind === 'FUNCTION' ? null : mode,
      type: withCharset(parameter.type, parameter),
    })),
    returns: kind === 'FUNCTION' ? withCharset(returns ?? '', row) : null,
    body,
    deterministic: deterministic === 'YES',
    dataAccess,
    security,
    comment,
    sqlMode,
  };
}

/** The catalogue's type of a parameter leaves out the character set of its text. */
function withCharset(
  type: string,
  { charset, collation }: { readonly charset: string | null; readonly collation: string | null },
): string {
  if (charset === null || / character set | charset /i.test(type)) return type;
  return `${type} character set ${charset}${collation === null ? '' : ` collate ${collation}`}`;
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
    sqlMode: row.sqlMode,
  };
}
