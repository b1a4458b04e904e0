import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLBoolean,
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import { maxGroups } from '../../reads/aggregate.ts';
import { pageSize } from '../../reads/page.ts';
import { type Fragments, fragmentsOf } from '../fragments-of.ts';

/** The cost of an operation with certain variables: about how many values its answer can hold. */
export type Cost = (variables: Readonly<Record<string, unknown>>) => number;

/** The assumed length of a list that is none of rows, such as those of the drift report. */
const listLength = 10;
/** Lists of which each element gives a row: ids to look up, rows to create. */
const rowArguments: readonly string[] = ['ids', 'inputs'];

interface Sum {
  /** The part that does not depend on variables. */
  readonly fixed: number;
  readonly varying: readonly Cost[];
}
interface Parts extends Sum {
  /** Of a connection: what each row of its page costs. */
  readonly ofRow: Sum;
}
interface FieldGroup {
  readonly parent: GraphQLCompositeType;
  readonly nodes: FieldNode[];
}
const nothing: Sum = { fixed: 0, varying: [] };

/**
 * Prepares an operation's cost: each field and each element of a list costs 1, times the rows above it. A page has as many rows as `first` or `last`
 * says, and an aggregate as many groups as `groupBy` can give, so that no answer of rows holds more values. It is prepared once
 * a document; where no variable matters, it is a number.
 */
function costOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Fragments,
): number | Cost {
  const defaults = defaultsOf(operation);

  /** @param lists the rows of a list below that has no arguments */
  function partsOf(
    selectionSets: readonly SelectionSetNode[],
    type: GraphQLCompositeType,
    lists: number | Cost,
  ): Parts {
    const groups = new Map<string, FieldGroup>();
    const visited = new Set<string>();
    for (const selectionSet of selectionSets) collect(selectionSet, type, groups, visited);
    const parts = [...groups.values()].map((group) => ofField(group, lists));
    return { ...sumOf(parts), ofRow: sumOf(parts.map(({ ofRow }) => ofRow)) };
  }

  /**
   * The fields of a selection set by their names in the answer: those of one name are one.
   * https://spec.graphql.org/October2021/#CollectFields()
   *
   * @param visited fragments that have been spread: a second spread adds nothing
   */
  function collect(
    { selections }: SelectionSetNode,
    type: GraphQLCompositeType,
    groups: Map<string, FieldGroup>,
    visited: Set<string>,
  ): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const key = `${type.name}.${(selection.alias ?? selection.name).value}`;
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { parent: type, nodes: [selection] });
        else group.nodes.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const on = typeNamed(selection.typeCondition?.name.value) ?? type;
        collect(selection.selectionSet, on, groups, visited);
      } else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        const fragment = fragments[selection.name.value] as FragmentDefinitionNode;
        const on = typeNamed(fragment.typeCondition.name.value) ?? type;
        collect(fragment.selectionSet, on, groups, visited);
      }
    }
  }

  function typeNamed(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }

  function ofField({ parent, nodes }: FieldGroup, lists: number | Cost): Parts {
    const [field] = nodes as [FieldNode];
    const name = field.name.value;
    const leaf = { fixed: 1, varying: [], ofRow: nothing };
    // Introspection has a limit of its own: it is off in production.
    if (name.startsWith('__')) return leaf;
    const definition = 'getFields' in parent ? parent.getFields()[name] : undefined;
    const type = definition && getNamedType(definition.type);
    if (field.selectionSet === undefined || !isCompositeType(type)) return leaf;
    const given = listRowsOf(field, defaults) ?? lists;
    const { ofRow, ...below } = partsOf(
      nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
      type,
      given,
    );
    const all = (parts: Sum) => ({ ...sumOf([{ fixed: 1, varying: [] }, parts]), ofRow: nothing });
    if (isConnection(type)) return all(sumOf([below, times(ofRow, pageRowsOf(field, defaults))]));
    // A connection's `nodes` and `edges` are the rows of its page.
    if (isConnection(parent) && (name === 'nodes' || name === 'edges')) {
      return { ...nothing, ofRow: all(below) };
    }
    if (definition === undefined || !isListType(getNullableType(definition.type))) return all(below);
    const isAggregate = definition.args.some((argument) => argument.name === 'groupBy');
    return all(times(all(below), isAggregate ? groupsOf(field, type, defaults) : given));
  }

  const root = schema.getRootType(operation.operation);
  if (root == null) return 0;
  const { fixed, varying } = partsOf([operation.selectionSet], root, listLength);
  if (varying.length === 0) return fixed;
  return (given) => varying.reduce((sum, cost) => sum + cost(given), fixed);
}

function isConnection(type: GraphQLCompositeType): boolean {
  return type.name.endsWith('Connection');
}

function sumOf(parts: readonly Sum[]): Sum {
  return {
    fixed: parts.reduce((sum, { fixed }) => sum + fixed, 0),
    varying: parts.flatMap(({ varying }) => varying),
  };
}

function times({ fixed, varying }: Sum, rows: number | Cost): Sum {
  if (typeof rows === 'number') {
    return { fixed: rows * fixed, varying: varying.map((cost) => (given) => rows * cost(given)) };
  }
  const below: Cost = (given) => varying.reduce((sum, cost) => sum + cost(given), fixed);
  return { fixed: 0, varying: [(given) => rows(given) * below(given)] };
}

const known = new WeakMap<OperationDefinitionNode, number | Cost>();

/** The cost of an operation with the variables of a request, as they came. */
export function costWith(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  let cost = known.get(operation);
  if (cost === undefined) {
    cost = costOf(schema, operation, fragmentsOf(document));
    known.set(operation, cost);
  }
  return typeof cost === 'number' ? cost : cost(variables);
}

/** The document's defaults of variables. */
type Defaults = ReadonlyMap<string, ValueNode>;

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Defaults {
  return new Map(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, defaultValue]],
    ),
  );
}

/** The rows of a page, as reading takes its arguments. */
function pageRowsOf(field: FieldNode, defaults: Defaults): number | Cost {
  const first = argumentOf(field, 'first', defaults);
  const last = argumentOf(field, 'last', defaults);
  const rows: Cost = (given) =>
    Math.max(0, pageSize({ first: wholeOf(first(given)), last: wholeOf(last(given)) }).size);
  return first.varies || last.varies ? rows : rows({});
}

/** As many rows as a list among a field's arguments has elements; null without such a list. */
function listRowsOf(field: FieldNode, defaults: Defaults): number | Cost | null {
  const name = field.arguments?.find((each) => rowArguments.includes(each.name.value))?.name.value;
  if (name === undefined) return null;
  const argument = argumentOf(field, name, defaults);
  // Instead of a list of one, GraphQL takes the one itself.
  const rows: Cost = (given) => {
    const value = argument(given);
    return Array.isArray(value) ? value.length : 1;
  };
  return argument.varies ? rows : rows({});
}

/** As many groups as the columns that rows are grouped by can have values together. */
function groupsOf(field: FieldNode, type: GraphQLCompositeType, defaults: Defaults): number | Cost {
  const groupType = 'getFields' in type ? type.getFields().group?.type : undefined;
  const group = groupType && getNamedType(groupType);
  const columns = isObjectType(group) ? group.getFields() : {};
  const argument = argumentOf(field, 'groupBy', defaults);
  const rows: Cost = (given) => {
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
