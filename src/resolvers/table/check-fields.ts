import { type ClassType, getMetadataStorage } from 'type-graphql';
import { scalarOf } from '../../column-types/scalar-of.ts';
import { KeyedRow, KeylessRow } from '../../entities/source-row.ts';
import type { EntityFault } from '../../errors/entity-error.ts';
import { isGraphqlName } from './graphql-name.ts';

type Fault = Omit<EntityFault, 'entity' | 'property'>;
type Field = ReturnType<typeof getMetadataStorage>['fields'][number];

/** The faults in the `@Field`s of an entity, whatever their columns are. */
export function fieldFaults(entity: ClassType<object>): EntityFault[] {
  const rows: readonly unknown[] = [KeyedRow, KeylessRow];
  return getMetadataStorage()
    .fields.filter(({ target }) => target === entity || Object.prototype.isPrototypeOf.call(target, entity))
    .filter(({ target }) => !rows.includes(target))
    .flatMap((field) => {
      const fault = nameFault(field) ?? typeFault(field);
      return fault === null ? [] : [{ entity: entity.name, property: field.name, ...fault }];
    });
}

/** Names of every row, of a filter's logic, and of every object of JavaScript. */
const taken = new Map([
  ...['id', 'source'].map((name) => [name, 'which every row of the API has'] as const),
  ...['and', 'or', 'not'].map((name) => [name, 'which filters have for their logic'] as const),
  ...['true', 'false', 'null'].map((name) => [name, 'which no enum can have, as that of groupBy'] as const),
  ...Object.getOwnPropertyNames(Object.prototype).map(
    (name) => [name, 'which every object of JavaScript has'] as const,
  ),
]);

function nameFault({ name, schemaName }: Field): Fault | null {
  const remedy = "name the property otherwise, with the column's name as its fieldName";
  if (name !== schemaName) {
    return {
      cause: `has a @Field with the name ${schemaName}`,
      remedy: `call the property ${schemaName}, with the column's name as its fieldName`,
    };
  }
  const why = taken.get(name);
  if (why !== undefined) return { cause: `has the name ${name}, ${why}`, remedy };
  if (isGraphqlName(name)) return null;
  return { cause: `has the name ${name}, which GraphQL does not allow`, remedy };
}

function typeFault({ getType, typeOptions }: Field): Fault | null {
  const type = typeOf(getType);
  // Known once the type is.
  const { array = false, nullable } = typeOptions;
  if (typeof nullable === 'string') {
    return {
      cause: `has a @Field with nullable: '${nullable}'`,
      remedy: 'write nullable: true where the column can be null, and nothing otherwise',
    };
  }
  if (type === undefined || type === null) {
    return {
      cause: 'has a @Field whose type is not there',
      remedy:
        'return the type from the function; two files that import each other have none before both are read',
    };
  }
  if (scalarOf(type) !== undefined) {
    if (!array) return null;
    return {
      cause: 'has a @Field of a list of scalars, and no column holds a list of them',
      remedy: 'let it have Json for a column of JSON, or map the values as a table',
    };
  }
  if (typeof type !== 'function') return enumFault(type);
  const { objectTypes } = getMetadataStorage();
  if (objectTypes.some(({ target }) => target === type)) return null;
  return {
    cause: `has a @Field of type ${type.name}, which is no type of the API`,
    remedy: 'let it have a scalar of docs/tables.md, an enum, or an entity',
  };
}

function typeOf(getType: () => unknown): object | null | undefined {
  try {
    return getType() as object;
  } catch {
    return undefined;
  }
}

function enumFault(type: object): Fault | null {
  const registered = getMetadataStorage().enums.find(({ enumObj }) => enumObj === type);
  if (registered === undefined) {
    return {
      cause: 'has a @Field of an enum that is not registered',
      remedy: "make it by enumOf of src/entities/enum-of.ts, or by TypeGraphQL's registerEnumType",
    };
  }
  const odd = Object.keys(type).find((item) => !isGraphqlName(item) || /^(?:true|false|null)$/.test(item));
  if (odd === undefined) return null;
  return {
    cause: `has the enum ${registered.name} with the item ${odd}, which GraphQL does not allow as a name`,
    remedy: 'make the enum by enumOf of src/entities/enum-of.ts, which names such items',
  };
}
