import { Cascade, type EntityMetadata, type EntityProperty } from '@mikro-orm/core';
import { declaredProperty } from '../../column-types/declared-property.ts';
import type { Explanation } from '../../errors/explanation.ts';
import { isToMany } from '../../reads/entity-properties.ts';

/** An option of MikroORM that works where entities are made of rows: reads and writes of the API make none. */
interface PassedOver {
  readonly option: string;
  /** @param declared as the decorators have it: the ORM sets some options by itself */
  readonly isGiven: (property: EntityProperty, declared: Partial<EntityProperty>) => boolean;
  readonly remedy: string;
}

const inDatabase = 'let the database do it, or remove the option';

const ofColumns: readonly PassedOver[] = [
  {
    option: 'version',
    isGiven: ({ version }) => version === true,
    remedy: 'let the database supply it, by DEFAULT or ON UPDATE',
  },
  {
    option: 'concurrencyCheck',
    isGiven: ({ concurrencyCheck }) => concurrencyCheck === true,
    remedy: 'remove it: the argument expected of updates is for that',
  },
  {
    option: 'serializer',
    isGiven: ({ serializer }) => serializer !== undefined,
    remedy: 'let a generated column or a view compute what the API has',
  },
  {
    option: 'serializedName',
    isGiven: ({ serializedName }) => serializedName !== undefined,
    remedy: "call the property so, with the column's name as its fieldName",
  },
  {
    option: 'hidden',
    isGiven: ({ hidden }) => hidden === true,
    remedy: 'remove its @Field, which hides a column from the API, or the option',
  },
  {
    option: 'customOrder',
    isGiven: ({ customOrder }) => customOrder !== undefined,
    remedy: "let the column's ENUM have its items in that order",
  },
];

const ofRelations: readonly PassedOver[] = [
  {
    option: 'where',
    isGiven: ({ where }) => where !== undefined,
    remedy: 'map a view that has the condition',
  },
  {
    option: 'fixedOrder',
    isGiven: (_, declared) => declared.fixedOrder === true || declared.fixedOrderColumn !== undefined,
    remedy: 'map the table between as an entity, with a column to order by',
  },
  {
    option: 'orphanRemoval',
    isGiven: ({ orphanRemoval }) => orphanRemoval === true,
    remedy: inDatabase,
  },
  {
    option: 'cascade',
    isGiven: (property) =>
      isToMany(property) &&
      (property.cascade ?? []).some((each) => each === Cascade.REMOVE || each === Cascade.ALL),
    remedy: "let the foreign key delete them, by deleteRule: 'cascade' at its relation",
  },
  {
    option: 'mapToPk',
    isGiven: ({ mapToPk }) => mapToPk === true,
    remedy: 'remove it: inputs take the key, and the API gives the row',
  },
];

/** An option of a property with a `@Field` that the API would pass over; null where it has none. */
export function optionFault(property: EntityProperty, meta: EntityMetadata): Explanation | null {
  const all = [...ofColumns, ...(property.targetMeta === undefined ? [] : ofRelations)];
  const found = all.find(({ isGiven }) =>
    isGiven(property, declaredProperty(meta.class as never, property.name) ?? {}),
  );
  if (found === undefined) return null;
  return {
    cause: `has the option ${found.option} of the ORM, which the API does not run`,
    remedy: found.remedy,
  };
}

/** The same of an entity. */
export function entityOptionFaults({ orderBy }: EntityMetadata): Explanation[] {
  if (orderBy === undefined || [orderBy].flat().length === 0) return [];
  return [
    {
      cause: 'has the option orderBy of the ORM, which the API does not run',
      remedy: 'remove it: rows are in the order of their keys, lists of a row by orderBy at the relation',
    },
  ];
}
