import {
  type FieldNode,
  GraphQLBoolean,
  type GraphQLCompositeType,
  type GraphQLNamedType,
  getNamedType,
  isEnumType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import { maxGroups } from '../../reads/aggregate.ts';
import { pageSize } from '../../reads/page.ts';

/** Rows, or groups of rows, that a field can return with certain variables. */
type Rows = (variables: Readonly<Record<string, unknown>>) => number;

/** Lists of which each element gives a row: ids to look up, rows to create. */
const rowArguments: readonly string[] = ['ids', 'inputs'];

/** The document's defaults of variables. */
type Defaults = ReadonlyMap<string, ValueNode>;

export function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Defaults {
  return new Map(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, defaultValue]],
    ),
  );
}

/** The rows of a page, as reading takes its arguments. */
export function pageRowsOf(field: FieldNode, defaults: Defaults): number | Rows {
  const first = argumentOf(field, 'first', defaults);
  const last = argumentOf(field, 'last', defaults);
  const rows: Rows = (given) =>
    Math.max(0, pageSize({ first: wholeOf(first(given)), last: wholeOf(last(given)) }).size);
  return first.varies || last.varies ? rows : rows({});
}

/** As many rows as a list among a field's arguments has elements; null without such a list. */
export function listRowsOf(field: FieldNode, defaults: Defaults): number | Rows | null {
  const name = field.arguments?.find((each) => rowArguments.includes(each.name.value))?.name.value;
  if (name === undefined) return null;
  const argument = argumentOf(field, name, defaults);
  // Instead of a list of one, GraphQL takes the one itself.
  const rows: Rows = (given) => {
    const value = argument(given);
    return Array.isArray(value) ? value.length : 1;
  };
  return argument.varies ? rows : rows({});
}

/** As many groups as the columns that rows are grouped by can have values together. */
export function groupsOf(field: FieldNode, type: GraphQLCompositeType, defaults: Defaults): number | Rows {
  const groupType = 'getFields' in type ? type.getFields().group?.type : undefined;
  const group = groupType && getNamedType(groupType);
  const columns = isObjectType(group) ? group.getFields() : {};
  const argument = argumentOf(field, 'groupBy', defaults);
  const rows: Rows = (given) => {
    const names = new Set([argument(given) ?? []].flat());
    return [...names].reduce<number>((product, name) => {
      const column = columns[String(name)];
      return Math.min(product * valuesOf(column && getNamedType(column.type)), maxGroups);
    }, 1);
  };
  return argument.varies ? rows : rows({});
}

/** How many values a column can have, null and MySQL's empty item of an enum among them. */
function valuesOf(type: GraphQLNamedType | undefined): number {
  if (isEnumType(type)) return type.getValues().length + 2;
  return type === GraphQLBoolean ? 3 : maxGroups;
}

/** An argument's value by the variables as they came: they are checked after this. */
type Argument = ((given: Readonly<Record<string, unknown>>) => unknown) & { readonly varies: boolean };

function argumentOf(field: FieldNode, name: string, defaults: Defaults): Argument {
  const node = field.arguments?.find((each) => each.name.value === name)?.value;
  if (node?.kind !== Kind.VARIABLE) {
    const value = node && valueFromASTUntyped(node);
    return Object.assign(() => value, { varies: false });
  }
  const variable = node.name.value;
  const literal = defaults.get(variable);
  const otherwise = literal && valueFromASTUntyped(literal);
  const read = (given: Readonly<Record<string, unknown>>) =>
    Object.hasOwn(given, variable) && given[variable] !== undefined ? given[variable] : otherwise;
  return Object.assign(read, { varies: true });
}

/** Another check refuses a value that is no number. */
function wholeOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
