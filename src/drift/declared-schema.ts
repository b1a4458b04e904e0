import type { EntityMetadata } from '@mikro-orm/core';
import { DatabaseSchema, type DatabaseTable, type MikroORM } from '@mikro-orm/mysql';
import type {
  CheckModel,
  ColumnModel,
  IndexModel,
  SchemaModel,
  TableModel,
} from '../information-schema/model.ts';
import { catalogueType } from '../sql/catalogue-type.ts';
import { literalIn, timestamp } from '../sql/default.ts';
import { keyParts, undeclarableForeignKeys } from './undeclarable-keys.ts';

/**
 * The schema of the entities. Properties that they leave open, such as a comment or a collation, come from the
 * database on the other side, and so never differ, nor do views, triggers, routines and events.
 */
export function schemaOfEntities(
  entityTables: readonly DatabaseTable[],
  beside: SchemaModel,
  fold: (name: string) => string,
): SchemaModel {
  const tables = entityTables
    .map((table) => toTable(table, beside, fold))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { ...beside, tables };
}

/** The tables as MikroORM declares them, without a database. */
export function tablesOfEntities(orm: EntityOrm): DatabaseTable[] {
  const metadata = [...orm.getMetadata().getAll().values()].filter(({ abstract }) => !abstract).map(shielded);
  const tables = DatabaseSchema.fromMetadata(metadata, orm.em.getPlatform(), orm.config).getTables();
  for (const meta of metadata) {
    const table = tables.find(({ name }) => name === meta.tableName);
    shareColumns(meta, table, orm.config);
  }
  return tables;
}

/**
 * Of a column that several properties share, MikroORM takes most from the last one. A property of its own says all of it; and what one
 * of them needs cannot be null.
 */
function shareColumns(
  meta: EntityMetadata,
  table: DatabaseTable | undefined,
  config: EntityOrm['config'],
): void {
  const mapped = meta.props.filter(
    ({ kind, owner, persist }) =>
      persist !== false && (kind === 'scalar' || kind === 'm:1' || (kind === '1:1' && owner)),
  );
  for (const name of new Set(mapped.flatMap(({ fieldNames }) => fieldNames))) {
    const sharing = mapped.filter(({ fieldNames }) => fieldNames.includes(name));
    if (sharing.length < 2) continue;
    const own = sharing.find(({ targetMeta }) => targetMeta === undefined);
    if (own !== undefined) table?.addColumnFromProperty(own, meta, config);
    const column = table?.getColumn(name);
    if (column !== undefined) column.nullable = sharing.every(({ nullable }) => nullable === true);
  }
}

/** The tables that the entities name, those between two of them included. */
export function tableNamesOf(orm: EntityOrm): string[] {
  return tablesOfEntities(orm).map(({ name }) => name);
}

/** The part of an ORM that knows the entities and their dialect. */
export type EntityOrm = Pick<MikroORM, 'getMetadata' | 'em' | 'config'>;

/** MikroORM writes what it infers, such as lengths, into the metadata that it reads; inputs are checked by the same. */
function shielded(meta: EntityMetadata): EntityMetadata {
  return Object.create(meta, { props: { value: meta.props.map((prop) => Object.create(prop)) } });
}

function toTable(
  table: DatabaseTable,
  { tables, defaults }: SchemaModel,
  fold: (name: string) => string,
): TableModel {
  const beside = tables.find(({ name }) => fold(name) === fold(table.name));
  const collation = table.collation ?? beside?.collation ?? defaults.collation;
  const columns = table
    .getColumns()
    .map((column) => toColumn(column, beside?.columns, collation))
    // The order is that in which migrations added them.
    .toSorted((a, b) => position(a, beside) - position(b, beside));
  const declared = Object.values(table.getForeignKeys()).map((key) => ({
    name: key.constraintName,
    columns: key.columnNames,
    references: {
      schema: null,
      table: key.referencedTableName.replace(/^.*\./, ''),
      columns: key.referencedColumnNames,
    },
    onDelete: (key.deleteRule ?? 'NO ACTION').toUpperCase(),
    onUpdate: (key.updateRule ?? 'NO ACTION').toUpperCase(),
  }));
  return {
    name: table.name,
    engine: beside?.engine ?? 'InnoDB',
    collation,
    comment: table.comment ?? beside?.comment ?? '',
    rowFormat: beside?.rowFormat ?? null,
    options: beside?.options ?? [],
    partitioning: beside?.partitioning ?? null,
    columns,
    indexes: indexesOf(table, beside),
    foreignKeys: [...declared, ...undeclarableForeignKeys(beside, tables, declared, fold)],
    checks: checksOf(table, beside, fold),
  };
}

/** No entity can have a check that is not enforced: such a one of the table itself is no difference. */
function checksOf(
  table: DatabaseTable,
  beside: TableModel | undefined,
  fold: (name: string) => string,
): CheckModel[] {
  const declared = table
    .getChecks()
    .map(({ name, expression }) => ({ name, expression: String(expression), enforced: true }));
  const names = new Set(declared.map(({ name }) => fold(name)));
  const others = beside?.checks.filter(({ name, enforced }) => !enforced && !names.has(fold(name))) ?? [];
  return [...declared, ...others];
}

function position({ name }: ColumnModel, beside: TableModel | undefined): number {
  const at = beside?.columns.findIndex((column) => column.name === name) ?? -1;
  return at < 0 ? Number.MAX_SAFE_INTEGER : at;
}

type Column = ReturnType<DatabaseTable['getColumns']>[number];

function toColumn(column: Column, existing: readonly ColumnModel[] = [], collation: string): ColumnModel {
  const beside = existing.find(({ name }) => name.toLowerCase() === column.name.toLowerCase());
  const written =
    column.unsigned && !/unsigned|zerofill/i.test(column.type) ? `${column.type} unsigned` : column.type;
  const { type, srid, ...said } = catalogueType(written, (beside?.collation ?? collation).replace(/_.*/, ''));
  const text = /^(char|varchar|tinytext|text|mediumtext|longtext|enum|set)\b/.test(type);
  const own = said.collation ?? column.collation ?? beside?.collation ?? collation;
  const charset = said.charset?.replace(/^utf8$/, 'utf8mb3') ?? own.replace(/_.*/, '');
  const generated = /^(.*?)\s*(stored|virtual)?$/is.exec(column.generated ?? '');
  return {
    name: column.name,
    type,
    nullable: column.nullable ?? false,
    default: toDefault(column.default),
    autoIncrement: column.autoincrement ?? false,
    onUpdate: /on update (\S+)/i.exec(column.extra ?? '')?.[1]?.toUpperCase() ?? beside?.onUpdate ?? null,
    invisible: beside?.invisible ?? false,
    generated:
      column.generated === undefined
        ? null
        : {
            expression: generated?.[1] ?? '',
            kind: generated?.[2]?.toUpperCase() === 'STORED' ? 'STORED' : 'VIRTUAL',
          },
    charset: text ? charset : null,
    collation: text ? own : null,
    srid: srid ?? beside?.srid ?? null,
    comment: column.comment ?? beside?.comment ?? '',
  };
}

function toDefault(sql: string | null | undefined): ColumnModel['default'] {
  if (sql === undefined || sql === null || sql.toLowerCase() === 'null') return null;
  const literal = literalIn(sql);
  return literal === null
    ? { value: timestamp(sql), expression: true }
    : { value: literal, expression: false };
}

/** The engine decides between BTREE and HASH, and so the database does, as of the engine. */
function kindOf(declared: string, beside: IndexModel | undefined): IndexModel['kind'] {
  if (declared === 'FULLTEXT' || declared === 'SPATIAL') return declared;
  return beside?.kind === 'HASH' ? 'HASH' : 'BTREE';
}

function indexesOf(table: DatabaseTable, beside: TableModel | undefined): IndexModel[] {
  // The ORM marks the column of a key of one; a longer key is an index.
  const marked = table.getColumns().filter((column) => column.primary);
  const primary = table.getPrimaryKey()?.columnNames ?? marked.map(({ name }) => name);
  const declared = table.getIndexes().filter((index) => !index.primary);
  const named = (name: string) => beside?.indexes.find((index) => index.name === name);
  const part = (column: string, length?: number, sort?: string) => ({
    column,
    expression: null,
    length: length ?? null,
    descending: sort?.toUpperCase() === 'DESC',
  });
  return [
    ...(primary.length === 0
      ? []
      : [
          {
            name: 'PRIMARY',
            unique: true,
            kind: 'BTREE' as const,
            parser: null,
            visible: true,
            comment: named('PRIMARY')?.comment ?? '',
            parts: keyParts(
              primary.map((name) => part(name)),
              named('PRIMARY'),
            ),
          },
        ]),
    ...declared.flatMap((index): IndexModel[] => {
      // Written by hand as a statement, which may say anything: only a server reads it.
      if (index.expression !== undefined) {
        const there = named(index.keyName);
        return there === undefined ? [] : [there];
      }
      const type = String(index.type ?? '').toUpperCase();
      return [
        {
          name: index.keyName,
          unique: index.unique,
          kind: kindOf(type, named(index.keyName)),
          parser: named(index.keyName)?.parser ?? null,
          visible: index.invisible === undefined ? (named(index.keyName)?.visible ?? true) : !index.invisible,
          comment: named(index.keyName)?.comment ?? '',
          parts:
            index.columns?.map(({ name, length, sort }) => part(name, length, sort)) ??
            index.columnNames.map((name) => part(name)),
        },
      ];
    }),
  ];
}
