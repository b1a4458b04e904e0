import type { EntityMetadata, MetadataStorage } from '@mikro-orm/core';
import { type ClassType, getMetadataStorage } from 'type-graphql';
import { type TableNames, tableOf } from '../../entities/table.ts';
import { EntityError, type EntityFault } from '../../errors/entity-error.ts';
import { entityFaults } from './check-entity.ts';
import { propertyFaults } from './check-properties.ts';
import { isGraphqlName } from './graphql-name.ts';
import { rootFieldsOf } from './names.ts';

/**
 * Looks at every entity before the first request: what the API cannot serve exactly is refused here, since a wrong answer is
 * worse than a server that does not start.
 *
 * @throws EntityError with all faults
 */
export function checkTables(metadata: MetadataStorage, checked: readonly ClassType<object>[]): void {
  const faults = checked.flatMap((entity) => {
    const table = tableOf(entity);
    if (table === undefined) return [noTable(entity)];
    const meta = metadata.get(entity) as EntityMetadata;
    return [
      ...nameFaults(entity, table),
      ...entityFaults(meta, table),
      ...propertyFaults(meta, table, checked),
    ];
  });
  if (faults.length > 0) throw new EntityError(faults);
}

function noTable({ name }: ClassType): EntityFault {
  return {
    entity: name,
    cause: 'has no @Table, so the API has no fields for it',
    remedy: "put @Table({ many: '…' }) before the class, with the name of the field that lists its rows",
  };
}

function nameFaults(entity: ClassType, table: TableNames): EntityFault[] {
  const { queries, mutations } = getMetadataStorage();
  const all = [...queries, ...mutations].map(({ schemaName }) => schemaName);
  const faults = rootFieldsOf(table).flatMap((field): EntityFault[] => {
    if (!isGraphqlName(field)) {
      return [
        {
          entity: entity.name,
          cause: `has a @Table that gives a field the name "${field}", which GraphQL does not allow`,
          remedy: 'use letters, digits and single underscores, and no digit at the start',
        },
      ];
    }
    if (all.filter((name) => name === field).length < 2) return [];
    return [
      {
        entity: entity.name,
        cause: `has a @Table that gives a field the name ${field}, which another field has`,
        remedy: 'name it otherwise by `one` or `many`',
      },
    ];
  });
  // One name brings several fields.
  return faults.slice(0, 1);
}
