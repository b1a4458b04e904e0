import { type ClassType, getMetadataStorage } from 'type-graphql';
import type { Operator } from '../../column-types/column-type.ts';
import { capabilitiesOf } from '../../column-types/column-types.ts';
import { type EntityField, valueTypeOf } from '../../column-types/entity-fields.ts';
import { scalarOf } from '../../column-types/scalar-of.ts';
import { addFields, type Definition, defineInput } from './define.ts';
import { JsonPathCondition } from './json-path-condition.ts';

const itemFilters = new Map<object, ClassType>();
const setFilters = new Map<object, ClassType>();

/** The comparisons of a column's type, such as `StringFilter`; one type for all columns of that type. */
export function filterOf(field: EntityField): ClassType {
  const { type } = field;
  const operand = type();
  // An enum of a SET has other comparisons than that of an ENUM.
  const filters = field.kind === 'enums' ? setFilters : itemFilters;
  const known = filters.get(operand);
  if (known !== undefined) return known;
  const name = `${nameOf(operand)}${field.kind === 'enums' ? 'Set' : ''}`;
  const filter = defineInput(`${name}Filter`, `Comparisons of a ${name}; all that are given must hold.`);
  filters.set(operand, filter);
  addFields(
    filter,
    capabilitiesOf(field).operators.map((operator): Definition => {
      const { description, takes } = operators[operator];
      const types = {
        one: valueTypeOf(field),
        item: type,
        many: () => [operand],
        boolean: () => Boolean,
        paths: () => [JsonPathCondition],
      };
      return { name: operator, description, type: types[takes] };
    }),
  );
  return filter;
}

/** Each operator, and what it is given: a value of the column's type, a list of such, or a Boolean. */
const operators: Readonly<
  Record<
    Operator,
    { readonly takes: 'one' | 'item' | 'many' | 'boolean' | 'paths'; readonly description: string }
  >
> = {
  eq: {
    takes: 'one',
    description: 'Equal; text as its column’s collation has it, mostly without regard to case and accents.',
  },
  ne: { takes: 'one', description: 'Not equal, and not null.' },
  in: { takes: 'many', description: 'Equal to one of these; to none of an empty list.' },
  notIn: { takes: 'many', description: 'Equal to none of these, and not null.' },
  isNull: { takes: 'boolean', description: 'Whether there is no value.' },
  lt: { takes: 'one', description: 'Less.' },
  lte: { takes: 'one', description: 'Less or equal.' },
  gt: { takes: 'one', description: 'Greater.' },
  gte: { takes: 'one', description: 'Greater or equal.' },
  contains: { takes: 'one', description: 'Has this text in it; % and _ are text like any other.' },
  startsWith: { takes: 'one', description: 'Begins with this text; % and _ are text like any other.' },
  endsWith: { takes: 'one', description: 'Ends with this text; % and _ are text like any other.' },
  has: { takes: 'item', description: 'Has this item among its own.' },
  path: { takes: 'paths', description: 'What stands at places of the document: all of these hold.' },
  eqExact: {
    takes: 'one',
    description: 'Equal in each character, with its case, its accents and its blanks.',
  },
};

function nameOf(operand: object): string {
  const scalar = scalarOf(operand);
  if (scalar !== undefined) return scalar.name;
  const registered = getMetadataStorage().enums.find(({ enumObj }) => enumObj === operand);
  return registered?.name ?? 'Enum';
}
