import { GraphQLScalarType } from 'graphql';
import { type ClassType, getMetadataStorage } from 'type-graphql';
import { addFields, type Definition, defineInput } from './define.ts';
import type { EntityField } from './fields-of.ts';

const filters = new Map<object, ClassType>();

/** The comparisons of a column's type, such as `StringFilter`; one type for all columns of that type. */
export function filterOf({ type, kind }: EntityField): ClassType {
  const operand = type();
  const known = filters.get(operand);
  if (known !== undefined) return known;
  const name = nameOf(operand);
  const filter = defineInput(`${name}Filter`, `Comparisons of a ${name}; all that are given must hold.`);
  filters.set(operand, filter);
  const one = (operator: string, description: string) => ({ name: operator, description, type });
  const many = (operator: string, description: string) => ({
    name: operator,
    description,
    type: () => [operand],
  });
  const comparisons: Definition[] = [
    one('eq', 'Equal; text without regard to case and accents.'),
    one('ne', 'Not equal, and not null.'),
    many('in', 'Equal to one of these; to none of an empty list.'),
    many('notIn', 'Equal to none of these, and not null.'),
    { name: 'isNull', description: 'Whether there is no value.', type: () => Boolean },
  ];
  if (kind !== 'enum' && kind !== 'boolean') {
    comparisons.push(
      one('lt', 'Less.'),
      one('lte', 'Less or equal.'),
      one('gt', 'Greater.'),
      one('gte', 'Greater or equal.'),
    );
  }
  if (kind === 'text') {
    comparisons.push(
      one('contains', 'Has this text in it; % and _ are text like any other.'),
      one('startsWith', 'Begins with this text; % and _ are text like any other.'),
    );
  }
  addFields(filter, comparisons);
  return filter;
}

function nameOf(operand: object): string {
  if (operand instanceof GraphQLScalarType) return operand.name;
  if (typeof operand === 'function') return operand.name;
  const registered = getMetadataStorage().enums.find(({ enumObj }) => enumObj === operand);
  return registered?.name ?? 'Enum';
}
