import { ReferenceKind } from '@mikro-orm/core';
import { type ClassType, getMetadataStorage } from 'type-graphql';
import { declaredProperty } from '../../column-types/declared-property.ts';
import { computedNamesOf, type EntityField, fieldsOf } from '../../column-types/entity-fields.ts';
import { tableKeyOf } from '../../column-types/table-key.ts';
import { KeyedRow, KeylessRow, SourceRow } from '../../entities/source-row.ts';
import { type TableNames, tableOf } from '../../entities/table.ts';
import { withoutKey } from '../../errors/declaration-error.ts';
import { EntityError, type EntityFault } from '../../errors/entity-error.ts';
import { getterOf } from '../../reads/computed-fields.ts';
import { fieldFaults } from './check-fields.ts';
import { isGraphqlName } from './graphql-name.ts';

/**
 * Looks at what the decorators of entities say, before types of the API are made of it: these would fail without the name of the entity.
 *
 * @throws EntityError with all faults
 */
export function checkDeclarations(entities: readonly ClassType<object>[]): void {
  const faults = entities.flatMap((entity) => {
    const ofType = [...typeFaults(entity), ...fieldFaults(entity)];
    const table = tableOf(entity);
    // Its fields are asked for what follows.
    if (ofType.length > 0 || table === undefined) return ofType;
    return [...keyFaults(entity), ...optionFaults(entity, table)];
  });
  if (faults.length > 0) throw new EntityError(faults);
}

function typeFaults(entity: ClassType<object>): EntityFault[] {
  const { name } = entity;
  const type = getMetadataStorage().objectTypes.find(({ target }) => target === entity);
  const faults: Omit<EntityFault, 'entity'>[] = [];
  if (!isGraphqlName(name)) {
    faults.push({
      cause: `has the name ${name}, which GraphQL does not allow for a type`,
      remedy: 'name its class with letters, digits and single underscores, and no digit at the start',
    });
  }
  if (type === undefined) {
    faults.push({
      cause: 'has no @ObjectType, so the API has no type for its rows',
      remedy: "put @ObjectType({ simpleResolvers: true, description: '…' }) before the class",
    });
  } else if (type.name !== name) {
    faults.push({
      cause: `has an @ObjectType with the name ${type.name}`,
      remedy: `let @ObjectType have no name, and call the class ${type.name}`,
    });
  }
  if (!(entity.prototype instanceof KeyedRow) && !(entity.prototype instanceof KeylessRow)) {
    faults.push({
      cause: 'does not extend a row, which has the fields id and source',
      remedy: 'extend SourceRow, KeyedRow or KeylessRow of src/entities/source-row.ts',
    });
  }
  return faults.map((fault) => ({ entity: name, ...fault }));
}

function keyFaults(entity: ClassType<object>): EntityFault[] {
  const { name } = entity;
  const { members } = tableKeyOf(entity);
  if (members.length === 0) return [{ entity: name, ...withoutKey }];
  const other = members.find(({ property }) => property !== 'key')?.property;
  if (!(entity.prototype instanceof SourceRow) || other === undefined) return [];
  return [
    {
      entity: name,
      property: other,
      cause: 'is of the primary key, beside the key that SourceRow brings',
      remedy: 'extend KeyedRow, which brings none',
    },
  ];
}

/** A computed field has its value of the columns that are named, which a statement then reads. */
function computedFaults(
  entity: ClassType<object>,
  computed: TableNames['computed'],
  fields: ReadonlyMap<string, EntityField>,
): Omit<EntityFault, 'entity'>[] {
  const { getters, resolvers } = computedNamesOf(entity);
  const ofNames = Object.entries(computed).flatMap(([property, needs]) => {
    const isGetter = getters.includes(property) && getterOf(entity, property) !== undefined;
    if (!isGetter && !resolvers.includes(property)) {
      return {
        property,
        cause: 'is named by computed of @Table, and is none of its kind',
        remedy: 'name a getter of the class that has a @Field, or a @FieldResolver of the entity',
      };
    }
    const kinds = needs.map((need) => [need, fields.get(need)?.kind] as const);
    return kinds
      .filter(([, kind]) => kind === undefined || kind === 'one' || kind === 'many')
      .map(([need]) => ({
        property,
        cause: `is computed of ${need}, which is no column of the API`,
        remedy: 'name columns with a @Field; a relation has a column for its key, or a view joins its row',
      }));
  });
  const withoutColumns = getters
    .filter((property) => !Object.hasOwn(computed, property))
    .map((property) => ({
      property,
      cause: 'has a @Field and no column',
      remedy: `name the columns that it needs: computed: { ${property}: ['…'] } in its @Table, of a getter without arguments`,
    }));
  return [...ofNames, ...withoutColumns];
}

/** The names in `@Table` have to be there, and a table without mutations has no options for them. */
function optionFaults(entity: ClassType<object>, table: TableNames): EntityFault[] {
  const { readOnly, creates, addedTo, notBlank, computed, deleteDescription } = table;
  const fields = new Map(fieldsOf(entity).map((field) => [field.name, field]));
  const faults: Omit<EntityFault, 'entity'>[] = [];
  const named = (property: string, option: string, isFit: boolean, remedy: string) => {
    if (!isFit)
      faults.push({ property, cause: `is named by ${option} of @Table, and is none of its kind`, remedy });
  };
  for (const [relation, singular] of Object.entries(creates)) {
    const isFit = fields.get(relation)?.kind === 'many';
    named(relation, 'creates', isFit, 'name a to-many relation of the entity, with its @Field');
    if (!isGraphqlName(singular)) {
      faults.push({
        property: relation,
        cause: `has the singular "${singular}" in creates of @Table, which GraphQL does not allow in a name`,
        remedy: 'use letters, digits and underscores',
      });
    }
  }
  if (addedTo !== undefined) {
    const kind = declaredProperty(entity, addedTo)?.kind;
    const isFit = fields.get(addedTo)?.kind === 'one' && kind === ReferenceKind.MANY_TO_ONE;
    named(addedTo, 'addedTo', isFit, 'name a many-to-one relation of the entity, with its @Field');
  }
  for (const column of notBlank) {
    const field = fields.get(column);
    const isFit = field?.kind === 'scalar' && field.type() === String;
    named(column, 'notBlank', isFit, 'name a column of text, with its @Field');
  }
  faults.push(...computedFaults(entity, computed, fields));
  const ofMutations = {
    creates: Object.keys(creates).length > 0,
    addedTo: addedTo !== undefined,
    notBlank: notBlank.length > 0,
    deleteDescription: deleteDescription !== undefined,
  };
  for (const [option, isGiven] of Object.entries(ofMutations)) {
    if (!readOnly || !isGiven) continue;
    faults.push({
      cause: `has ${option} in its @Table, which is about mutations, and readOnly: true`,
      remedy: 'remove one of both',
    });
  }
  return faults.map((fault) => ({ entity: entity.name, ...fault }));
}
