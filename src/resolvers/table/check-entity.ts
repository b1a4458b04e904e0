import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { mysqlTypeOf } from '../../column-types/mysql-type.ts';
import type { TableNames } from '../../entities/table.ts';
import type { EntityFault } from '../../errors/entity-error.ts';
import { hiddenRowsOf } from '../../reads/hidden-rows.ts';
import { propertyOf } from '../../reads/properties.ts';

type Fault = Omit<EntityFault, 'entity'>;

/** What is wrong with an entity as a whole. */
export function entityFaults(meta: EntityMetadata, table: TableNames): EntityFault[] {
  return [
    ...keyFaults(meta),
    ...kindFaults(meta, table),
    ...hookFaults(meta),
    ...softDeleteFaults(meta, table),
  ].map((fault) => ({
    entity: meta.className,
    ...fault,
  }));
}

function keyFaults({ primaryKeys, properties }: EntityMetadata): Fault[] {
  const key = properties.key as EntityProperty | undefined;
  if (primaryKeys.join() === 'key' && key !== undefined && isInt(key)) return [];
  const [first] = primaryKeys;
  const property = primaryKeys.length === 1 && first !== undefined ? { property: first } : {};
  return [
    {
      ...property,
      problem: `has the primary key (${primaryKeys.join(', ')}), and the API serves one column of type INT under the name key`,
      remedy: 'extend SourceRow, and let the table have such a key',
    },
  ];
}

function isInt(key: EntityProperty): boolean {
  const type = mysqlTypeOf(key);
  return type?.name === 'int' && !type.isUnsigned;
}

function kindFaults(meta: EntityMetadata, { readOnly }: TableNames): Fault[] {
  const faults: Fault[] = [];
  if (meta.virtual === true) {
    faults.push({ problem: 'has an expression and no table', remedy: 'make it a view, with readOnly: true' });
  } else if (meta.view === true && !readOnly) {
    faults.push({
      problem: 'is a view, and its @Table has mutations',
      remedy: 'add readOnly: true to its @Table',
    });
  }
  if (meta.discriminatorColumn !== undefined || meta.root !== meta) {
    faults.push({
      problem: 'shares its table with other entities, which the API would mix up',
      remedy: 'map the table by one entity',
    });
  }
  return faults;
}

function softDeleteFaults(meta: EntityMetadata, { softDelete, readOnly }: TableNames): Fault[] {
  if (softDelete === undefined || readOnly) return [];
  const property = Object.hasOwn(meta.properties, softDelete) ? propertyOf(meta, softDelete) : undefined;
  const type = property && mysqlTypeOf(property);
  const isTime = (type?.name === 'datetime' || type?.name === 'timestamp') && property?.nullable === true;
  const isFlag = type?.name === 'tinyint' && property?.nullable !== true && property?.default !== undefined;
  if (property !== undefined && property.primary !== true && (isTime || isFlag)) return [];
  return [
    {
      property: softDelete,
      problem: 'is named by softDelete of @Table, and cannot say that a row is deleted',
      remedy: 'name a DATETIME or TIMESTAMP that can be null, or a Boolean with the default false',
    },
  ];
}

/** What reads and writes would pass over, since neither makes entities of rows. */
function hookFaults(meta: EntityMetadata): Fault[] {
  const filters = hiddenRowsOf(meta).problems.map((problem) => ({
    problem,
    remedy: 'compare columns of the table with values, or map a view that has the condition',
  }));
  const events = Object.entries(meta.hooks ?? {})
    .filter(([, hooks]) => (hooks?.length ?? 0) > 0)
    .map(([event]) => ({
      problem: `has a hook for ${event}, which the API does not run`,
      remedy: 'do it in the database, by a default, a generated column or a trigger',
    }));
  return [...filters, ...events];
}
