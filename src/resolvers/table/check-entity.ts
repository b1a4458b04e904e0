import type { EntityMetadata } from '@mikro-orm/core';
import { getMetadataStorage } from 'type-graphql';
import { fieldsOf } from '../../column-types/entity-fields.ts';
import { mysqlTypeOf } from '../../column-types/mysql-type.ts';
import { tableKeyOf } from '../../column-types/table-key.ts';
import type { TableNames } from '../../entities/table.ts';
import type { EntityFault } from '../../errors/entity-error.ts';
import { isInverse, isToMany, propertyOf } from '../../reads/entity-properties.ts';
import { hiddenRowsOf } from '../../reads/hidden-rows.ts';
import { keyTypes } from '../../sql/key-types.ts';
import { isObjectMember } from '../../util/object-member.ts';
import { entityOptionFaults } from './check-options.ts';

type Fault = Omit<EntityFault, 'entity'>;

/** The faults of an entity as a whole. */
export function entityFaults(meta: EntityMetadata, table: TableNames): EntityFault[] {
  return [
    ...keyFaults(meta, table),
    ...kindFaults(meta, table),
    ...hookFaults(meta),
    ...entityOptionFaults(meta),
    ...softDeleteFaults(meta, table),
  ].map((fault) => ({
    entity: meta.className,
    ...fault,
  }));
}

function keyFaults(meta: EntityMetadata, table: TableNames): Fault[] {
  const { members, place, isNone } = tableKeyOf(meta.class as never);
  if (isNone) return keylessFaults(meta, table);
  const fields = new Set(fieldsOf(meta.class as never).map(({ name }) => name));
  const faults = members.flatMap(({ property }): Fault[] => {
    const declared = propertyOf(meta, property);
    if (!fields.has(property)) {
      return [{ property, cause: 'is of the primary key and has no @Field', remedy: 'give it a @Field' }];
    }
    if (!table.readOnly && declared.generated !== undefined) {
      return [
        {
          property,
          cause: 'is of the primary key and generated, so that nothing would name a new row',
          remedy: 'add readOnly: true to the @Table',
        },
      ];
    }
    const type = declared.targetMeta === undefined ? mysqlTypeOf(declared) : undefined;
    if (type === undefined || keyTypes.has(type.name)) return [];
    return [
      {
        property,
        cause: `is of the primary key and has a column of type ${type.name}, whose values have no exact equality`,
        remedy: 'let the table have a key of integers, texts, bytes or days',
      },
    ];
  });
  if (place === 'key' || meta.properties.key === undefined) return faults;
  return [
    ...faults,
    {
      property: 'key',
      cause: 'has the name of the field that the API has for the primary key, and is not that key',
      remedy: "name it otherwise, with the column's name as its fieldName",
    },
  ];
}

/** Declarations that are impossible where nothing names a row. */
function keylessFaults(meta: EntityMetadata, { readOnly, auditKeys = false }: TableNames): Fault[] {
  const without = (cause: string, remedy: string, property?: string) => ({
    cause: `has no key, and ${cause}`,
    remedy,
    ...(property !== undefined && { property }),
  });
  // The fields themselves know of their roles once a schema has been made.
  const withRoles = getMetadataStorage().authorizedFields.filter(
    ({ target }) => target === meta.class || meta.class.prototype instanceof target,
  );
  return [
    ...(readOnly
      ? []
      : [without('its @Table has mutations, which could name no row', 'add readOnly: true to its @Table')]),
    ...(auditKeys ? [without('its @Table has auditKeys', 'remove it there')] : []),
    ...meta.relations
      .filter((relation) => isToMany(relation) || isInverse(relation))
      .map(({ name }) => without('rows of others cannot refer to its rows', 'remove the relation', name)),
    // Its places are made of all columns that are shown, and in cursors.
    ...withRoles.map(({ fieldName }) =>
      without(
        '@Authorized takes a column from some roles',
        'name the columns of each role in its permissions',
        fieldName,
      ),
    ),
  ];
}

function kindFaults(meta: EntityMetadata, { readOnly }: TableNames): Fault[] {
  const faults: Fault[] = [];
  if (meta.view === true && !readOnly) {
    faults.push({
      cause: 'is a view, and its @Table has mutations',
      remedy: 'add readOnly: true to its @Table',
    });
  }
  if (meta.tableName.includes('.') || meta.schema !== undefined) {
    faults.push({
      cause: 'has a table with a dot in its name, or of another database, which the ORM takes for two names',
      remedy: 'map a view of it in the same database',
    });
  }
  const columns = meta.props.flatMap(({ fieldNames = [] }) => fieldNames);
  const marked = [meta.tableName, ...columns].find((name) => name.includes('?'));
  if (marked !== undefined) {
    faults.push({
      cause: `has the name ${marked} in its table, whose question mark the ORM takes for a parameter`,
      remedy: 'map a view that has another name for it',
    });
  }
  if (isObjectMember(meta.tableName) || columns.includes('__proto__')) {
    faults.push({
      cause:
        'has a table or a column under a name that each object of JavaScript has, where the ORM finds that instead',
      remedy: 'map a view that has another name for it',
    });
  }
  if (meta.discriminatorColumn !== undefined || meta.inheritanceType !== undefined || meta.root !== meta) {
    faults.push({
      cause: 'shares its table with other entities, which the API would mix up',
      remedy: 'map the table by one entity',
    });
  }
  return faults;
}

function softDeleteFaults(meta: EntityMetadata, { softDelete }: TableNames): Fault[] {
  if (softDelete === undefined) return [];
  const property = Object.hasOwn(meta.properties, softDelete) ? propertyOf(meta, softDelete) : undefined;
  const type = property && mysqlTypeOf(property);
  const isTime = (type?.name === 'datetime' || type?.name === 'timestamp') && property?.nullable === true;
  const isFlag = type?.name === 'tinyint' && property?.nullable !== true && property?.default !== undefined;
  if (property !== undefined && property.primary !== true && (isTime || isFlag)) return [];
  return [
    {
      property: softDelete,
      cause: 'is named by softDelete of @Table, and cannot say that a row is deleted',
      remedy: 'name a DATETIME or TIMESTAMP that can be null, or a Boolean with the default false',
    },
  ];
}

/** Hooks that reads and writes would pass over, since neither makes entities of rows. */
function hookFaults(meta: EntityMetadata): Fault[] {
  const filters = hiddenRowsOf(meta).problems.map((cause) => ({
    cause,
    remedy: 'compare columns of the table with values, or map a view that has the condition',
  }));
  const events = Object.entries(meta.hooks ?? {})
    .filter(([, hooks]) => (hooks?.length ?? 0) > 0)
    .map(([event]) => ({
      cause: `has a hook for ${event}, which the API does not run`,
      remedy: 'do it in the database, by a default, a generated column or a trigger',
    }));
  return [...filters, ...events];
}
