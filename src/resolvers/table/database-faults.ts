import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { columnTypeOf, primaryKeyOf } from '../../column-types/column-types.ts';
import { type EntityField, fieldsOf } from '../../column-types/entity-fields.ts';
import { mysqlTypeOf } from '../../column-types/mysql-type.ts';
import { tableOf } from '../../entities/table.ts';
import type { EntityFault } from '../../errors/entity-error.ts';
import { isColumn, propertyOf } from '../../reads/entity-properties.ts';
import { type MysqlType, parseMysqlType } from '../../sql/mysql-type.ts';

/** A column as the catalogue of a database has it; numbers are 0 or 1. */
export interface CatalogueColumn {
  readonly tableName: string;
  readonly name: string;
  readonly type: string;
  readonly isNullable: number;
  /** Whether a new row gets a value of it by itself: a default, a number, what is generated. */
  readonly isSupplied: number;
  readonly isView: number;
  /** Whether the server takes names of tables for equal whatever their case. */
  readonly foldsNames: number;
}

type DatabaseFault = Pick<EntityFault, 'entity' | 'property' | 'cause'>;

/** Faults of the entities that cannot work with the tables of a database. A difference that changes no answer, such as an index, is for `tandem drift`. */
export function databaseFaults(
  tables: readonly EntityMetadata[],
  columns: readonly CatalogueColumn[],
): DatabaseFault[] {
  const folds = columns.some(({ foldsNames }) => foldsNames === 1);
  const fold = (name: string) => (folds ? name.toLowerCase() : name);
  const found = Map.groupBy(columns, ({ tableName }) => fold(tableName));
  return tables.flatMap((meta) => {
    const own = found.get(fold(meta.tableName));
    if (own !== undefined) return tableFaults(meta, own);
    const other = columns.find(({ tableName }) => tableName.toLowerCase() === meta.tableName.toLowerCase());
    const why =
      other === undefined
        ? 'is not there, or hidden from the account'
        : `is not there: the server takes ${other.tableName} for another name`;
    return [{ entity: meta.className, cause: `has the table ${meta.tableName}, which ${why}` }];
  });
}

function tableFaults(meta: EntityMetadata, columns: readonly CatalogueColumn[]): DatabaseFault[] {
  const found = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const mapped = meta.props.filter((property) => isColumn(property) && property.persist !== false);
  const names = new Set(mapped.flatMap(({ fieldNames }) => fieldNames.map((name) => name.toLowerCase())));
  const isWritten = tableOf(meta.class as never)?.readOnly !== true && !columns.some(({ isView }) => isView);
  return [
    ...mapped.flatMap((property) => {
      const causes = property.fieldNames.flatMap((name, at) => {
        const column = found.get(name.toLowerCase());
        if (column === undefined) return `has the column ${name}, which ${meta.tableName} lacks`;
        return typeFault(meta, property, at, column) ?? nullFault(property, column) ?? [];
      });
      return causes.map((cause) => ({ entity: meta.className, property: property.name, cause }));
    }),
    ...columns
      .filter(({ name }) => isWritten && !names.has(name.toLowerCase()))
      .filter(({ isNullable, isSupplied }) => !isNullable && !isSupplied)
      .map(({ name }) => ({
        entity: meta.className,
        cause: `lacks the column ${name} of ${meta.tableName}, which has no default, so that no row can be created`,
      })),
  ];
}

/** A column's values go through SQL as its type and its field say. */
function typeFault(
  meta: EntityMetadata,
  property: EntityProperty,
  at: number,
  column: CatalogueColumn,
): string | null {
  const served = servedAs(meta, property, at);
  if (served === undefined) return null;
  const [declared, found] = [served.type, parseMysqlType(column.type)];
  const differs = `is ${declared.name}${declared.isUnsigned ? ' unsigned' : ''} in the entity, and ${column.type} in the database`;
  if (declared.items.length > 0 && declared.name === found.name) {
    const [more] = found.items.filter((item) => !declared.items.includes(item));
    const [fewer] = declared.items.filter((item) => !found.items.includes(item));
    if (more !== undefined) return `lacks the item ${more}, which its column has`;
    if (fewer !== undefined) return `has the item ${fewer}, which its column lacks`;
  }
  // A width of TINYINT is one of display alone: rows of both have 0 and 1.
  if (declared.name === 'tinyint' && found.name === 'tinyint') {
    return declared.isUnsigned === found.isUnsigned ? null : differs;
  }
  return columnTypeOf(found, served.field) === columnTypeOf(declared, served.field) ? null : differs;
}

/** The type and the field of a property's column: a foreign key's are those of the key that it holds. Undefined for a hidden column. */
function servedAs(
  meta: EntityMetadata,
  property: EntityProperty,
  at: number,
): { readonly type: MysqlType; readonly field: EntityField } | undefined {
  const target = property.targetMeta;
  if (target === undefined) {
    const type = mysqlTypeOf(property);
    const field = fieldsOf(meta.class as never).find(({ name }) => name === property.name);
    return type === undefined || field === undefined ? undefined : { type, field };
  }
  const referenced = property.referencedColumnNames[at] as string;
  for (const { property: name } of primaryKeyOf(target).members) {
    const of = propertyOf(target, name);
    const place = of.fieldNames.indexOf(referenced);
    if (place >= 0) return servedAs(target, of, place);
  }
  return undefined;
}

/** Each column of a longer foreign key can refuse null: with one that takes it, the relation leads to no row. */
function nullFault(property: EntityProperty, column: CatalogueColumn): string | null {
  const { nullable = false, fieldNames, generated } = property;
  if (column.isView || generated !== undefined || fieldNames.length > 1) return null;
  if (!nullable && column.isNullable) return 'cannot be null in the entity, and can in the database';
  if (nullable && !column.isNullable) return 'can be null in the entity, and not in the database';
  return null;
}
