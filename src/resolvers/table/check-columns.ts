import { type EntityProperty, EnumType, t } from '@mikro-orm/core';
import { GraphQLScalarType } from 'graphql';
import type { EntityFault } from '../../errors/entity-error.ts';
import type { EntityField } from '../types/fields-of.ts';

type Fault = Pick<EntityFault, 'problem' | 'remedy'>;

/** Column types that are read, compared, paged, aggregated and written exactly, each with the type of its `@Field`. */
const served: readonly { readonly column: RegExp; readonly fields: readonly string[] }[] = [
  { column: /^(?:var)?char\(\d+\)$|^(?:tiny|medium|long)?text(?:\(\d+\))?$/, fields: ['String'] },
  { column: /^tinyint\(1\)$/, fields: ['Boolean', 'Int'] },
  { column: /^(?:tinyint|smallint|mediumint)(?:\(\d+\))?(?: unsigned)?$/, fields: ['Int'] },
  // An unsigned one holds more than GraphQL's Int: https://spec.graphql.org/October2021/#sec-Int
  { column: /^int(?:eger)?(?:\(\d+\))?$|^year(?:\(4\))?$/, fields: ['Int'] },
  { column: /^double(?: precision)?$/, fields: ['Float'] },
  { column: /^date$/, fields: ['LocalDate'] },
  { column: /^enum\(/, fields: ['enum'] },
];

/** Types of the ORM that hold what the driver gives: those of others convert, which reads pass over. */
const plainTypes: readonly unknown[] = [
  t.boolean,
  t.date,
  t.double,
  t.integer,
  t.mediumint,
  t.smallint,
  t.string,
  t.text,
  t.tinyint,
  EnumType,
];

/** As MySQL spells it, in lower case: `int unsigned`. The ORM may keep the sign apart. */
export function columnTypeOf({ columnTypes, unsigned }: EntityProperty): string | undefined {
  const type = columnTypes?.[0]?.toLowerCase();
  if (type === undefined || unsigned !== true || !/^[a-z]*int\b(?!.* unsigned)/.test(type)) return type;
  return `${type} unsigned`;
}

/** What is wrong with a column that has a `@Field`; null where nothing is. */
export function columnFault(property: EntityProperty, field: EntityField): Fault | null {
  const { customType, persist, items } = property;
  const type = columnTypeOf(property);
  if (persist === false || type === undefined) {
    return { problem: 'has a @Field and no column', remedy: 'let a generated column or a view compute it' };
  }
  const fields = served.find(({ column }) => column.test(type))?.fields;
  if (fields === undefined) {
    return {
      problem: `has a column of type ${type.replace(/\(.*\)/, '')}, which the API does not serve yet`,
      remedy: 'remove its @Field: the column is then hidden',
    };
  }
  const given = graphqlNameOf(field);
  if (!fields.includes(given)) {
    return {
      problem: `has a column of type ${type} and a @Field of type ${given}`,
      remedy: `let the @Field have ${fields.join(' or ')}`,
    };
  }
  if (customType !== undefined && !plainTypes.includes(customType.constructor)) {
    return {
      problem: `has the custom type ${customType.constructor.name}, whose conversions reads do not run`,
      remedy: "use a type of MikroORM's own for the column",
    };
  }
  return field.kind === 'enum' ? enumFault(items ?? [], field) : null;
}

/**
 * MySQL sorts an ENUM by the position of its items and compares it as text, so that paging needs both to agree, whichever
 * collation the column has. https://dev.mysql.com/doc/refman/8.4/en/enum.html#enum-sorting
 */
function enumFault(items: readonly unknown[], field: EntityField): Fault | null {
  const texts = items.map(String);
  const known = Object.values(field.type());
  const missing = texts.filter((item) => !known.includes(item));
  if (missing.length > 0) {
    return {
      problem: `has an item that its @Field's enum lacks: ${missing.join(', ')}`,
      remedy: 'let the column and the @Field have the same enum',
    };
  }
  const ascends = texts.every((item, at) => at === 0 || isBefore(texts[at - 1] as string, item));
  if (ascends) return null;
  return {
    problem: 'has an ENUM whose items do not ascend as text, by which pages would lose rows',
    remedy: 'list its items in alphabetical order, in the entity and in the table',
  };
}

function isBefore(one: string, other: string): boolean {
  return one < other && one.localeCompare(other, 'en', { sensitivity: 'base' }) < 0;
}

function graphqlNameOf(field: EntityField): string {
  const type = field.type();
  if (field.kind === 'enum') return 'enum';
  return type instanceof GraphQLScalarType || typeof type === 'function' ? type.name : 'another type';
}
